/** The list of several photos, each with its state. */
import { button, byId, make } from "./dom.js";
import { problemText } from "./messages.js";

const STATES = { ready: "Ready", oversize: "Too large", working: "Colouring …", done: "Done" };
const rows = new WeakMap();

/**
 * Bring the list up to date.
 * @param {import("./photo.js").Photo[]} photos
 * @param {import("./photo.js").Photo|null} current the one on the page
 * @param {Function} open called with a photo to show
 * @param {Function} save called with a photo to download
 */
export function showList(photos, current, open, save) {
  for (const photo of photos) {
    if (!rows.has(photo)) rows.set(photo, newRow(photo, open, save));
    update(rows.get(photo), photo, photo === current);
  }
  const wanted = photos.map((photo) => rows.get(photo));
  // Put anew only where photos came or went: a row that is moved loses its focus.
  const list = byId("photos");
  if (wanted.some((row, index) => row !== list.children[index])) list.replaceChildren(...wanted);
}

function newRow(photo, open, save) {
  const label = { className: "quiet", ariaLabel: `Download ${photo.name} in colour` };
  return make(
    "li",
    {},
    button("", () => open(photo), { className: "open" }),
    make("span", { className: "state" }),
    button("Download", () => save(photo), label),
  );
}

function update({ children: [open, stateText, save] }, { name, url, state, problem }, isCurrent) {
  if (!open.textContent || open.firstChild.src !== url) {
    open.replaceChildren(...(url ? [make("img", { src: url, alt: "" })] : []), name);
  }
  open.disabled = !url;
  open.ariaCurrent = String(isCurrent);
  stateText.replaceChildren(...(problem ? problemText(problem) : [STATES[state]]));
  save.hidden = state !== "done";
}
