/** The photos of this visit, each with its state and what can be done about it. */
import { button, byId, make, setChildren } from "../ground/dom.js";
import { word } from "../ground/words.js";
import { state } from "../state/state.js";
import { attempt } from "../work/attempt.js";
import { makeSmaller, remove, show } from "../work/photos.js";
import { colorizeAll } from "../work/run.js";
import { saveOne } from "../work/save.js";
import { problemText } from "./messages.js";

const rows = new WeakMap();

/** Bring the list up to date. */
export function showList() {
	const { photos, current } = state;
	byId("list").hidden = photos.length < (current ? 2 : 1);
	for (const photo of photos) {
		if (!rows.has(photo)) rows.set(photo, newRow(photo));
		update(rows.get(photo), photo);
	}
	setChildren(byId("photos"), photos.map((photo) => rows.get(photo)));
	showSummary(photos);
}

function showSummary(photos) {
	const done = photos.filter(({ state: stage }) => stage === "done").length;
	const need = photos.filter(({ state: stage }) => ["refused", "failed", "oversize"].includes(stage)).length;
	const counts = { done, all: photos.length, need };
	byId("summary").textContent = word(need ? "summary-need" : "summary", counts);
	Object.assign(byId("progress"), { max: photos.length || 1, value: done });
}

function newRow(photo) {
	return make(
		"li",
		{},
		button("", () => show(photo), { className: "open" }),
		make("span", { className: "state" }),
		make("span", { className: "help" }),
		button("×", () => remove(photo), { className: "quiet", ariaLabel: word("remove-photo", { name: photo.name }) }),
	);
}

function update({ children: [open, stateText, help] }, photo) {
	const { name, thumbnail, url, state: stage, problem } = photo;
	if (!open.textContent || open.firstChild.src !== thumbnail) {
		open.replaceChildren(...(thumbnail ? [make("img", { src: thumbnail, alt: "" })] : []), name);
	}
	open.disabled = !url;
	open.ariaCurrent = String(photo === state.current);
	const text = problem ? problemText(problem) : [word(STATES[stage])];
	stateText.replaceChildren(...text);
	if (help.stage !== stage) help.replaceChildren(...actionsFor(photo));
	help.stage = stage;
}

const STATES = {
	ready: "state-ready",
	oversize: "state-oversize",
	working: "coloring",
	done: "state-done",
	failed: "state-failed",
	refused: "state-failed",
};

/** What helps a photo on: its download where it is done, else what it needs. */
function actionsFor(photo) {
	const act = (label, work) => [
		button(word(label), () => attempt(work), { className: "quiet", ariaLabel: `${word(label)}: ${photo.name}` }),
	];
	if (photo.state === "done") return act("download", () => saveOne(photo));
	if (photo.state === "failed") return act("try-again", () => colorizeAll([photo]));
	if (photo.state === "oversize") return act("make-smaller", () => makeSmaller(photo));
	return [];
}
