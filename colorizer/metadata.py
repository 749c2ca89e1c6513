"""What a photo's file says about it, kept from format to format: EXIF, XMP, IPTC, resolution, ICC profile.

EXIF (CIPA DC-008) is a small TIFF file. It is changed in place, so that what we do not know, such as a
maker's notes with offsets of their own, stays readable: the orientation becomes 1, the pixel dimensions
become the result's, the thumbnail (still gray) goes, and a note joins the history. The user's own
description stays.
"""

import re
import struct
from dataclasses import dataclass

NOTE = "Colors simulated by Image Colorizer, strategy {strategy}."

IMAGE_DESCRIPTION, ORIENTATION, X_RESOLUTION, Y_RESOLUTION = 0x010E, 0x0112, 0x011A, 0x011B
RESOLUTION_UNIT, THUMBNAIL_OFFSET, THUMBNAIL_BYTES = 0x0128, 0x0201, 0x0202
EXIF_DIRECTORY, IMAGE_HISTORY, PIXEL_WIDTH, PIXEL_HEIGHT = 0x8769, 0x9213, 0xA002, 0xA003
ASCII, SHORT, LONG, RATIONAL = 2, 3, 4, 5
XMP_ORIENTATION = re.compile(rb'(tiff:Orientation(?:\s*=\s*["\']|>\s*))[2-8]')


@dataclass(frozen=True)
class Metadata:
    """What is kept of a file beside its pixels.

    exif: a TIFF block, without "Exif\\0\\0". xmp: an XML packet. iptc: Photoshop's image resources (8BIM).
    dpi: horizontal and vertical. icc: the profile that the result is in; None for plain sRGB.
    own: segments or chunks that only the same format, `own_format`, can hold, as they stood in the file.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    dpi: tuple[float, float] | None = None
    icc: bytes | None = None
    own: tuple[bytes, ...] = ()
    own_format: str | None = None


def read_orientation(exif: bytes | None) -> int:
    """Return EXIF's orientation, 1 to 8; 1 where there is none or the block is broken."""
    try:
        block = _ExifBlock(exif or b"")
        orientation = block.number(block.first.get(ORIENTATION))
    except (struct.error, ValueError):
        return 1
    return orientation if orientation in range(1, 9) else 1


def upright_xmp(xmp: bytes) -> bytes:
    """Return the packet with its orientation, if it has one, set to 1."""
    return XMP_ORIENTATION.sub(rb"\g<1>1", xmp)


def result_exif(metadata: Metadata, size: tuple[int, int], note: str, largest: int) -> bytes | None:
    """Return the EXIF of a coloured photo.

    size: its width and height. largest: how many bytes the format can hold; where the note makes the block
    too large, it is left out, and where the block alone is too large, None is returned.
    """
    try:
        block = _ExifBlock(metadata.exif or b"")
        block.refresh(size)
    except (struct.error, ValueError):  # a broken block tells nothing; a new one takes its place
        block = _ExifBlock(b"")
    described = block.described(note, metadata.dpi)
    return next((exif for exif in (described, bytes(block.data)) if 8 < len(exif) <= largest), None)


class _ExifBlock:
    """A TIFF block that can be read and changed in place; empty bytes make an empty one."""

    def __init__(self, exif: bytes) -> None:
        self.data = bytearray(exif or b"MM\x00\x2a\x00\x00\x00\x00")
        self.order = {b"II\x2a\x00": "<", b"MM\x00\x2a": ">"}.get(bytes(self.data[:4]))
        if self.order is None:
            raise ValueError("not a TIFF block")
        (start,) = self._unpack("I", 4)
        self.first, self.thumbnail_start = self._directory(start) if start else ({}, 0)

    def number(self, entry: int | None) -> int | None:
        """Return the SHORT or LONG value of the entry at this offset; None for other entries."""
        if entry is None:
            return None
        kind = self._unpack("H", entry + 2)[0]
        return self._unpack({SHORT: "H", LONG: "I"}[kind], entry + 8)[0] if kind in (SHORT, LONG) else None

    def refresh(self, size: tuple[int, int]) -> None:
        """Set orientation and dimensions to the result's and remove the thumbnail."""
        self._set_number(self.first.get(ORIENTATION), 1)
        start = self.number(self.first.get(EXIF_DIRECTORY))
        if start:
            camera, _ = self._directory(start)
            for tag, side in zip((PIXEL_WIDTH, PIXEL_HEIGHT), size, strict=True):
                self._set_number(camera.get(tag), side)
        if self.thumbnail_start:
            self._remove_thumbnail()

    def described(self, note: str, dpi: tuple[float, float] | None) -> bytes:
        """Return the block with a new first directory at its end: all old entries and the note."""
        entries = {tag: bytes(self.data[at : at + 12]) for tag, at in self.first.items()}
        values = {IMAGE_HISTORY: _ascii(self._text(IMAGE_HISTORY), note)}
        if not self._text(IMAGE_DESCRIPTION):
            values[IMAGE_DESCRIPTION] = _ascii(b"", note)
        data = bytearray(self.data) + b"\0" * (len(self.data) % 2)
        for tag, text in values.items():
            entries[tag] = struct.pack(self.order + "HHII", tag, ASCII, len(text), len(data))
            data += text + b"\0" * (len(text) % 2)
        if dpi and X_RESOLUTION not in entries:
            data += self._add_resolution(entries, dpi, len(data))
        return self._with_directory(data, entries)

    def _with_directory(self, data: bytearray, entries: dict[int, bytes]) -> bytes:
        struct.pack_into(self.order + "I", data, 4, len(data))
        data += struct.pack(self.order + "H", len(entries))
        data += b"".join(entries[tag] for tag in sorted(entries)) + b"\0\0\0\0"
        return bytes(data)

    def _add_resolution(self, entries: dict[int, bytes], dpi: tuple[float, float], at: int) -> bytes:
        entry = struct.Struct(self.order + "HHII")
        entries[X_RESOLUTION] = entry.pack(X_RESOLUTION, RATIONAL, 1, at)
        entries[Y_RESOLUTION] = entry.pack(Y_RESOLUTION, RATIONAL, 1, at + 8)
        inches = struct.pack(self.order + "HHIHH", RESOLUTION_UNIT, SHORT, 1, 2, 0)
        entries[RESOLUTION_UNIT] = inches
        x, y = (round(100 * side) for side in dpi)
        return struct.pack(self.order + "IIII", x, 100, y, 100)

    def _directory(self, start: int) -> tuple[dict[int, int], int]:
        """Return the offset of each tag's entry, and where the next directory is (0: nowhere)."""
        (count,) = self._unpack("H", start)
        end = start + 2 + 12 * count
        offsets = range(start + 2, end, 12)
        entries = {self._unpack("H", at)[0]: at for at in offsets}
        return entries, self._unpack("I", end)[0]

    def _text(self, tag: int) -> bytes:
        """Return a text entry without its padding; empty where there is none or it is broken."""
        if tag not in self.first:
            return b""
        kind, length, at = self._unpack("HII", self.first[tag] + 2)
        at = self.first[tag] + 8 if length <= 4 else at
        text = self.data[at : at + length] if kind == ASCII else b""
        return bytes(text).strip(b"\0 ")

    def _set_number(self, entry: int | None, value: int) -> None:
        if entry is not None:
            kind = LONG if value > 0xFFFF else SHORT
            packed = struct.pack(self.order + ("HII" if kind == LONG else "HIHxx"), kind, 1, value)
            self.data[entry + 2 : entry + 12] = packed

    def _remove_thumbnail(self) -> None:
        directory, _ = self._directory(self.thumbnail_start)
        start = self.number(directory.get(THUMBNAIL_OFFSET)) or 0
        end = start + (self.number(directory.get(THUMBNAIL_BYTES)) or 0)
        (count,) = self._unpack("H", struct.unpack_from(self.order + "I", self.data, 4)[0])
        link = struct.unpack_from(self.order + "I", self.data, 4)[0] + 2 + 12 * count
        struct.pack_into(self.order + "I", self.data, link, 0)
        if start >= self.thumbnail_start and end >= len(self.data):
            del self.data[start:]

    def _unpack(self, kinds: str, at: int) -> tuple:
        return struct.unpack_from(self.order + kinds, self.data, at)


def _ascii(text: bytes, note: str) -> bytes:
    return b"\n".join(filter(None, (text, note.encode("ascii", "replace")))) + b"\0"
