/** The photos of the visit: opened, shown, removed, kept and brought back. */
import { word } from "../ground/words.js";
import { openPhoto, redraw, refusedPhoto, release, shrink, thumbnailOf, turn } from "../photo/photo.js";
import { getLimits, getStrategies } from "../service/api.js";
import { NO_EDITS } from "../state/edits.js";
import { forget, forgetAll, keep, recall } from "../state/keep.js";
import { changed, say, state } from "../state/state.js";

/** Ask once what the service offers; after a failure the next need asks again. */
export async function knowService() {
	if (state.limits) return;
	const [limits, strategies] = await Promise.all([getLimits(), getStrategies()]);
	const installed = strategies.filter((strategy) => strategy.installed);
	state.strategies = installed.map((strategy) => ({ ...strategy, chosen: strategy.default, title: titleOf(strategy) }));
	state.limits = limits;
}

const titleOf = ({ name, title }) => (name === "colornet" ? word("own-network") : title);

/** Bring back the photos of this visit, the last one on the stage. */
export async function restore() {
	await knowService();
	const records = await recall();
	for (const record of records.filter(({ film }) => !film || state.films)) state.photos.push(await revived(record));
	const last = records.toSorted((one, other) => other.at - one.at)[0];
	const photo = state.photos.find(({ id }) => id === last?.id);
	if (!photo || state.current) return;
	show(photo);
	say(word("restored"));
}

async function revived({ results, at, ...record }) {
	const photo = { ...record, problem: null, results: [], url: "" };
	await (photo.film ? state.films.draw : redraw)(photo, state.limits);
	for (const { strategy: name, ...result } of results) {
		const strategy = state.strategies.find((each) => each.name === name);
		if (strategy) photo.results.push({ ...result, strategy, url: result.link ?? URL.createObjectURL(result.blob) });
	}
	if (photo.results.length) photo.state = "done";
	if (photo.film) state.films.resume(photo);
	else if (photo.results.length) photo.thumbnail = await thumbnailOf(photo.results[0].blob);
	return photo;
}

/**
 * Open files; one of several that cannot be used is listed with its reason and does not stop the others.
 * `know` asks what the service offers where that is not known yet.
 */
export async function addFiles(files, know = knowService) {
	say(word("opening"));
	await know();
	const opened = [];
	for (const file of files) opened.push(await openFile(file, files.length > 1));
	state.photos.push(...opened);
	await Promise.all(opened.filter(({ url }) => url).map(keep));
	const usable = opened.find(({ url }) => url);
	if (usable) show(usable);
	say(usable?.state === "ready" ? word("ready-to-colorize") : "");
}

async function openFile(file, listed) {
	try {
		const open = state.films?.isFilm(file) ? state.films.open : openPhoto;
		return await open(file, state.limits, NO_EDITS);
	} catch (problem) {
		if (!listed || !problem.code) throw problem;
		return refusedPhoto(file, problem, NO_EDITS);
	}
}

/** Put a photo on the stage. */
export function show(photo) {
	Object.assign(state, { current: photo, problem: null, retry: null, tool: null, selected: null });
	if (photo) keep(photo);
	changed();
}

/** Let the visitor choose another photo; those that are there stay in the list. */
export function startOver() {
	state.run?.abort();
	show(null);
	say("");
}

/** Take one photo off the page. */
export function remove(photo) {
	const index = state.photos.indexOf(photo);
	state.photos.splice(index, 1);
	letGo(photo);
	forget(photo);
	if (state.current === photo) show(state.photos.filter(({ url }) => url).at(Math.max(0, index - 1)) ?? null);
	changed();
}

function letGo(photo) {
	if (photo.film) state.films.forget(photo);
	release(photo);
}

/** Take everything off the page and out of the browser. */
export async function forgetEverything() {
	state.run?.abort();
	state.photos.splice(0).forEach(letGo);
	show(null);
	await forgetAll();
	say(word("forgotten"));
}

/** Turn the photo on the stage a quarter clockwise. */
export async function rotate() {
	const photo = state.current;
	await turn(photo, state.limits);
	keep(photo);
	say(word("rotated"));
}

/** Make a photo as small as the service needs it. */
export async function makeSmaller(photo = state.current) {
	await shrink(photo, state.limits);
	keep(photo);
	say(word("ready-to-colorize"));
}
