/** Corrections: every change is coloured at once, a newer one replaces one under way, and all can be undone. */
import { word } from "../ground/words.js";
import { looksColored } from "../photo/drawing.js";
import { smallCopy } from "../photo/photo.js";
import { colorize, getVariants } from "../service/api.js";
import { edit, hintsOf, redo, undo, wishOf } from "../state/edits.js";
import { keep } from "../state/keep.js";
import { changed, isSeen, say, state } from "../state/state.js";
import { attempt } from "./attempt.js";
import { fill } from "./run.js";

const SETTLE_MS = 150; // a spot that is being moved is coloured when it rests

/** Change the edits of the photo on the stage, and colour it again where that is needed. */
export function apply(changes, mover) {
	edit(state.current, changes, mover);
	follow(state.current);
}

/** Take the last change of the photo on the stage back. */
export const takeBack = () => change(undo, "taken-back");

/** Bring back what was taken back. */
export const bringBack = () => change(redo, "brought-back");

function change(step, saying) {
	const photo = state.current;
	step(photo);
	const { selected } = state;
	if (!photo.edits.spots.some(({ id }) => id === selected)) state.selected = null;
	say(word(saying));
	follow(photo);
}

let newest = null;

/** Colour a photo anew when its edits rest, if that is needed. */
export function follow(photo) {
	changed();
	newest?.abort();
	newest = new AbortController();
	if (photo.film) photo.run = newest;
	const { signal } = newest;
	photo.recoloring = new Promise((resolve) => setTimeout(resolve, SETTLE_MS)).then(async () => {
		keep(photo);
		if (!signal.aborted && staleOf(photo).length) await attempt(() => recolor(photo, signal));
	});
}

const staleOf = (photo) => photo.results.filter(({ wish }) => wish !== wishOf(photo));

async function recolor(photo, signal) {
	say(word("coloring-again"));
	for (const result of staleOf(photo)) await fill(result, photo, signal);
	keep(photo);
	say(word("corrected"));
}

/** Wait until a photo has the colours that were last asked for. */
export async function settled(photo) {
	for (let seen = null; photo.recoloring && seen !== photo.recoloring; ) {
		seen = photo.recoloring;
		await seen;
	}
}

/** Begin to correct the photo on the stage. */
export function startCorrecting() {
	state.tool = "spot";
	say(word("how-to-correct"));
}

/** Leave the corrections; they stay in the photo. */
export function stopCorrecting() {
	Object.assign(state, { tool: null, selected: null });
	say(word("finished"));
}

/** A small colouring of the photo as it would be with these spots: enough to judge a colour while choosing. */
export async function preview(photo, spots, signal) {
	const { blob, scale } = await smallCopy(photo);
	const hints = hintsOf({ ...photo.edits, spots: spots.filter(isSeen) }).map((hint) => ({
		...hint,
		time: undefined,
		x: Math.floor(hint.x * scale),
		y: Math.floor(hint.y * scale),
	}));
	const strategy = photo.results[0].strategy.name;
	return (await colorize(blob, "photo.jpg", { strategy, hints }, signal)).blob;
}

/** Ask for colourings of the photo on the stage: [{url, hints}], the hints in its own pixels. */
export async function findVariants() {
	const photo = state.current;
	say(word("finding-variants"));
	const { blob, scale } = await smallCopy(photo);
	const variants = await getVariants(blob, photo.results[0].strategy.name);
	photo.variants = variants.map((variant) => ({
		url: URL.createObjectURL(variant.blob),
		hints: variant.hints.map((hint) => ({ ...hint, x: Math.floor(hint.x / scale), y: Math.floor(hint.y / scale) })),
	}));
	say(word("variants-found"));
	changed();
}

/** Colour the photo on the stage with the colours of another, if that has any. */
export async function takeColorsOf(file) {
	const bitmap = await createImageBitmap(file).catch(() => null); // the service opens more kinds than a browser
	if (bitmap && !looksColored(bitmap)) say(word("reference-gray"));
	else apply({ reference: file });
}

/** Colour the photo on the stage like one of its variants. */
export const chooseVariant = ({ hints }) => apply({ variant: hints });
