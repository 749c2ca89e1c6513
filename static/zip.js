/** A zip file of stored, not compressed, entries: photos hardly shrink further. PKWARE APPNOTE 6.3. */

const VERSION = 20;
const UTF8_NAMES = 0x0800;

/**
 * @param {{name: string, blob: Blob}[]} files with names that differ
 * @param {Date} [when] the time that the entries carry
 * @returns {Promise<Blob>}
 */
export async function zip(files, when = new Date()) {
  const entries = [];
  const directory = [];
  let offset = 0;
  for (const { name, blob } of files) {
    const bytes = new Uint8Array(await blob.arrayBuffer());
    const encoded = new TextEncoder().encode(name);
    const about = description(bytes, encoded, when);
    entries.push(record(0x04034b50, about), encoded, bytes);
    // made by; comment length, disk, internal and external attributes, place of the entry
    const place = [[2, 0], [2, 0], [2, 0], [4, 0], [4, offset]];
    directory.push(record(0x02014b50, [[2, VERSION], ...about, ...place]), encoded);
    offset += 30 + encoded.length + bytes.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  // two disk numbers; entries here and in all; the directory's size and place; comment length
  const counts = [[2, 0], [2, 0], [2, files.length], [2, files.length]];
  const ending = record(0x06054b50, [...counts, [4, size], [4, offset], [2, 0]]);
  return new Blob([...entries, ...directory, ending], { type: "application/zip" });
}

/** What both records of an entry say of it, each field as [bytes, value]. */
const description = (bytes, name, when) => [
  [2, VERSION],
  [2, UTF8_NAMES],
  [2, 0], // stored
  [2, (when.getHours() << 11) | (when.getMinutes() << 5) | (when.getSeconds() >> 1)],
  [2, ((when.getFullYear() - 1980) << 9) | ((when.getMonth() + 1) << 5) | when.getDate()],
  [4, crc32(bytes)],
  [4, bytes.length],
  [4, bytes.length],
  [2, name.length],
  [2, 0], // no extra field
];

/** Lay out a signature and fields, little-endian. */
function record(signature, fields) {
  const view = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 4)));
  view.setUint32(0, signature, true);
  let at = 4;
  for (const [size, value] of fields) {
    view[`setUint${8 * size}`](at, value, true);
    at += size;
  }
  return new Uint8Array(view.buffer);
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
