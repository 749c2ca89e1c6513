/** Photos on the service's shelf, where it keeps any: put there, listed, opened again, deleted; and jobs. */
import { moment, word } from "../ground/words.js";
import { redraw } from "../photo/photo.js";
import { cancelJob, changeStored, deleteStored, getJob, getStored, startJob, storePhoto } from "../service/shelf.js";
import { DEFAULT_REACH, NO_EDITS } from "../state/edits.js";
import { keep } from "../state/keep.js";
import { changed, chosen, say, state, wantsColor } from "../state/state.js";
import { addFiles } from "./photos.js";
import { notify, poll } from "./poll.js";
import { colorizeAll, fieldsOf, lookOf } from "./run.js";

const JOBS = "image-colorizer-jobs"; // their ids, in the browser's local storage

/** Whether a job will not change any more. */
export const hasEnded = ({ state: stage }) => ["done", "failed", "cancelled"].includes(stage);

/** What is on the shelf, as far as it was asked for. */
export const shelf = { images: [], next: null, jobs: [] };

/** Ask what is kept: from the newest on, or what comes after those that are there. */
export async function lookUp(after = null) {
	const { images, next } = await getStored(after);
	Object.assign(shelf, { images: after ? [...shelf.images, ...images] : images, next });
	changed();
}

/** Whether all that was done to a photo can be kept there: strokes and other photos stay in this browser. */
export const canStore = ({ edits }) => !edits.strokes.length && !edits.reference;

/** Put the photo on the stage on the shelf, or bring what is there up to date. */
export async function store() {
	const photo = state.current;
	say(word("storing"));
	const fields = { ...(await fieldsOf(photo, photo.results[0].strategy)), ...lookOf(photo) };
	const { id, expires } = await storeAs(photo, fields);
	photo.stored = id;
	keep(photo);
	say(word("stored", { when: moment(expires) }));
}

/** What has expired meanwhile is put there once more. */
const storeAs = (photo, fields) =>
	photo.stored
		? changeStored(photo.stored, fields).catch((problem) => {
				if (problem.code !== "no-such-image") throw problem;
				return storePhoto(photo, fields);
			})
		: storePhoto(photo, fields);

/** Put a kept photo on the stage, to go on with it. */
export async function openStored({ id, name, links, options, strategy }) {
	const original = await (await fetch(links.original)).blob();
	await addFiles([new File([original], name.split("/").at(-1))]);
	const photo = state.current;
	Object.assign(photo, { stored: id, edits: editsOf(options ?? {}), turns: (options?.turn ?? 0) / 90 });
	if (photo.turns) await redraw(photo, state.limits);
	for (const each of state.strategies) each.chosen = strategy ? each.name === strategy : each.default;
	await colorizeAll([photo]);
}

function editsOf({ hints = [], saturation = 1, warmth = 0 }) {
	const spots = hints.map((hint, index) => ({ id: index + 1, color: null, reach: DEFAULT_REACH, keep: false, ...hint }));
	return { ...NO_EDITS, spots, saturation, warmth };
}

/** Delete a kept photo, or all. */
export async function takeOff(image) {
	await deleteStored(image?.id);
	for (const photo of state.photos) if (!image || photo.stored === image.id) photo.stored = null;
	await lookUp();
}

/** The photos that a job can colour: as they are, without turns or corrections. */
export const forJob = () =>
	state.photos.filter((photo) => photo.state === "ready" && wantsColor(photo) && !photo.film && !photo.turns && !photo.past.length);

/** Send the photos that wait to be coloured in the background. */
export async function sendJob() {
	const photos = forJob();
	say(word("sending", { n: photos.length }));
	const job = await startJob(photos, { strategy: chosen()[0].name });
	say(word("sent", { n: photos.length }));
	localStorage.setItem(JOBS, JSON.stringify([job.id, ...remembered()]));
	follow(job);
}

/** Go on to ask after the jobs that this browser has started. */
export function recallJobs() {
	for (const id of remembered()) follow({ id, state: "queued", progress: {} });
}

const remembered = () => JSON.parse(localStorage.getItem(JOBS) ?? "[]");

/** Leave a job that ended out of the list; one that has not ended is cancelled. */
export async function dropJob(job) {
	if (!hasEnded(job)) await cancelJob(job.id);
	localStorage.setItem(JOBS, JSON.stringify(remembered().filter((id) => id !== job.id)));
	shelf.jobs = shelf.jobs.filter((each) => each !== job);
	changed();
}

/** Keep what is known of a job up to date until it ends. */
async function follow(job) {
	shelf.jobs = [...shelf.jobs, job];
	const isOver = () => hasEnded(job) || !shelf.jobs.includes(job);
	await poll(() => update(job), isOver).catch(() => dropJob(Object.assign(job, { state: "failed" }))); // it has expired
	if (job.state !== "done") return;
	say(word("job-done"));
	notify(word("job-done"));
	await lookUp();
}

async function update(job) {
	Object.assign(job, await getJob(job.id));
	changed();
	return job;
}
