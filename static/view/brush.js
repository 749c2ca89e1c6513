/** The brush: what it has painted gets its colour, whatever the network thinks belongs together. */
import { byId, make } from "../ground/dom.js";
import { state } from "../state/state.js";
import { apply } from "../work/correct.js";
import { paint } from "../work/mask.js";
import { overlay } from "./viewer.js";

const LONGER_SIDE = 1024;

/** What the brush paints with. */
export const brush = { color: "#808080" };

let stroke = null;

/** The tool that paints. */
export const painting = {
	tap() {},
	stroke(x, y) {
		stroke ??= { color: brush.color, size: sizeNow(), points: [] };
		stroke.points.push([x, y]);
		showStrokes();
	},
	end() {
		const strokes = stroke ? [...state.current.edits.strokes, stroke] : state.current.edits.strokes;
		stroke = null;
		apply({ strokes });
	},
};

const sizeNow = () =>
	Math.round((byId("brush-size").value / 100) * Math.max(state.current.width, state.current.height));

/** Bring what is painted up to date; it is seen while the brush is in use. */
export function showStrokes() {
	const layer = overlay();
	if (!layer) return;
	const canvas = layer.querySelector("canvas") ?? newCanvas(layer);
	const { strokes } = state.current.edits;
	const edits = { strokes: stroke ? [...strokes, stroke] : strokes };
	paint(canvas.getContext("2d"), { ...state.current, edits });
}

function newCanvas(layer) {
	const { width, height } = state.current;
	const scale = Math.min(1, LONGER_SIDE / Math.max(width, height));
	const canvas = make("canvas", { width: Math.round(width * scale), height: Math.round(height * scale) });
	layer.prepend(canvas);
	return canvas;
}
