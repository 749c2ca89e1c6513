/** The kinds of picture files that people have, told by their first bytes. */
import { Problem } from "../service/api.js";

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

/** The media type of a file; throws Problem where it is no picture. */
export async function kindOf(file) {
	const start = String.fromCharCode(...new Uint8Array(await file.slice(0, 12).arrayBuffer()));
	const kind = Object.keys(STARTS).find((type) => STARTS[type].test(start));
	if (!kind) throw new Problem("not-a-photo");
	return kind;
}
