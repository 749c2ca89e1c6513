/** A zip file of stored, not compressed, entries: photos hardly shrink further. PKWARE APPNOTE 6.3. */

const VERSION = 20;
const UTF8_NAMES = 0x0800;
const STORED = 0;
const ENTRY = "2222244422"; // the bytes of each field that both records of an entry have

/** @param {{name: string, blob: Blob}[]} files with names that differ */
export async function zip(files) {
	const entries = [];
	const directory = [];
	let offset = 0;
	for (const { name, blob } of files) {
		const bytes = new Uint8Array(await blob.arrayBuffer());
		const encoded = new TextEncoder().encode(name);
		const about = description(bytes, encoded, new Date());
		entries.push(record(`4${ENTRY}`, 0x04034b50, ...about), encoded, bytes);
		// no comment, disk 0, no attributes; then the place of the entry
		directory.push(record(`42${ENTRY}22244`, 0x02014b50, VERSION, ...about, 0, 0, 0, 0, offset), encoded);
		offset += 30 + encoded.length + bytes.length;
	}
	const size = directory.reduce((sum, { length }) => sum + length, 0);
	// two disk numbers, the entries on this disk and in all; at the end no comment
	const ending = record("42222442", 0x06054b50, 0, 0, files.length, files.length, size, offset, 0);
	return new Blob([...entries, ...directory, ending], { type: "application/zip" });
}

const description = (bytes, name, when) => [
	VERSION,
	UTF8_NAMES,
	STORED,
	(when.getHours() << 11) | (when.getMinutes() << 5) | (when.getSeconds() >> 1),
	((when.getFullYear() - 1980) << 9) | ((when.getMonth() + 1) << 5) | when.getDate(),
	crc32(bytes),
	bytes.length,
	bytes.length,
	name.length,
	0, // no extra field
];

/** Lay out numbers of 2 or 4 bytes, little-endian. */
function record(sizes, ...values) {
	const view = new DataView(new ArrayBuffer(46));
	let at = 0;
	for (const [index, size] of [...sizes].entries()) {
		view[`setUint${8 * size}`](at, values[index], true);
		at += Number(size);
	}
	return new Uint8Array(view.buffer, 0, at);
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
	for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? (byte >>> 1) ^ 0xedb88320 : byte >>> 1;
	return byte;
});

/** CRC-32 as in ISO 3309. */
function crc32(bytes) {
	let crc = ~0;
	for (const byte of bytes) crc = (crc >>> 8) ^ CRC_TABLE[(crc ^ byte) & 255];
	return ~crc >>> 0;
}
