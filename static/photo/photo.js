/** One photo in the browser: checked, turned and shrunk before anything is sent. */
import { Problem, colorize } from "../service/api.js";
import { MAX_CANVAS_PIXELS, decode, drawn, looksColored, smaller } from "./drawing.js";
import { withMetadata } from "./metadata.js";

// What a file of each kind begins with; a dot stands for any byte.
const STARTS = {
	"image/jpeg": /^\xff\xd8\xff/,
	"image/png": /^\x89PNG/,
	"image/webp": /^RIFF.{4}WEBP/s,
	"image/tiff": /^(II[*+]\0|MM\0[*+])/,
	"image/avif": /^.{4}ftypavi[fs]/s,
	"image/heic": /^.{4}ftyp(hei|hev|mif1)/s,
	"image/gif": /^GIF8/,
	"image/bmp": /^BM/,
};
const SHOWN_EVERYWHERE = ["image/jpeg", "image/png", "image/webp"];
const SMALL_SIDE = 512;
const THUMBNAIL_SIDE = 128;

/**
 * @typedef {object} Photo
 * @property {number} id larger than those of photos that came before
 * @property {Blob} original what is sent, with `turns` quarters clockwise beside it
 * @property {Blob} picture what the browser can show of `original`; `url` shows it turned
 * @property {number} width of the photo as it is shown; all places are in its pixels
 * @property {"ready"|"oversize"|"refused"|"working"|"done"|"failed"} state
 * @property {object[]} results one a strategy; one still to come has no `url` yet
 * @property {object} edits what the visitor wants other than the network; see state/edits.js
 */

let lastId = 0;

/** Check that a file is a photo that we can colour and make a Photo of it; throws Problem. */
export async function openPhoto(file, limits, edits) {
	const photo = newPhoto(file, edits);
	Object.assign(photo, await readable(file, limits));
	await redraw(photo, limits);
	return photo;
}

/** A Photo that cannot be used, to be listed with its reason. */
export const refusedPhoto = (file, problem, edits) => ({ ...newPhoto(file, edits), state: "refused", problem });

/** Turn the photo a quarter clockwise; the service turns the original, which keeps its metadata. */
export function turn(photo, limits) {
	Object.assign(photo, { turns: (photo.turns + 1) % 4, state: "working" });
	return redraw(photo, limits);
}

/** Shrink the photo to the largest size that the limits allow, to about 2 %. */
export async function shrink(photo, limits) {
	photo.state = "working";
	const pixels = Math.min(limits.max_pixels, MAX_CANVAS_PIXELS);
	let scale = Math.min(1, Math.sqrt(pixels / (photo.width * photo.height)));
	let blob = await shrunk(photo, scale);
	while (blob.size > limits.max_upload_bytes) {
		// Bytes grow more slowly than area, so this lands a little below the limit, not far.
		scale *= 0.99 * Math.sqrt(limits.max_upload_bytes / blob.size);
		blob = await shrunk(photo, scale);
	}
	Object.assign(photo, { original: blob, picture: blob });
	await redraw(photo, limits);
}

/** A turned copy of at most 512 pixels a side, and its scale: enough to ask for colours with. */
export const smallCopy = (photo) => (photo.small ??= smaller(photo.shown, SMALL_SIDE));

/** The address of a small picture for lists. */
export const thumbnailOf = async (blob) => URL.createObjectURL((await smaller(blob, THUMBNAIL_SIDE)).blob);

/** Let go of the memory that the photo holds. */
export const release = (photo) =>
	[photo, ...photo.results].forEach(({ url, thumbnail }) => [url, thumbnail].forEach(URL.revokeObjectURL));

/** Bring what is shown up to date; whoever changes the photo meanwhile redraws it. */
export async function redraw(photo, limits) {
	const { picture, turns } = photo;
	const bitmap = await decode(picture);
	const { width, height } = turns % 2 ? { width: bitmap.height, height: bitmap.width } : bitmap;
	photo.colored = looksColored(bitmap);
	bitmap.close();
	const shown = turns ? await drawn(picture, { turns }) : picture;
	const thumbnail = await thumbnailOf(shown);
	if (photo.picture !== picture || photo.turns !== turns) return URL.revokeObjectURL(thumbnail);
	release({ ...photo, results: [] });
	photo.state =
		photo.original.size > limits.max_upload_bytes || width * height > limits.max_pixels ? "oversize" : "ready";
	Object.assign(photo, { width, height, shown, url: URL.createObjectURL(shown), thumbnail, small: null });
}

const shrunk = async ({ picture, original }, scale) => withMetadata(await drawn(picture, { scale }), original);

/** A Photo that is still to be opened. */
export const newPhoto = ({ name }, edits) => ({
	id: (lastId = Math.max(Date.now(), lastId + 1)),
	name,
	url: "",
	turns: 0,
	problem: null,
	results: [],
	edits,
	past: [],
	future: [],
});

/**
 * What to send of a file and what to show of it. A kind that the service does not take is sent as a jpg,
 * one that the browser cannot show is shown as the service sees it.
 */
async function readable(file, { media_types: taken }) {
	const type = await kindOf(file);
	const original = new Blob([file], { type });
	const shows = await createImageBitmap(original).then((bitmap) => !bitmap.close(), () => false);
	if (taken.includes(type)) {
		if (shows || SHOWN_EVERYWHERE.includes(type)) return { original, picture: original };
		return { original, picture: (await colorize(original, file.name, { saturation: 0 })).blob };
	}
	if (!shows) throw new Problem("not-a-photo");
	const copy = await drawn(original);
	return { original: copy, picture: copy };
}

/** The media type of a file; throws Problem where it is no picture. */
async function kindOf(file) {
	const start = String.fromCharCode(...new Uint8Array(await file.slice(0, 12).arrayBuffer()));
	const kind = Object.keys(STARTS).find((type) => STARTS[type].test(start));
	if (!kind) throw new Problem("not-a-photo");
	return kind;
}
