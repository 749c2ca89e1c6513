/** The veil of doubt: where the network is less sure than elsewhere in this photo, it hides the colours. */
import { contextOf, decode } from "../photo/drawing.js";

const veils = new WeakMap();

/** The address of a picture that veils a result, and in `result.range` the shares at its ends, 0 to 1. */
export async function veilOf(result) {
	if (veils.get(result)?.map !== result.map) veils.set(result, { map: result.map, url: await drawVeil(result) });
	return veils.get(result).url;
}

async function drawVeil(result) {
	const bitmap = await decode(blobOf(result.map));
	const context = contextOf(bitmap.width, bitmap.height);
	context.drawImage(bitmap, 0, 0);
	const pixels = context.getImageData(0, 0, bitmap.width, bitmap.height);
	const sure = Uint8Array.from({ length: pixels.data.length / 4 }, (_, index) => pixels.data[4 * index]);
	const sorted = sure.toSorted();
	const [low, high] = [0.02, 0.98].map((share) => sorted[Math.floor(share * (sorted.length - 1))]);
	result.range = [low / 255, high / 255];
	sure.forEach((level, index) => {
		const doubt = Math.min(1, Math.max(0, (high - level) / Math.max(1, high - low)));
		pixels.data.set([236, 236, 236, Math.round(235 * doubt ** 1.5)], 4 * index);
	});
	context.putImageData(pixels, 0, 0);
	return context.canvas.toDataURL();
}

/** The bytes of a data address; connections to those are not allowed here. */
function blobOf(address) {
	const bytes = Uint8Array.from(atob(address.split(",")[1]), (letter) => letter.charCodeAt(0));
	return new Blob([bytes], { type: "image/png" });
}
