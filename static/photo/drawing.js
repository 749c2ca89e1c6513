/** Photos on canvases: decoded, turned, scaled, and looked at. */
import { make } from "../ground/dom.js";
import { Problem } from "../service/api.js";

/** Safari refuses larger canvases. */
export const MAX_CANVAS_PIXELS = 16_777_216;
const JPEG_QUALITY = 0.95;
const COLORED = 8; // levels of 256 that colours of one lightness differ by; tints stay below 6

/** A bitmap of a photo, upright as its Exif says; throws Problem where the browser cannot show it. */
export const decode = (blob) =>
	createImageBitmap(blob).catch(() => {
		throw new Problem("damaged-photo");
	});

/** A new canvas to draw on. */
export const contextOf = (width, height) =>
	make("canvas", { width: Math.max(1, Math.round(width)), height: Math.max(1, Math.round(height)) }).getContext("2d");

/** The canvas of a context as a file. */
export const fileOfCanvas = ({ canvas }, type) =>
	new Promise((resolve) => canvas.toBlob(resolve, type, JPEG_QUALITY));

/** A photo drawn anew: scaled and turned by so many quarters clockwise, no larger than canvases may be. */
export async function drawn(blob, { turns = 0, scale = 1, type = "image/jpeg" } = {}) {
	const bitmap = await decode(blob);
	const most = Math.sqrt(MAX_CANVAS_PIXELS / (bitmap.width * bitmap.height));
	const [width, height] = [bitmap.width, bitmap.height].map((side) => side * Math.min(scale, most));
	const context = turns % 2 ? contextOf(height, width) : contextOf(width, height);
	const { canvas } = context;
	context.fillStyle = "white"; // where the photo is transparent, as the service does
	if (type === "image/jpeg") context.fillRect(0, 0, canvas.width, canvas.height);
	context.imageSmoothingQuality = "high";
	context.translate(canvas.width / 2, canvas.height / 2);
	context.rotate((turns * Math.PI) / 2);
	context.drawImage(bitmap, -width / 2, -height / 2, width, height);
	bitmap.close();
	return fileOfCanvas(context, type);
}

/** A copy whose longer side has at most so many pixels, and its scale. */
export async function smaller(blob, side) {
	const bitmap = await decode(blob);
	const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
	bitmap.close();
	return { blob: await drawn(blob, { scale }), scale };
}

/** The colour "red, green, blue" of a picture at a place of 0 to 1. */
export async function levelsAt(blob, x, y) {
	const bitmap = await decode(blob);
	const context = contextOf(1, 1);
	context.drawImage(bitmap, Math.floor(x * bitmap.width), Math.floor(y * bitmap.height), 1, 1, 0, 0, 1, 1);
	bitmap.close();
	return [...context.getImageData(0, 0, 1, 1).data.slice(0, 3)];
}

/** Whether a picture is in colour. A toned or faded print is not: it has one colour for each lightness. */
export function looksColored(bitmap) {
	const context = contextOf(64, 64);
	context.drawImage(bitmap, 0, 0, 64, 64);
	const { data } = context.getImageData(0, 0, 64, 64);
	const levels = Array.from({ length: 16 }, () => [0, 0, 0, 0]);
	for (let i = 0; i < data.length; i += 4) {
		const [red, green, blue] = data.slice(i, i + 3);
		const [warm, cold] = [red - green, blue - green];
		const level = levels[Math.floor((red + green + blue) / 48)];
		[1, warm, cold, warm ** 2 + cold ** 2].forEach((value, index) => (level[index] += value));
	}
	const variance = ([count, warm, cold, squares]) => count && squares - (warm ** 2 + cold ** 2) / count;
	return Math.sqrt(levels.reduce((sum, level) => sum + variance(level), 0) / 64 ** 2) > COLORED;
}
