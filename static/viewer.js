/**
 * The photo on the page: before and after with one slider, zoom and full screen. Several results stand
 * side by side and move together: all follow the viewer's custom properties and the same scroll place.
 */
import { byId, make, onClick } from "./dom.js";

const MAX_ZOOM = 8;

const viewer = byId("viewer");
const frames = byId("frames");
const slider = byId("split");
let zoom = 1;
let shown = "";
let place = ""; // where all frames were scrolled to
let onTap = null;

/** Let the viewer answer to slider, buttons and pointer. */
export function startViewer() {
	slider.addEventListener("input", () => setSplit(slider.value));
	onClick("zoom-in", () => setZoom(zoom * 1.5));
	onClick("zoom-out", () => setZoom(zoom / 1.5));
	byId("fullscreen").hidden = !viewer.requestFullscreen;
	onClick("fullscreen", () =>
		document.fullscreenElement ? document.exitFullscreen() : viewer.requestFullscreen(),
	);
	frames.addEventListener("pointerdown", slide);
	frames.addEventListener("pointermove", slide);
	frames.addEventListener("click", tap);
	frames.addEventListener("scroll", scrollAll, true);
}

/**
 * Show a photo with a frame for each result; one that is still to come has its place already, so that
 * nothing moves when it arrives.
 * @param {import("./photo.js").Photo} photo
 * @param {Function} captionOf gives what stands under a result
 */
export function show(photo, captionOf) {
	const results = photo.results.length ? photo.results : [{ strategy: {} }];
	const key = [photo.url, ...results.map(({ strategy }) => strategy.name)].join(" ");
	if (key !== shown) build(photo, results);
	shown = key;
	for (const result of results) fill(byId(`frame-${result.strategy.name}`), result, captionOf);
	slider.classList.toggle("absent", !results.some(({ url }) => url));
	setSaturation(photo.saturation);
}

/** Preview a saturation: CSS mixes with the luma as the service mixes with the lightness. */
export const setSaturation = (value) => viewer.style.setProperty("--saturation", value);

/** While set, a click on the photo calls `listener(x, y)`, 0 to 1; the slider rests at full colour. */
export function setTap(listener) {
	onTap = listener;
	viewer.classList.toggle("tapping", Boolean(listener));
	if (listener) setSplit(0);
}

/** Where in the photo, 0 to 1, a pointer event points. */
export function pointOf(event, view) {
	const { left, top, width, height } = view.querySelector("img").getBoundingClientRect();
	const within = (value) => Math.min(0.9999, Math.max(0, value));
	return [within((event.clientX - left) / width), within((event.clientY - top) / height)];
}

function build(photo, results) {
	const original = { strategy: { name: "original", title: "Original" } };
	const wanted = results.length > 1 ? [original, ...results] : results;
	frames.replaceChildren(...wanted.map(({ strategy }) => frameOf(photo, strategy)));
	frames.classList.toggle("several", wanted.length > 1);
	viewer.style.setProperty("--ratio", photo.width / photo.height);
	setZoom(1);
	setSplit(50);
}

function frameOf(photo, { name, title, hints }) {
	const image = (properties) => make("img", { draggable: false, ...properties });
	const pan = make(
		"div",
		{ className: "pan" },
		image({ src: photo.url, alt: `${photo.name}, before` }),
		make("div", { className: "after" }, image({ alt: "" }), image({ alt: "", className: "veil" })),
		make("span", { className: "divider" }),
		make("div", { className: hints ? "spots" : "" }),
	);
	const view = make("div", { className: "view", tabIndex: 0, role: "group", ariaLabel: title ?? "Photo" }, pan);
	return make("figure", { id: `frame-${name}` }, view, make("figcaption", {}, title ?? ""));
}

function fill(frame, result, captionOf) {
	frame.classList.toggle("colored", Boolean(result.url));
	const [image, veil] = frame.querySelector(".after").children;
	if (!result.url || image.src === result.url) return;
	image.src = result.url;
	image.alt = `Coloured by ${result.strategy.title}`;
	veil.src = result.map;
	frame.querySelector("figcaption").replaceChildren(...captionOf(result));
}

function setSplit(value) {
	slider.value = value;
	slider.ariaValueText = `${100 - value} % in colour`;
	viewer.style.setProperty("--split", value);
}

/** Zoom about the middle of what is seen. */
function setZoom(wanted) {
	const before = zoom;
	zoom = Math.min(MAX_ZOOM, Math.max(1, wanted));
	viewer.style.setProperty("--zoom", zoom);
	const view = frames.querySelector(".view");
	const moved = (start, side) => ((start + side / 2) * zoom) / before - side / 2;
	view.scrollTo(moved(view.scrollLeft, view.clientWidth), moved(view.scrollTop, view.clientHeight));
	viewer.classList.toggle("zoomed", zoom > 1);
	byId("zoom-out").disabled = zoom === 1;
}

function scrollAll({ target: { scrollLeft, scrollTop } }) {
	if (String([scrollLeft, scrollTop]) === place) return; // a frame that was moved here, not by the visitor
	place = String([scrollLeft, scrollTop]);
	for (const view of frames.querySelectorAll(".view")) view.scrollTo(scrollLeft, scrollTop);
}

function slide(event) {
	const view = event.target.closest(".view");
	const scrolls = event.pointerType === "touch" && zoom > 1;
	if (!view || !event.buttons || onTap || scrolls) return;
	setSplit(Math.round(100 * pointOf(event, view)[0]));
}

function tap(event) {
	const view = event.target.closest(".view");
	if (onTap && view && !event.target.closest(".spot")) onTap(...pointOf(event, view));
}
