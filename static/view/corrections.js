/** The panel of corrections: the colours of the selected spot, what it does, and the list of all. */
import { button, byId, make, onClick, setChildren } from "../ground/dom.js";
import { hexOf, nameOf } from "../ground/colors.js";
import { percent, word } from "../ground/words.js";
import { levelsAt } from "../photo/drawing.js";
import { smallCopy } from "../photo/photo.js";
import { getSuggestions } from "../service/api.js";
import { changed, say, state, suggester, takes } from "../state/state.js";
import { apply, preview } from "../work/correct.js";
import { brush, painting, showStrokes } from "./brush.js";
import { showRing } from "./ring.js";
import { addSpot, changedSpots, labelOf, removeSpot, select, selectedSpot, showSpots } from "./spots.js";
import { setTool, showPreview } from "./viewer.js";

// The Monk Skin Tone Scale (E. Monk, 2022), and colours that many old photos need.
const SKIN = "f6ede4 f3e7db f7ead0 eadaba d7bd96 a07e56 825c43 604134 3a312a 292420".split(" ");
const THINGS = "b5a67c 26304f 9a4f3c 64863c 8fb4d6 8a6242".split(" "); // khaki, navy, brick, grass, sky, wood

let suggestedFor = ""; // the spot and place whose suggestions are shown
let previewing = null;

/** Make the panel work. */
export function startCorrections() {
	onClick("spot-add", () => addSpot(Math.floor(state.current.width / 2), Math.floor(state.current.height / 2)));
	onClick("dropper", () => use(state.tool === "dropper" ? "spot" : "dropper"));
	onClick("brush", () => use(state.tool === "brush" ? "spot" : "brush"));
	byId("spot-color").addEventListener("input", ({ target }) => tryOut(target.value));
	byId("spot-color").addEventListener("change", ({ target }) => choose(target.value));
	byId("reach").addEventListener("input", ({ target }) => {
		apply({ spots: changedSpots({ reach: 2 ** Number(target.value) }) }, `reach-${state.selected}`);
	});
	byId("keep").addEventListener("change", ({ target }) => apply({ spots: changedSpots({ keep: target.checked }) }));
	byId("skin").append(...SKIN.map((hex, index) => swatchOf(`#${hex}`, word("skin", { n: index + 1 }), "")));
	byId("things").append(...THINGS.map((hex) => swatchOf(`#${hex}`, nameOf(`#${hex}`))));
}

/** Use a tool on the photo. */
export function use(tool) {
	state.tool = tool;
	if (tool === "brush") brush.color = selectedSpot()?.color ?? brush.color;
	say(word(`use-${tool}`));
}

/** Bring the panel, the spots and the tool up to date. */
export function showCorrections() {
	const { tool, current } = state;
	setTool(TOOLS[tool] ?? null);
	document.body.classList.toggle("correcting", Boolean(tool));
	if (!tool) return;
	showSpots();
	showRing();
	showStrokes();
	showPanel(selectedSpot(), current.edits);
	suggest(selectedSpot());
}

const TOOLS = { spot: { tap: addSpot }, brush: painting, dropper: { tap: pickFrom } };

function showPanel(spot, { spots, strokes }) {
	const painting = state.tool === "brush";
	byId("palette").hidden = !spot && !painting;
	byId("of-spot").hidden = !spot || painting;
	byId("brush-row").hidden = !takes("mask") || state.current.film;
	byId("brush-size").parentElement.hidden = !painting;
	for (const tool of ["brush", "dropper"]) byId(tool).ariaPressed = String(state.tool === tool);
	byId("spot-color").value = (painting ? brush.color : spot?.color) ?? "#808080";
	byId("reach").value = Math.log2(spot?.reach ?? 1);
	byId("keep").checked = Boolean(spot?.keep);
	const rows = spots.map((each, index) => rowOf(labelOf(each, index), each, () => select(each.id), () => removeSpot(each.id)));
	const painted = strokes.map((each) => rowOf(word("painted", { color: nameOf(each.color) }), each, null, () =>
		apply({ strokes: strokes.filter((other) => other !== each) }),
	));
	updateList([...rows, ...painted]);
}

/** The list is made anew only where it says something else, or its buttons would lose their focus. */
function updateList(rows) {
	const list = byId("spot-list");
	const text = (parent) => [...parent].map(({ textContent, className }) => textContent + className).join();
	if (text(rows) !== text(list.children)) setChildren(list, rows);
}

function rowOf(label, { color, id }, onSelect, onRemove) {
	const chip = make("span", { className: "chip" });
	chip.style.setProperty("--color", color ?? "transparent");
	return make(
		"li",
		{ className: id && id === state.selected ? "selected" : "" },
		chip,
		onSelect ? button(label, onSelect, { className: "quiet" }) : make("span", {}, label),
		button("×", onRemove, { className: "quiet", ariaLabel: word("remove", { what: label }) }),
	);
}

/** Choose a colour: of the brush while it is in use, else of the selected spot. */
function choose(color) {
	endTrial();
	if (state.tool === "brush") brush.color = color;
	else if (selectedSpot()) return apply({ spots: changedSpots({ color, keep: false }) });
	changed();
}

/** Show what a colour would do, before it is chosen; only the newest trial counts. */
async function tryOut(color) {
	endTrial();
	if (!selectedSpot() || state.tool === "brush") return;
	const trial = (previewing = new AbortController());
	const spots = changedSpots({ color, keep: false });
	const blob = await preview(state.current, spots, trial.signal).catch(() => null); // the result itself will tell
	if (blob && trial === previewing) showPreview(blob);
}

function endTrial() {
	previewing?.abort();
	previewing = null;
	if (state.tool) showPreview(null);
}

async function pickFrom(x, y) {
	const { current } = state;
	const picture = current.leader ?? current.results[0].blob;
	state.tool = "spot";
	choose(hexOf(...(await levelsAt(picture, x / current.width, y / current.height))));
}

/** Ask for the colours that are likely at a spot, once for each place where it rests. */
async function suggest(spot) {
	const key = spot ? `${state.current.id} ${spot.id} ${spot.x} ${spot.y}` : "";
	if (key === suggestedFor) return;
	suggestedFor = key;
	const place = byId("suggested");
	if (!spot) return place.replaceChildren();
	await new Promise((resolve) => setTimeout(resolve, place.children.length ? 200 : 0));
	if (key !== suggestedFor || !suggester()) return;
	const { blob, scale } = await smallCopy(state.current);
	const [x, y] = [spot.x, spot.y].map((side) => Math.floor(side * scale));
	const colors = await getSuggestions(blob, x, y, suggester().name).catch(() => []); // the picker is enough
	if (key !== suggestedFor) return;
	if (!colors.length) suggestedFor = ""; // to be asked again
	place.replaceChildren(...colors.map(({ color, share }) => swatchOf(color, nameOf(color), percent(share))));
	if (colors.length === 1) say(word("hardly-any"));
	else if (colors.length) say(word("suggestions", { n: colors.length, names: colors.map(({ color }) => nameOf(color)).join(", ") }));
}

function swatchOf(color, name, share = null) {
	const chip = make("span", { className: "chip" });
	chip.style.setProperty("--color", color);
	const swatch = button("", () => choose(color), {
		className: "swatch",
		title: share ? `${name}, ${share}` : name,
		onpointerenter: ({ pointerType }) => pointerType === "mouse" && tryOut(color),
		onpointerleave: endTrial,
	});
	if (share === "") Object.assign(swatch, { ariaLabel: name }).append(chip);
	else swatch.append(chip, name);
	return swatch;
}
