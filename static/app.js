/** Puts the page together: what is shown follows the state, and every button has its work. */
import { byId, onClick } from "./ground/dom.js";
import { word } from "./ground/words.js";
import { onChange, running, say, state, takes } from "./state/state.js";
import { attempt } from "./work/attempt.js";
import { bringBack, startCorrecting, stopCorrecting, takeBack } from "./work/correct.js";
import { addFiles, forgetEverything, knowService, makeSmaller, restore, rotate, startOver } from "./work/photos.js";
import { colorizeAll } from "./work/run.js";
import { deliver, fileOf, saveAll, saveOne } from "./work/save.js";
import { comparison, copy, film, share } from "./work/share.js";
import { startCorrections } from "./view/corrections.js";
import { startKeys } from "./view/keys.js";
import { startLooks } from "./view/looks.js";
import { format, render } from "./view/panel.js";
import { readAhead, startTabs } from "./view/tabs.js";
import { startViewer } from "./view/viewer.js";
import { acceptFiles } from "./view/ways_in.js";

const marked = () => byId("mark").checked;

const actions = {
	colorize: () => colorizeAll(),
	rotate,
	shrink: () => makeSmaller(),
	download: () => saveOne(state.current, format()),
	"save-all": () => saveAll(format()),
	share: () => deliver(fileOf(state.current, state.current.results[0], format()), share),
	copy: async () => {
		await copy(state.current, marked());
		say(word("copied"));
	},
	comparison: () => deliver(comparison(state.current, marked())),
	film: () => deliver(film(state.current, marked())),
	forget: forgetEverything,
};

// What is done at once, and cannot fail.
const steps = { new: startOver, correct: startCorrecting, cancel: () => running().abort(), undo: takeBack, redo: bringBack, finish: stopCorrecting };

onChange(render);
startTabs();
startViewer();
startCorrections();
startLooks();
startKeys();
acceptFiles((files) => attempt(() => addFiles(files, knowAll)));
for (const [id, work] of Object.entries(actions)) onClick(id, () => attempt(work));
for (const [id, work] of Object.entries(steps)) onClick(id, work);
let more = null; // what only some services offer, once it is loaded
attempt(start).then(readAhead);

async function start() {
	await knowAll();
	await restore();
}

async function knowAll() {
	await knowService();
	await (more ??= startMore());
}

/** What only some services offer is loaded only there. */
async function startMore() {
	if (takes("images")) (await import("./view/shelf.js")).startShelf();
	if (takes("film")) (await import("./film/panel.js")).startFilms();
}
