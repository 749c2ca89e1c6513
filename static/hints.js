/** Correct a colour: spots on the photo, each with the colour that the visitor says it has. */
import { getSuggestions } from "./api.js";
import { button, byId, make, onClick, setChildren } from "./dom.js";
import { say } from "./messages.js";
import { smallCopy } from "./photo.js";
import { pointOf, setTap } from "./viewer.js";

const STEP = 0.01; // of the longer side, for each press of an arrow key
const SETTLE_MS = 150; // a spot that is being moved is coloured when it rests
const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

let photo = null;
let strategy = null;
let selected = null; // the id of a spot
let moving = null; // the id of the spot that moved last: undo takes a whole move back
let lastId = 0;
let timer = 0;
let onChange = null;

/** Make the panel work; `recolor(photo)` is called when the corrections have changed. */
export function startCorrections(recolor) {
	onChange = recolor;
	onClick("spot-add", () => addSpot(0.5, 0.5));
	onClick("spot-undo", undo);
	onClick("spot-done", stopCorrecting);
	byId("spot-color").addEventListener("change", ({ target }) => setColor(target.value));
}

/** Let the visitor correct this photo with this strategy. */
export function correct(thePhoto, theStrategy) {
	[photo, strategy, selected] = [thePhoto, theStrategy, null];
	setTap(addSpot);
	document.body.classList.add("correcting");
	draw();
	byId("spot-add").focus();
	say("Press the photo where a colour is wrong, then choose the right one.");
}

/** Leave the corrections; they stay in the photo. */
export function stopCorrecting() {
	setTap(null);
	document.body.classList.remove("correcting");
	if (photo) byId("correct").focus();
	photo = null;
}

/** The hints for the service: the spots that have a colour. */
export const hintsOf = ({ spots }) =>
	spots.filter(({ color }) => color).map(({ x, y, color }) => ({ x, y, color }));

const spotOf = (id) => photo.spots.find((spot) => spot.id === id);

function addSpot(x, y) {
	const id = ++lastId;
	const place = { x: Math.floor(x * photo.width), y: Math.floor(y * photo.height) };
	change([...photo.spots, { id, ...place, color: null }]);
	select(id);
	byId(`spot-${id}`).focus();
	say(`Spot ${photo.spots.length} is set. Choose its colour.`);
}

const setColor = (color) => change(withValues(selected, { color }));

function moveSpot(id, x, y) {
	const within = (value, side) => Math.min(side - 1, Math.max(0, Math.round(value)));
	change(withValues(id, { x: within(x, photo.width), y: within(y, photo.height) }), id);
}

function removeSpot(id) {
	change(photo.spots.filter((spot) => spot.id !== id));
	byId("spot-add").focus();
}

const withValues = (id, values) => photo.spots.map((spot) => (spot.id === id ? { ...spot, ...values } : spot));

function change(spots, mover = null) {
	if (!mover || mover !== moving) photo.history.push(photo.spots);
	moving = mover;
	apply(spots);
}

function undo() {
	moving = null;
	apply(photo.history.pop());
}

function apply(spots) {
	const before = JSON.stringify(hintsOf(photo));
	photo.spots = spots;
	draw();
	if (JSON.stringify(hintsOf(photo)) === before) return;
	clearTimeout(timer);
	timer = setTimeout(onChange, SETTLE_MS, photo);
}

async function select(id) {
	selected = id;
	draw();
	const place = byId("suggested");
	place.replaceChildren();
	if (!strategy.suggestions) return;
	const { blob, scale } = await smallCopy(photo);
	const [x, y] = [spotOf(id).x, spotOf(id).y].map((side) => Math.floor(side * scale));
	const colors = await getSuggestions(blob, x, y, strategy.name).catch(() => []); // the picker is enough
	if (selected === id) place.replaceChildren(...colors.map(swatchOf));
}

function swatchOf({ color, share }) {
	const ariaLabel = `${color}, ${Math.round(100 * share)} % likely`;
	const swatch = button("", () => setColor(color), { className: "swatch", ariaLabel });
	swatch.style.background = color;
	return swatch;
}

function draw() {
	setChildren(document.querySelector(".spots"), photo.spots.map(({ id }) => byId(`spot-${id}`) ?? newMarker(id)));
	setChildren(byId("spot-list"), photo.spots.map(({ id }) => byId(`row-${id}`) ?? newRow(id)));
	photo.spots.forEach(update);
	byId("palette").hidden = !spotOf(selected);
	byId("spot-color").value = spotOf(selected)?.color ?? "#808080";
	byId("spot-undo").disabled = !photo.history.length;
}

function update({ id, x, y, color }, index) {
	const [marker, row] = [byId(`spot-${id}`), byId(`row-${id}`)];
	const label = `Spot ${index + 1}, ${color ?? "no colour yet"}`;
	row.firstChild.textContent = label;
	marker.ariaLabel = `${label}: arrow keys move it, Delete removes it`;
	marker.style.left = `${(100 * (x + 0.5)) / photo.width}%`;
	marker.style.top = `${(100 * (y + 0.5)) / photo.height}%`;
	for (const element of [marker, row]) {
		element.style.setProperty("--color", color ?? "transparent");
		element.classList.toggle("selected", id === selected);
	}
}

function newRow(id) {
	const quiet = (label, action) => button(label, () => action(id), { className: "quiet" });
	return make("li", { id: `row-${id}` }, quiet("", select), quiet("Remove", removeSpot));
}

function newMarker(id) {
	return button("", () => select(id), {
		id: `spot-${id}`,
		className: "spot",
		onkeydown: (event) => actOnKey(event, id),
		onpointerdown: ({ target, pointerId }) => target.setPointerCapture(pointerId),
		onpointermove: (event) => drag(event, id),
	});
}

function drag(event, id) {
	if (!event.buttons) return;
	const [x, y] = pointOf(event, event.target.closest(".view"));
	moveSpot(id, x * photo.width, y * photo.height);
}

function actOnKey(event, id) {
	const { x, y } = spotOf(id);
	const step = Math.max(1, STEP * Math.max(photo.width, photo.height));
	const [right, down] = DIRECTIONS[event.key] ?? [];
	if (event.key === "Delete" || event.key === "Backspace") removeSpot(id);
	else if (DIRECTIONS[event.key]) moveSpot(id, x + step * right, y + step * down);
	else return;
	event.preventDefault();
}
