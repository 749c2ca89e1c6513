/**
 * A canvas keeps only pixels. What else a photo's file says (Exif, XMP, caption, resolution) is taken over
 * from the file as it came: JPEG segments (ITU T.81, B.1.1.2), PNG chunks (W3C PNG, 11.3), Exif 2.32.
 */

const [SOI, SOS, JFIF, APP1, IPTC, COMMENT] = [0xd8, 0xda, 0xe0, 0xe1, 0xed, 0xfe];
const ORIENTATION = 0x0112;
const INCH = 0.0254;

/** The jpg `made` with the metadata of the file `from`, which is upright now. */
export async function withMetadata(made, from) {
	const [target, source] = await Promise.all([made, from].map(bytesOf));
	const taken = isJpeg(source) ? ofJpeg(source) : ofPng(source);
	const hasDensity = taken.some(([, marker]) => marker === JFIF);
	const own = hasDensity ? segments(target).find(([, marker]) => marker === JFIF) : null;
	const rest = target.slice(2 + (own?.length ?? 0));
	return new Blob([new Uint8Array([0xff, SOI]), ...taken, rest], { type: "image/jpeg" });
}

const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());
const isJpeg = ([first, second]) => first === 0xff && second === SOI;
const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const textOf = (bytes) => String.fromCharCode(...bytes);

/** The segments before the picture itself, whole. */
function segments(bytes) {
	const found = [];
	const view = viewOf(bytes);
	for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff && bytes[at + 1] !== SOS; ) {
		const end = at + 2 + view.getUint16(at + 2);
		found.push(bytes.slice(at, end));
		at = end;
	}
	return found;
}

function ofJpeg(bytes) {
	const taken = segments(bytes).filter(([, marker]) => [JFIF, APP1, IPTC, COMMENT].includes(marker));
	taken.filter((segment) => textOf(segment.slice(4, 8)) === "Exif").forEach(setUpright);
	return taken;
}

/** Of a PNG the Exif and the resolution; its texts are in Latin-1 or packed, and rare in photos. */
function ofPng(bytes) {
	const view = viewOf(bytes);
	const taken = [];
	for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
		const data = bytes.slice(at + 8, at + 8 + view.getUint32(at));
		const kind = textOf(bytes.slice(at + 4, at + 8));
		if (kind === "eXIf" && data.length < 65_000) taken.push(segment(APP1, [69, 120, 105, 102, 0, 0, ...data]));
		if (kind === "pHYs" && data[8]) taken.unshift(density(viewOf(data).getUint32(0)));
	}
	taken.filter(([, marker]) => marker === APP1).forEach(setUpright);
	return taken;
}

const segment = (marker, content) =>
	new Uint8Array([0xff, marker, (content.length + 2) >> 8, (content.length + 2) & 255, ...content]);

function density(perMetre) {
	const dots = Math.round(perMetre * INCH);
	return segment(JFIF, [74, 70, 73, 70, 0, 1, 1, 1, dots >> 8, dots & 255, dots >> 8, dots & 255, 0, 0]);
}

/** The canvas has drawn the photo upright, so the tag must not turn it once more. */
function setUpright(exif) {
	const view = new DataView(exif.buffer, exif.byteOffset + 10);
	const little = view.getUint16(0) === 0x4949;
	const directory = view.getUint32(4, little);
	if (directory + 2 > view.byteLength) return;
	const last = (view.byteLength - directory - 2) / 12;
	for (let entry = 0; entry < Math.min(last, view.getUint16(directory, little)); entry++) {
		const at = directory + 2 + 12 * entry;
		if (view.getUint16(at, little) === ORIENTATION) view.setUint16(at + 8, 1, little);
	}
}
