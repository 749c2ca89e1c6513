/** Films are coloured by jobs of the service: sent once, followed to their end, corrected without a new upload. */
import { make } from "../ground/dom.js";
import { clock, percent, word } from "../ground/words.js";
import { Problem } from "../service/api.js";
import { recolorFilm, sendFilm } from "../service/films.js";
import { cancelJob, getJob } from "../service/shelf.js";
import { hintsOf, wishOf } from "../state/edits.js";
import { keep } from "../state/keep.js";
import { changed, chosen, say } from "../state/state.js";
import { attempt } from "../work/attempt.js";
import { follow, settled } from "../work/correct.js";
import { notify, poll } from "../work/poll.js";
import { colorizeOne } from "../work/run.js";
import { hasEnded } from "../work/shelf.js";
import { showColors } from "./film.js";

/** Colour a film, beside whatever else is done on the page. */
export async function colorizeFilm(film) {
	film.run = new AbortController();
	const { signal } = film.run;
	await attempt(() => colorizeOne(film, chosen().slice(0, 1), signal));
	say(film.results.length ? word("film-done", { name: film.name }) : signal.aborted ? word("stopped") : "");
	if (film.results.length) notify(word("film-done", { name: film.name }));
}

/** Go on with what was under way when the page was left. */
export async function resumeFilm(film) {
	const [result] = film.results;
	if (result) await showColors(film, result.url);
	if (film.jobs.every(({ done }) => done)) return;
	if (result) follow(film);
	else colorizeFilm(film);
}

/** Fill the result of a film with the colours of its strategy. */
export async function fillFilm(result, film, signal) {
	const progress = (film.progress = { share: 0, text: "", frames: "" });
	const onProgress = (values) => changed(Object.assign(progress, values));
	const stopped = new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
	try {
		await Promise.race([stopped, fill(result, film, onProgress, signal)]);
	} finally {
		if (film.progress === progress) film.progress = null;
		keep(film);
	}
}

async function fill(result, film, onProgress, signal) {
	const underWay = film.jobs.find(({ wish, done }) => !done && wish === wishOf(film));
	const job = underWay ?? (await begin(result, film, onProgress, signal));
	const leave = () => job.done || drop(film, job);
	signal.addEventListener("abort", leave);
	if (signal.aborted) return leave();
	try {
		const answer = await ended(job, onProgress, signal);
		if (!signal.aborted) await take(answer, result, film, job);
	} catch (problem) {
		drop(film, job);
		throw problem;
	}
}

/** Start a job: with the film where the service does not have it yet, or has forgotten it. */
async function begin(result, film, onProgress, signal) {
	const wish = wishOf(film);
	const [first] = film.jobs;
	const fields = { strategy: result.strategy.name, hints: scaled(hintsOf(film.edits), first?.scale) };
	const onShare = (share) => onProgress({ share, text: word("film-sending", { share: percent(share) }) });
	const send = () => sendFilm(film, fields, onShare, signal);
	const { id } = await (first ? recolorFilm(first.id, fields).catch((problem) => sendAgain(problem, film, send)) : send());
	const job = { id, wish, done: false };
	film.jobs.push(job);
	if (!first) say(word("film-sent"));
	keep(film);
	return job;
}

function sendAgain(problem, film, send) {
	if (problem.code !== "no-such-job") throw problem;
	film.jobs = [];
	return send();
}

/** Hints in the film's own pixels, which need not be square as those that are seen. */
const scaled = (hints, [across, down] = [1, 1]) =>
	hints.map((hint) => ({ ...hint, x: Math.floor(hint.x * across), y: Math.floor(hint.y * down) }));

/** Wait for the end of a job, or of our interest in it; returns it, or throws why it failed. */
async function ended({ id }, onProgress, signal) {
	const look = async () => {
		const job = await getJob(id);
		onProgress(progressOf(job));
		return job;
	};
	const job = await poll(look, (answer) => signal.aborted || hasEnded(answer));
	if (job.state !== "done" && !signal.aborted) throw new Problem(job.problems[0]?.code ?? "cancelled");
	return job;
}

/** Show the colours of a job that is done; the service need not remember those before. */
async function take({ problems, links, film: facts }, result, film, job) {
	const url = new URL(links.result, location).href;
	await showColors(film, url);
	Object.assign(job, { done: true, scale: [facts.width / film.width, facts.height / film.height] });
	Object.assign(result, { wish: job.wish, url, link: url, partly: problems.length > 0 });
	film.jobs.filter((each) => each !== job).forEach((each) => drop(film, each));
}

/** What to show of a job; `share` is null where nobody knows how long the film is. */
function progressOf({ state: stage, progress: { done, share, seconds_left: seconds }, links }) {
	const howFar = share === null ? word("film-frames", { n: done }) : `${word("in-color", { share: percent(share) })}.`;
	const left = seconds ? ` ${word("left", { time: clock(seconds) })}` : "";
	const text = stage === "queued" ? word("film-queued") : howFar + left;
	return { share, text, frames: links.frames ? `${links.frames}?${done}` : "" };
}

function drop(film, job) {
	if (!film.jobs.includes(job)) return;
	film.jobs = film.jobs.filter((each) => each !== job);
	cancelJob(job.id).catch(() => {}); // it ends by itself within a day
}

/** Hand the coloured film over, once it has the colours that were last asked for. */
export async function saveFilm(film) {
	await settled(film);
	make("a", { href: film.results[0].url, download: "" }).click();
}

/** Let the service forget a film too. */
export function forgetFilm(film) {
	film.run?.abort();
	film.jobs.forEach((job) => drop(film, job));
}
