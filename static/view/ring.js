/** The ring around the selected spot: whoever pulls it changes how far the spot reaches. */
import { byId, make } from "../ground/dom.js";
import { state } from "../state/state.js";
import { apply } from "../work/correct.js";
import { changedSpots, selectedSpot } from "./spots.js";
import { overlay } from "./viewer.js";

const MIDDLE = 4; // its radius in rem where the reach is 1; each rem more doubles the reach
const NEAR = 16; // pixels beside its line that still take hold of it
const MOST = 2; // doublings, either way

/** Bring the ring up to date. */
export function showRing() {
	const layer = overlay();
	if (!layer) return;
	const ring = layer.querySelector(".ring") ?? newRing(layer);
	const spot = selectedSpot();
	ring.hidden = !spot;
	if (!spot) return;
	const { left, top } = byId(`spot-${spot.id}`).style;
	Object.assign(ring.style, { left, top });
	ring.style.setProperty("--doublings", Math.log2(spot.reach));
	ring.classList.toggle("leftward", spot.x > state.current.width / 2);
}

function newRing(layer) {
	const ring = make("div", { className: "ring", onpointerdown: take, onpointermove: pull });
	layer.prepend(ring);
	return ring;
}

function take(event) {
	const { currentTarget: ring, pointerId } = event;
	if (Math.abs(fromMiddle(event) - ring.offsetWidth / 2) > NEAR) return;
	event.stopPropagation(); // or the photo would move along
	ring.setPointerCapture(pointerId);
}

function pull(event) {
	if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
	const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
	const doublings = Math.min(MOST, Math.max(-MOST, fromMiddle(event) / rem - MIDDLE));
	apply({ spots: changedSpots({ reach: Number((2 ** doublings).toFixed(2)) }) }, `reach-${state.selected}`);
}

/** How far, in pixels of the screen, an event is from the middle of the ring. */
function fromMiddle({ currentTarget, clientX, clientY }) {
	const { left, top, width } = currentTarget.getBoundingClientRect();
	return Math.hypot(clientX - left - width / 2, clientY - top - width / 2);
}
