/** One photo in the browser: checked, turned and shrunk before anything is sent. */
import { Problem } from "./api.js";
import { make } from "./dom.js";

const MAX_CANVAS_PIXELS = 16_777_216; // Safari refuses larger ones
const SMALL_SIDE = 512;
const COLORED = 8; // levels of 256 that colours of one lightness differ by; tints stay below 6

/**
 * @typedef {object} Photo
 * @property {Blob} blob what is shown and sent: the original, turned `turns` quarters
 * @property {string} url shows `blob`; empty where the file cannot be used
 * @property {"ready"|"oversize"|"refused"|"working"|"done"|"failed"} state
 * @property {object[]} results one a strategy; one still to come has no `url` yet
 * @property {{id: number, x: number, y: number, color: string|null}[]} spots corrected places, in pixels
 */

/** Check that a file is a photo that we can colour and make a Photo of it; throws Problem. */
export async function openPhoto(file, limits) {
	const original = new Blob([file], { type: await kindOf(file) });
	const photo = { ...newPhoto(file), original };
	await redraw(photo, limits);
	return photo;
}

/** A Photo that cannot be used, to be listed with its reason. */
export const refusedPhoto = (file, problem) => ({ ...newPhoto(file), state: "refused", problem });

/** Turn the photo a quarter clockwise. */
export function turn(photo, limits) {
	Object.assign(photo, { turns: (photo.turns + 1) % 4, state: "working" });
	return redraw(photo, limits);
}

/** Shrink the photo to the largest size that the limits allow, to about 2 %. */
export async function shrink(photo, limits) {
	photo.state = "working";
	const pixels = Math.min(limits.max_pixels, MAX_CANVAS_PIXELS);
	let scale = Math.min(1, Math.sqrt(pixels / (photo.width * photo.height)));
	let blob = await drawn(photo, scale, "image/jpeg");
	while (blob.size > limits.max_upload_bytes) {
		// Bytes grow more slowly than area, so this lands a little below the limit, not far.
		scale *= 0.99 * Math.sqrt(limits.max_upload_bytes / blob.size);
		blob = await drawn(photo, scale, "image/jpeg");
	}
	Object.assign(photo, { original: blob, turns: 0 });
	await redraw(photo, limits);
}

/** A copy of at most 512 pixels a side, and its scale: enough to ask for suggestions with. */
export async function smallCopy(photo) {
	const scale = Math.min(1, SMALL_SIDE / Math.max(photo.width, photo.height));
	photo.small ??= drawn({ original: photo.blob, turns: 0 }, scale, "image/jpeg");
	return { blob: await photo.small, scale };
}

/** Let go of the memory that the photo holds. */
export const release = (photo) => [photo, ...photo.results].forEach(({ url }) => URL.revokeObjectURL(url));

const newPhoto = ({ name }) => ({
	name,
	url: "",
	turns: 0,
	problem: null,
	results: [],
	spots: [],
	history: [],
	saturation: 1,
});

async function kindOf(file) {
	const [first, second] = new Uint8Array(await file.slice(0, 2).arrayBuffer());
	if (first === 0xff && second === 0xd8) return "image/jpeg";
	if (first === 0x89 && second === 0x50) return "image/png";
	throw new Problem("not-a-photo", `“${file.name}” is not a jpg or png photo.`);
}

const decode = (blob) =>
	createImageBitmap(blob).catch(() => {
		throw new Problem("damaged-photo");
	});

const contextOf = (width, height) => make("canvas", { width, height }).getContext("2d");

/** Bring what is shown and sent up to date with the original and its turns. */
async function redraw(photo, limits) {
	const { original, turns } = photo;
	const blob = turns ? await drawn(photo, 1, original.type) : original;
	const bitmap = await decode(blob);
	const { width, height } = bitmap;
	const fits = blob.size <= limits.max_upload_bytes && width * height <= limits.max_pixels;
	URL.revokeObjectURL(photo.url);
	const url = URL.createObjectURL(blob);
	Object.assign(photo, { blob, width, height, url, small: null, state: fits ? "ready" : "oversize" });
	photo.colored = looksColored(bitmap);
	bitmap.close();
}

/** The original drawn upright, as its EXIF orientation says, turned and scaled. */
async function drawn({ original, turns }, scale, type) {
	const bitmap = await decode(original);
	const [width, height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * scale)));
	const context = turns % 2 ? contextOf(height, width) : contextOf(width, height);
	const { canvas } = context;
	context.fillStyle = "white"; // where the photo is transparent, as the service does
	if (type === "image/jpeg") context.fillRect(0, 0, canvas.width, canvas.height);
	context.imageSmoothingQuality = "high";
	context.translate(canvas.width / 2, canvas.height / 2);
	context.rotate((turns * Math.PI) / 2);
	context.drawImage(bitmap, -width / 2, -height / 2, width, height);
	bitmap.close();
	return new Promise((resolve) => canvas.toBlob(resolve, type, 0.95));
}

/** Whether a picture is in colour. A toned or faded print is not: it has one colour for each lightness. */
function looksColored(bitmap) {
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
