/** The whole view of the state: which parts are there, and what they say. */
import { button, byId } from "../ground/dom.js";
import { decimal, word } from "../ground/words.js";
import { chosen, running, state, wantsColor } from "../state/state.js";
import { attempt } from "../work/attempt.js";
import { deliver, fileOf } from "../work/save.js";
import { canFilm, canShare } from "../work/share.js";
import { showCorrections } from "./corrections.js";
import { showList } from "./list.js";
import { showLooks } from "./looks.js";
import { confidenceWords, showMessages } from "./messages.js";
import { showNetworks } from "./networks.js";
import { show } from "./viewer.js";

/** Bring the page up to date with the state. */
export function render() {
	const focused = document.activeElement;
	showParts(state.current?.results.filter(({ url }) => url) ?? []);
	showMessages();
	showNetworks();
	showList();
	if (state.current) showPhoto(state.current);
	showCorrections();
	keepFocus(focused);
}

/** The format that the visitor chose for downloads. */
export const format = () => byId("format").value;

function showParts(results) {
	const { photos, current, tool } = state;
	const run = running();
	const still = current && !current.film;
	const wanting = photos.some(wantsColor);
	const visible = {
		welcome: !current,
		viewer: current,
		title: current,
		kept: photos.some(({ url }) => url),
		rotate: still && !results.length && !run,
		shrink: current?.state === "oversize",
		colorize: !run && (wanting || !results.length),
		cancel: run,
		download: results.length === 1 && !run,
		formats: still && results.length,
		tools: still && current.state === "done",
		sharing: still && results.length,
		share: still && results.length === 1 && !tool && canShare(),
		film: canFilm(),
		correct: current?.state === "done" && !run,
		"save-all": photos.filter(({ state: stage, film }) => stage === "done" && !film).length > 1,
		history: tool || current?.past.length || current?.future.length,
		finish: tool,
	};
	for (const [id, on] of Object.entries(visible)) byId(id).hidden = !on;
	for (const control of document.querySelectorAll("[data-idle]")) control.disabled = Boolean(run);
	byId("colorize").disabled = !wanting || !chosen().length;
	byId("in-browser").textContent = word(photos.some(({ unkept }) => unkept) ? "no-room" : "in-browser");
	byId("undo").disabled = !current?.past.length;
	byId("redo").disabled = !current?.future.length;
	byId("panel-colorizer").dataset.state = current?.state ?? "empty";
	document.body.classList.toggle("at-work", Boolean(current));
}

function showPhoto(photo) {
	show(photo, captionOf);
	showLooks();
	byId("note").textContent = noteOf(photo);
	byId("name").textContent = photo.name;
	const [{ strategy, confidence }, ...more] = [...photo.results.filter(({ url }) => url), {}];
	byId("confidence").textContent =
		more.length === 1 ? word("colored-by", { sure: confidenceWords(confidence), title: strategy.title }) : "";
}

function noteOf({ state: stage, original, colored, results, unseen, unplayable }) {
	if (stage === "oversize") {
		const { max_upload_bytes: bytes, max_pixels: pixels } = state.limits;
		const values = { size: original.size / 2 ** 20, most: bytes / 2 ** 20, pixels: pixels / 1e6 };
		return word("oversize", Object.fromEntries(Object.entries(values).map(([key, value]) => [key, decimal(value)])));
	}
	if (unseen && !results.length) return word("film-unseen");
	if (unplayable) return word("film-unplayable");
	if (results[0]?.partly) return word("film-partly");
	return colored || results[0]?.colored ? word("in-color-already") : "";
}

/** What stands under a result that has others beside it. */
function captionOf(result) {
	const { title } = result.strategy;
	const label = { className: "quiet", ariaLabel: word("download-of", { title }) };
	const save = () => attempt(() => deliver(fileOf(state.current, result, format())));
	return [`${title}: ${confidenceWords(result.confidence)} `, button(word("download"), save, label)];
}

/** Where the focused button has gone, focus goes to what the visitor will want next. */
function keepFocus(focused) {
	if (focused === document.body || focused.offsetParent) return;
	const next = ["spot-add", "cancel", "download", "colorize", "choose"].map(byId);
	next.find(({ offsetParent, disabled }) => offsetParent && !disabled)?.focus();
}
