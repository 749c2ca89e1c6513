/**
 * The photo on the stage: before and after with one slider, zoom, and full screen. Several results stand
 * side by side and move together, since all follow the viewer's custom properties.
 */
import { byId, make, onClick } from "../ground/dom.js";
import { percent, word } from "../ground/words.js";
import { changed, say } from "../state/state.js";
import { listen } from "./gestures.js";
import { fitting, isZoomed, seen, settled, zoomed } from "./place.js";
import { veilOf } from "./veil.js";

const STEP = 1.5; // of the zoom buttons
const PAN = 60; // pixels for each press of an arrow key
const KEYS = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] };

const viewer = byId("viewer");
const frames = byId("frames");
const slider = byId("split");
const before = byId("before");
let photo = { width: 1, height: 1 };
let place = { scale: 1, x: 0, y: 0 };
let whole = true; // whether the whole photo is to be seen, whatever the frame's size
let shown = "";
let tool = null;

/** Let the viewer answer to slider, buttons, pointers and keys. */
export function startViewer() {
	slider.addEventListener("input", () => setSplit(slider.value));
	onClick("zoom-in", () => zoom(STEP));
	onClick("zoom-out", () => zoom(1 / STEP));
	onClick("zoom-whole", () => toggleWhole(middle()));
	byId("fullscreen").hidden = !viewer.requestFullscreen;
	onClick("fullscreen", () =>
		document.fullscreenElement ? document.exitFullscreen() : viewer.requestFullscreen(),
	);
	listen(frames, { where: ".view", start, drag, tap, pinch, end: (event, kind) => kind === "stroke" && tool.end() });
	frames.addEventListener("wheel", wheel, { passive: false });
	frames.addEventListener("dblclick", (event) => toggleWhole(pointIn(event)));
	frames.addEventListener("keydown", moveByKey);
	new ResizeObserver(() => put(whole ? fitting(photo, frame()) : place)).observe(frames);
	holdBefore();
}

/**
 * Show a photo with a frame for each result; one that is still to come has its place already, so that
 * nothing moves when it arrives.
 * @param {import("../photo/photo.js").Photo} thePhoto
 * @param {Function} captionOf gives what stands under a result
 */
export function show(thePhoto, captionOf) {
	const results = thePhoto.results.length ? thePhoto.results : [{ strategy: {} }];
	const key = [thePhoto.url, ...results.map(({ strategy }) => strategy.name)].join(" ");
	if (key !== shown) build(thePhoto, results);
	shown = key;
	for (const result of results) fill(byId(`frame-${result.strategy.name}`), result, captionOf);
	const colored = results.some(({ url }) => url);
	for (const control of [slider, before]) control.classList.toggle("absent", !colored);
	const { saturation } = thePhoto.edits;
	viewer.style.setProperty("--saturation", saturation);
}

/**
 * Let a tool have the taps on the photo: `tap(x, y)`; or also the drags: `stroke(x, y)`, `end()`; or nobody.
 * Places are in pixels of the photo.
 */
export function setTool(theTool) {
	if (theTool && !tool) setSplit(0);
	tool = theTool;
	viewer.classList.toggle("tapping", Boolean(tool));
}

/** Where in the photo, in its pixels, a pointer event points; never outside. */
export function pointOf(event) {
	const [left, top] = pointIn(event);
	const within = (value, side) => Math.min(side - 1, Math.max(0, Math.floor(value)));
	return [
		within((left - place.x) / place.scale, photo.width),
		within((top - place.y) / place.scale, photo.height),
	];
}

/** Lay the colours of a small picture over the result while the visitor chooses; none where it is null. */
export function showPreview(blob) {
	const image = frames.querySelector(".preview");
	URL.revokeObjectURL(image.src);
	image.hidden = !blob;
	if (blob) image.src = URL.createObjectURL(blob);
}

/** The layer above the photo on which spots stand and the brush paints, or null. */
export const overlay = () => frames.querySelector(".spots");

function build(thePhoto, results) {
	photo = thePhoto;
	const original = { strategy: { name: "original", title: word("original") } };
	const wanted = results.length > 1 ? [original, ...results] : results;
	frames.replaceChildren(...wanted.map(({ strategy }) => frameOf(strategy)));
	frames.classList.toggle("several", wanted.length > 1);
	viewer.style.setProperty("--width", photo.width);
	viewer.style.setProperty("--height", photo.height);
	put(fitting(photo, frame()));
	setSplit(tool ? 0 : 50);
}

function frameOf({ name, title, installed }) {
	const image = (properties) => make("img", { draggable: false, alt: "", ...properties });
	const [was, is] = photo.videos ?? [image({ src: photo.url, alt: word("before-alt", { name: photo.name }) }), image({})];
	const after = make(
		"div",
		{ className: "after" },
		is,
		image({ className: "preview", hidden: true }),
		image({ className: "veil" }),
	);
	const pan = make(
		"div",
		{ className: "pan" },
		was,
		after,
		make("div", { className: installed ? "spots" : "" }),
	);
	const divider = make("span", { className: "divider" });
	const label = { role: "group", ariaLabel: title ?? photo.name };
	const view = make("div", { className: "view", tabIndex: 0, ...label }, pan, divider);
	return make("figure", { id: `frame-${name}` }, view, make("figcaption", {}, title ?? ""));
}

async function fill(frame, result, captionOf) {
	frame.classList.toggle("colored", Boolean(result.url));
	const [image, , veil] = frame.querySelector(".after").children;
	if (!result.url || photo.film || image.src === result.url) return;
	image.src = result.url;
	image.alt = word("after-alt", { title: result.strategy.title });
	frame.querySelector("figcaption").replaceChildren(...captionOf(result));
	veil.src = result.map ? await veilOf(result) : "";
	changed(); // the legend knows its range now
}

function setSplit(value) {
	slider.value = value;
	slider.ariaValueText = word("in-color", { share: percent((100 - value) / 100) });
	const [left, right] = seen(place, photo, frame());
	viewer.style.setProperty("--cut", left + (value / 100) * (right - left) - place.x);
}

function frame() {
	const view = frames.querySelector(".view");
	return { width: view?.clientWidth || 1, height: view?.clientHeight || 1 };
}

const middle = () => [frame().width / 2, frame().height / 2];

/** Where in its frame an event points. */
function pointIn({ target, clientX, clientY }) {
	const view = target.closest(".view") ?? frames.querySelector(".view");
	const { left, top } = view.getBoundingClientRect();
	return [clientX - left, clientY - top];
}

function put(next) {
	place = settled(next, photo, frame());
	whole = !isZoomed(place, photo, frame());
	for (const [name, value] of Object.entries(place)) viewer.style.setProperty(`--${name}`, value);
	viewer.classList.toggle("zoomed", !whole);
	byId("zoom-out").disabled = whole;
	byId("zoom-whole").textContent = percent(place.scale);
	setSplit(slider.value);
}

function zoom(factor, point = middle()) {
	put(zoomed(place, factor, point, photo, frame()));
	say(word("zoomed", { scale: percent(place.scale) }));
}

/** Show the photo's own pixels, or all of it again. */
function toggleWhole(point) {
	const own = isZoomed({ scale: 1 }, photo, frame()) ? 1 : 2 * place.scale;
	zoom(whole ? own / place.scale : 0, point);
}

function wheel(event) {
	event.preventDefault();
	const lines = event.deltaMode ? 16 : 1;
	put(zoomed(place, Math.exp(-0.002 * lines * event.deltaY), pointIn(event), photo, frame()));
}

function moveByKey(event) {
	if (!event.target.matches(".view")) return;
	const [x, y] = KEYS[event.key] ?? [];
	if (KEYS[event.key]) put({ ...place, x: place.x + x, y: place.y + y });
	else if (event.key === "+") zoom(STEP);
	else if (event.key === "-") zoom(1 / STEP);
	else return;
	event.preventDefault();
}

/** What a drag that begins here does: paint, move the divider, or move the photo. */
function start(event) {
	if (tool?.stroke) {
		tool.stroke(...pointOf(event));
		return "stroke";
	}
	const onDivider = event.target.matches(".divider");
	return onDivider || (whole && !tool) ? "split" : "pan";
}

function drag(event, kind, [x, y]) {
	if (kind === "stroke") tool?.stroke(...pointOf(event));
	else if (kind === "split") slide(event);
	else put({ ...place, x: place.x + x, y: place.y + y });
}

function slide(event) {
	const [left, right] = seen(place, photo, frame());
	const share = (pointIn(event)[0] - left) / (right - left);
	setSplit(Math.round(100 * Math.min(1, Math.max(0, share))));
}

function tap(event) {
	if (tool?.stroke) tool.end();
	else if (tool) tool.tap(...pointOf(event));
	else if (whole && event.pointerType === "touch") slide(event);
}

function pinch(factor, [x, y], [right, down]) {
	const { left, top } = frames.querySelector(".view").getBoundingClientRect();
	const next = zoomed(place, factor, [x - left, y - top], photo, frame());
	put({ ...next, x: next.x + right, y: next.y + down });
}

/** While the button or the key B is held, the photo is seen as it was. */
function holdBefore() {
	const hold = (held) => viewer.classList.toggle("held", held);
	const isHold = ({ key, target }) =>
		(key.toLowerCase() === "b" && !target.matches("input, select")) || (key === " " && target === before);
	before.addEventListener("pointerdown", () => hold(true));
	for (const type of ["pointerup", "pointercancel", "blur"]) addEventListener(type, () => hold(false));
	addEventListener("keydown", (event) => isHold(event) && !event.ctrlKey && !event.metaKey && hold(true));
	addEventListener("keyup", () => hold(false));
}
