/** The Colorizer tab: which photos there are, what is being done with them, what can be done next. */
import { Problem, colorize, getLimits, getStrategies } from "./api.js";
import { showList } from "./batch.js";
import { button, byId, onClick } from "./dom.js";
import { correct, hintsOf, startCorrections, stopCorrecting } from "./hints.js";
import { confidenceWords, say, showProblem } from "./messages.js";
import { openPhoto, refusedPhoto, release, shrink, turn } from "./photo.js";
import { canShare, download, fileOf, share, zipOf } from "./save.js";
import { chooseStrategy, chosen, corrector, fillStrategies } from "./strategies.js";
import { startTabs } from "./tabs.js";
import { acceptFiles } from "./upload.js";
import { setSaturation, show, startViewer } from "./viewer.js";

// The photos, the one on the page, what Cancel stops, a failure of no photo, the service's limits.
const state = { photos: [], current: null, run: null, problem: null, limits: null };
let recoloring = null;

/** Ask once what the service offers; after a failure the next need asks again. */
async function knowService() {
	if (state.limits) return;
	const [limits, strategies] = await Promise.all([getLimits(), getStrategies()]);
	fillStrategies(strategies);
	state.limits = limits;
}

/** Do something that may fail; a failure is shown, and the page stays usable. */
async function attempt(work) {
	state.problem = null;
	try {
		const working = work();
		render();
		await working;
	} catch (error) {
		if (error.name === "AbortError") return;
		say("");
		const known = error instanceof Problem;
		if (!known) console.error(error);
		state.problem = known ? error : new Problem("internal-error");
	} finally {
		render();
	}
}

async function addFiles(files) {
	say("Opening …");
	await knowService();
	const opened = [];
	for (const file of files) opened.push(await openFile(file, files.length > 1));
	state.photos.push(...opened);
	const usable = opened.find(({ url }) => url);
	if (usable) open(usable);
	say(usable?.state === "ready" ? "Ready. Press Colorize." : "");
}

/** One of several files that cannot be used is listed with its reason and does not stop the others. */
async function openFile(file, listed) {
	try {
		return await openPhoto(file, state.limits);
	} catch (problem) {
		if (!listed) throw problem;
		return refusedPhoto(file, problem);
	}
}

function open(photo) {
	stopCorrecting();
	state.current = photo;
	state.problem = null;
	render();
}

function startOver() {
	state.photos.forEach(release);
	state.photos = [];
	say("");
	open(null);
}

/** Whether Colorize has something to do for a photo: it lacks the result of a chosen strategy. */
function wantsColor({ state: stage, results }) {
	const have = results.map(({ strategy }) => strategy);
	const missing = chosen().some((strategy) => !have.includes(strategy));
	return missing && ["ready", "failed", "done"].includes(stage);
}

async function colorizeAll(photos = state.photos.filter(wantsColor)) {
	stopCorrecting();
	state.run = new AbortController();
	try {
		for (const [index, photo] of photos.entries()) {
			say(photos.length > 1 ? `Colouring photo ${index + 1} of ${photos.length} …` : "Colouring …");
			await colorizeOne(photo, chosen());
		}
		say(summaryOf(photos));
	} catch (error) {
		if (error.name !== "AbortError") throw error;
		say("Stopped.");
	} finally {
		state.run = null;
	}
}

/** Colour a photo by each strategy that has not done so yet; one failure does not stop the others. */
async function colorizeOne(photo, strategies) {
	const resultBy = (strategy) => photo.results.find((result) => result.strategy === strategy) ?? { strategy };
	Object.assign(photo, { state: "working", problem: null, results: strategies.map(resultBy) });
	try {
		for (const result of photo.results.filter(({ url }) => !url)) {
			render();
			await fill(result, photo, state.run.signal).catch((error) => {
				if (!(error instanceof Problem)) throw error;
				photo.problem = error;
			});
		}
	} finally {
		photo.results = photo.results.filter(({ url }) => url);
		photo.state = photo.results.length ? "done" : photo.problem ? "failed" : "ready";
		render();
	}
}

async function fill(result, photo, signal) {
	const { name, hints: takesHints } = result.strategy;
	const hints = takesHints ? hintsOf(photo) : [];
	const answer = await colorize(photo.blob, photo.name, { strategy: name, hints }, signal);
	const old = result.url;
	Object.assign(result, answer, { hints, url: URL.createObjectURL(answer.blob) });
	if (old) setTimeout(() => URL.revokeObjectURL(old), 1000); // until the new picture has replaced it
}

function summaryOf(photos) {
	const done = photos.filter(({ results }) => results.length);
	if (photos.length > 1) return `Done: ${done.length} of ${photos.length} photos are in colour.`;
	return done.length ? "Done. Move the slider to compare." : "";
}

/** Colour a photo again with its corrections; a newer correction replaces one under way. */
async function recolor(photo) {
	recoloring?.abort();
	recoloring = new AbortController();
	const { signal } = recoloring;
	say("Colouring again …");
	for (const result of photo.results) if (result.strategy.hints) await fill(result, photo, signal);
	say("The corrected colours are there.");
}

async function startCorrecting() {
	const strategy = corrector();
	if (!state.current.results.some((result) => result.strategy === strategy)) {
		chooseStrategy(strategy);
		await colorizeAll([state.current]);
	}
	if (!state.current.problem) correct(state.current, strategy);
}

async function deliver(work, handOver = download) {
	say("Preparing the file …");
	await handOver(await work);
	say("");
}

async function saveOne(photo, handOver) {
	for (const result of photo.results) await deliver(fileOf(photo, result), handOver);
}

/** Bring the page up to date with the state. */
function render() {
	const focused = document.activeElement;
	showParts(state.current?.results.filter(({ url }) => url) ?? []);
	showTexts();
	showList(state.photos, state.current, open, (photo) => attempt(() => saveOne(photo)));
	if (state.current) show(state.current, captionOf);
	// Where the focused button has gone, focus goes to what the visitor will want next.
	if (focused === document.body || focused.offsetParent) return;
	const next = ["cancel", "download", "colorize", "choose"].map(byId);
	next.find(({ offsetParent, disabled }) => offsetParent && !disabled)?.focus();
}

function showParts(results) {
	const { photos, current, run } = state;
	const wanting = photos.some(wantsColor);
	const visible = {
		welcome: !current,
		viewer: current,
		title: current,
		note: current,
		networks: current,
		rotate: current && !current.results.length,
		shrink: current?.state === "oversize",
		colorize: !run && (wanting || !results.length),
		cancel: run,
		download: results.length === 1,
		share: results.length === 1 && canShare(),
		formats: results.length,
		tools: current?.state === "done",
		"veil-row": results.some(({ map }) => map),
		correct: corrector(),
		list: photos.length > 1,
		"save-all": photos.some(({ state: stage }) => stage === "done"),
	};
	for (const [id, on] of Object.entries(visible)) byId(id).hidden = !on;
	for (const control of document.querySelectorAll("[data-idle]")) control.disabled = Boolean(run);
	byId("colorize").disabled = !wanting;
	byId("panel-colorizer").dataset.state = current?.state ?? "empty";
}

function showTexts() {
	const { current, problem } = state;
	showProblem(problem ?? current?.problem ?? null);
	if (!current) return;
	byId("note").textContent = noteOf(current);
	byId("name").textContent = current.name;
	byId("saturation").value = current.saturation;
	const [{ strategy, confidence }, ...more] = [...current.results, {}];
	byId("confidence").textContent =
		more.length === 1 ? `${confidenceWords(confidence)}. Coloured by ${strategy.title}.` : "";
	const corrects = current.results.some((result) => result.strategy.hints);
	byId("correct").textContent = `Correct a colour${corrects ? "" : ` with ${corrector()?.title}`}`;
}

function noteOf({ state: stage, blob, colored, results }) {
	if (stage === "oversize") {
		const { max_upload_bytes: bytes, max_pixels: pixels } = state.limits;
		return `This photo has ${(blob.size / 2 ** 20).toFixed(1)} MB; up to ${bytes / 2 ** 20} MB and ${pixels / 1e6}
			megapixels can be sent. Your browser can make a smaller copy.`;
	}
	if (!colored && !results[0]?.colored) return "";
	return "This photo is in colour already. Its own colours are replaced by guessed ones.";
}

/** What stands under a result that has others beside it. */
function captionOf(result) {
	const { title } = result.strategy;
	const label = { className: "quiet", ariaLabel: `Download the colours of ${title}` };
	const save = () => attempt(() => deliver(fileOf(state.current, result)));
	return [`${title}: ${confidenceWords(result.confidence)} `, button("Download", save, label)];
}

const actions = {
	colorize: colorizeAll,
	rotate: () => turn(state.current, state.limits),
	shrink: () => shrink(state.current, state.limits),
	download: () => saveOne(state.current),
	share: () => saveOne(state.current, share),
	"save-all": () => deliver(zipOf(state.photos)),
	correct: startCorrecting,
	new: startOver,
};

function start() {
	startTabs();
	startViewer();
	startCorrections((photo) => attempt(() => recolor(photo)));
	acceptFiles((files) => attempt(() => addFiles(files)));
	for (const [id, work] of Object.entries(actions)) onClick(id, () => attempt(work));
	onClick("cancel", () => state.run.abort());
	byId("strategies").addEventListener("change", render);
	byId("saturation").addEventListener("input", ({ target }) => {
		state.current.saturation = Number(target.value);
		setSaturation(target.value);
	});
	attempt(knowService);
}

start();
