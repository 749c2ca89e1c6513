/** Colouring: one photo or many, by one strategy or several. */
import { word } from "../ground/words.js";
import { Problem } from "../service/api.js";
import { keep } from "../state/keep.js";
import { changed, chosen, say, state, wantsColor } from "../state/state.js";
import { fill } from "./coloring.js";

/** Colour all photos that want it. */
export async function colorizeAll(photos = state.photos.filter(wantsColor)) {
	const run = new AbortController();
	Object.assign(state, { run, tool: null });
	try {
		for (const [index, photo] of photos.entries()) {
			say(photos.length > 1 ? word("coloring-one-of", { n: index + 1, all: photos.length }) : word("coloring"));
			await colorizeOne(photo, chosen(), run.signal);
		}
		say(summaryOf(photos));
	} catch (error) {
		if (error.name !== "AbortError") throw error;
		say(word("stopped"));
	} finally {
		if (state.run === run) state.run = null;
	}
}

/** Colour a photo by each strategy that has not done so yet; one failure does not stop the others. */
async function colorizeOne(photo, strategies, signal) {
	const resultBy = (strategy) => photo.results.find((result) => result.strategy === strategy) ?? { strategy };
	Object.assign(photo, { state: "working", problem: null, results: strategies.map(resultBy) });
	try {
		for (const result of photo.results.filter(({ url }) => !url)) {
			changed();
			await fill(result, photo, signal).catch((error) => {
				if (!(error instanceof Problem)) throw error;
				photo.problem = error;
			});
		}
	} finally {
		photo.results = photo.results.filter(({ url }) => url);
		photo.state = photo.results.length ? "done" : photo.problem ? "failed" : "ready";
		keep(photo);
		changed();
	}
}

function summaryOf(photos) {
	const done = photos.filter(({ results }) => results.length).length;
	if (photos.length > 1) return word("all-done", { done, all: photos.length });
	return done ? word("compare-now") : "";
}
