/** The list of several photos, each with its state. */
import { button, byId, make, setChildren } from "./dom.js";
import { problemText } from "./messages.js";

const STATES = { ready: "Ready", oversize: "Too large", working: "Colouring …", done: "Done" };
const rows = new WeakMap();

/** Bring the list up to date; `current` is the photo on the page, `open` shows one, `save` downloads one. */
export function showList(photos, current, open, save) {
	for (const photo of photos) {
		if (!rows.has(photo)) rows.set(photo, newRow(photo, open, save));
		update(rows.get(photo), photo, photo === current);
	}
	setChildren(byId("photos"), photos.map((photo) => rows.get(photo)));
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
	save.disabled = state !== "done";
}
