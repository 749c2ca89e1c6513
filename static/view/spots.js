/** The spots on the photo: placed by a tap, moved by dragging or arrow keys, removed by Delete. */
import { button, byId, setChildren } from "../ground/dom.js";
import { nameOf } from "../ground/colors.js";
import { clock, word } from "../ground/words.js";
import { DEFAULT_REACH } from "../state/edits.js";
import { changed, isSeen, say, seenTime, state } from "../state/state.js";
import { apply } from "../work/correct.js";
import { overlay, pointOf } from "./viewer.js";

const STEP = 0.01; // of the longer side, for each press of an arrow key
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The selected spot, if there is one on what is seen. */
export const selectedSpot = () => [spotOf(state.selected)].find((spot) => spot && isSeen(spot));

/** The spots with the selected one changed. */
export const changedSpots = (values, id = state.selected) =>
	state.current.edits.spots.map((spot) => (spot.id === id ? { ...spot, ...values } : spot));

/** Place a spot and select it. */
export function addSpot(x, y) {
	const { edits: { spots }, leader } = state.current;
	leader?.pause();
	const time = leader && seenTime();
	const id = Math.max(0, ...spots.map((spot) => spot.id)) + 1;
	state.selected = id;
	apply({ spots: [...spots, { id, time, x, y, color: null, reach: DEFAULT_REACH, keep: false }] });
	byId(`spot-${id}`).focus({ preventScroll: true });
	say(word("spot-set", { n: spots.length + 1 }));
}

/** Remove a spot. */
export function removeSpot(id) {
	if (state.selected === id) state.selected = null;
	apply({ spots: state.current.edits.spots.filter((spot) => spot.id !== id) });
	say(word("spot-removed"));
	byId("spot-add").focus();
}

/** Select a spot. */
export function select(id) {
	state.selected = id;
	changed();
}

/** What a spot says, in words. */
export function labelOf({ color, keep, time }, index) {
	const what = keep ? word("kept") : color ? nameOf(color) : word("no-color-yet");
	const label = word("spot", { n: index + 1, what });
	return time === undefined ? label : `${label} · ${clock(time)}`;
}

/** Bring the markers up to date. */
export function showSpots() {
	const layer = overlay();
	if (!layer) return;
	const { spots } = state.current.edits;
	const others = [...layer.children].filter((each) => !each.matches(".spot"));
	const seen = spots.filter(isSeen);
	setChildren(layer, [...others, ...seen.map(({ id }) => byId(`spot-${id}`) ?? newMarker(id))]);
	for (const spot of seen) update(spot, spots.indexOf(spot));
}

const spotOf = (id) => state.current?.edits.spots.find((spot) => spot.id === id);

function update(spot, index) {
	const { id, x, y, color, keep } = spot;
	const { width, height } = state.current;
	const marker = byId(`spot-${id}`);
	marker.textContent = index + 1;
	marker.ariaLabel = word("spot-keys", { spot: labelOf(spot, index) });
	marker.style.left = `${(100 * (x + 0.5)) / width}%`;
	marker.style.top = `${(100 * (y + 0.5)) / height}%`;
	marker.style.setProperty("--color", color ?? "transparent");
	marker.classList.toggle("kept", Boolean(keep));
	marker.classList.toggle("selected", id === state.selected);
}

function newMarker(id) {
	return button("", () => select(id), {
		id: `spot-${id}`,
		className: "spot",
		onkeydown: (event) => actOnKey(event, id),
		onpointerdown: (event) => {
			event.stopPropagation(); // or the photo would move along
			event.target.setPointerCapture(event.pointerId);
			select(id);
		},
		onpointermove: (event) => event.buttons && moveTo(id, ...pointOf(event)),
	});
}

function moveTo(id, x, y) {
	const { width, height } = state.current;
	const within = (value, side) => Math.min(side - 1, Math.max(0, Math.round(value)));
	const place = { x: within(x, width), y: within(y, height) };
	const spot = spotOf(id);
	if (place.x !== spot.x || place.y !== spot.y) apply({ spots: changedSpots(place, id) }, `spot-${id}`);
}

function actOnKey(event, id) {
	const { x, y } = spotOf(id);
	const step = Math.max(1, STEP * Math.max(state.current.width, state.current.height));
	const [right, down] = DIRECTIONS[event.key] ?? [];
	if (event.key === "Delete" || event.key === "Backspace") removeSpot(id);
	else if (DIRECTIONS[event.key]) moveTo(id, x + step * right, y + step * down);
	else if (event.key === "Tab" && !event.shiftKey && state.selected === id) toPalette();
	else return;
	event.preventDefault();
}

/** From a spot straight to its colours, past the controls of the viewer. */
const toPalette = () => (byId("suggested").querySelector("button") ?? byId("spot-color")).focus();
