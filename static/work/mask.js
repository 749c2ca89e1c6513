/** What the brush has painted, as a picture: where it is opaque, the photo is to have its colour. */
import { contextOf } from "../photo/drawing.js";

const LONGER_SIDE = 1024;

/** Paint the strokes of a photo onto a canvas that covers it. */
export function paint(context, { width, edits: { strokes } }) {
	const scale = context.canvas.width / width;
	context.clearRect(0, 0, context.canvas.width, context.canvas.height);
	Object.assign(context, { lineCap: "round", lineJoin: "round" });
	for (const { color, size, points } of strokes) {
		Object.assign(context, { strokeStyle: color, lineWidth: size * scale });
		const at = ([x, y]) => [x * scale, y * scale];
		context.beginPath();
		context.moveTo(...at(points[0]));
		for (const point of points) context.lineTo(...at(point)); // the first once more, or a dot would not show
		context.stroke();
	}
}

/** The mask of a photo as the service takes it. */
export function maskOf(photo) {
	const scale = Math.min(1, LONGER_SIDE / Math.max(photo.width, photo.height));
	const context = contextOf(photo.width * scale, photo.height * scale);
	paint(context, photo);
	return new Promise((resolve) => context.canvas.toBlob(resolve, "image/png"));
}
