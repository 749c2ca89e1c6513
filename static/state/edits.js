/** What a visitor wants otherwise than the network, with undo and redo. Every value is replaced, never changed. */

/**
 * spots: {id, x, y, color, reach, keep}, of films also time; strokes: {color, size, points} painted with the brush, all in pixels
 * of the photo; variant: the hints of a chosen colouring; reference: a photo with the colours that are wanted.
 */
export const NO_EDITS = { spots: [], strokes: [], variant: [], reference: null, saturation: 1, warmth: 0 };

/** How far a spot reaches where the visitor does not say. */
export const DEFAULT_REACH = 1;

/**
 * Change some of a photo's edits. Changes one after the other by the same `mover`, as of a spot that is
 * dragged, are undone as one.
 */
export function edit(photo, changes, mover = null) {
	if (!mover || mover !== photo.mover) photo.past = [...photo.past, photo.edits];
	Object.assign(photo, { future: [], mover, edits: { ...photo.edits, ...changes } });
}

/** Take the last change back. */
export function undo(photo) {
	if (!photo.past.length) return;
	photo.future = [...photo.future, photo.edits];
	Object.assign(photo, { edits: photo.past.at(-1), past: photo.past.slice(0, -1), mover: null });
}

/** Bring back what `undo` took. */
export function redo(photo) {
	if (!photo.future.length) return;
	photo.past = [...photo.past, photo.edits];
	Object.assign(photo, { edits: photo.future.at(-1), future: photo.future.slice(0, -1), mover: null });
}

/** The hints for the service: the chosen variant's, then the spots that say something. */
export const hintsOf = ({ spots, variant }) => [
	...variant,
	...spots.filter(({ color, keep }) => color || keep).map(hintOf),
];

function hintOf({ time, x, y, color, reach, keep }) {
	const hint = keep ? { time, x, y, keep } : { time, x, y, color };
	return reach === DEFAULT_REACH ? hint : { ...hint, reach };
}

/** A text that differs where the service would colour differently. */
export const wishOf = ({ edits }) =>
	JSON.stringify([hintsOf(edits), edits.strokes, edits.reference?.size, edits.reference?.name]);
