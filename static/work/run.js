/** Colouring: one photo or many, by one strategy or several. */
import { word } from "../ground/words.js";
import { thumbnailOf } from "../photo/photo.js";
import { Problem, colorize } from "../service/api.js";
import { hintsOf, wishOf } from "../state/edits.js";
import { keep } from "../state/keep.js";
import { changed, chosen, say, state, takes, wantsColor } from "../state/state.js";
import { maskOf } from "./mask.js";

/** Colour all photos that want it; films beside them, since those take long. */
export async function colorizeAll(photos = state.photos.filter(wantsColor)) {
	for (const photo of photos) if (photo.film) state.films.colorize(photo);
	await colorizePhotos(photos.filter(({ film }) => !film));
}

async function colorizePhotos(photos) {
	if (!photos.length) return;
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
export async function colorizeOne(photo, strategies, signal) {
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

/** Fill a result of a photo with the colours of its strategy. */
export async function fill(result, photo, signal) {
	if (photo.film) return state.films.fill(result, photo, signal);
	const wish = wishOf(photo);
	const answer = await colorize(photo.original, photo.name, await fieldsOf(photo, result.strategy), signal);
	const old = result.url;
	Object.assign(result, answer, { wish, url: URL.createObjectURL(answer.blob) });
	if (old) setTimeout(() => URL.revokeObjectURL(old), 1000); // until the new picture has replaced it
	if (result === photo.results[0]) photo.thumbnail = await thumbnailOf(answer.blob);
}

/** The fields with which the service colours this photo as the visitor wants it, but for the look. */
export async function fieldsOf(photo, { name }) {
	const { edits, turns } = photo;
	return {
		strategy: name,
		turn: turns ? 90 * turns : undefined,
		hints: hintsOf(edits),
		mask: edits.strokes.length ? await maskOf(photo) : undefined,
		reference: edits.reference ?? undefined,
	};
}

/** The look that the page shows with filters of its own and the service makes for downloads. */
export const lookOf = ({ edits: { saturation, warmth } }) => ({
	saturation: saturation === 1 ? undefined : saturation,
	warmth: warmth && takes("warmth") ? warmth : undefined,
});
