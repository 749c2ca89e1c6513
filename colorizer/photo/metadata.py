"""What a photo's file says about it, kept from format to format: EXIF, XMP, IPTC, resolution, ICC profile.

EXIF (CIPA DC-008) is a small TIFF file. It is changed in place, so that what we do not know, such as a
maker's notes with offsets of their own, stays readable: the orientation becomes 1, the pixel dimensions the
result's, the thumbnail (still gray) goes, and a note joins the history. Captions are the user's: no note of
ours stands where programs look for one (Metadata Working Group, Guidelines for Handling Image Metadata 2.0).
A caption that only the source's format holds is written as EXIF's, unless that hides one in XMP or IPTC.
"""

import struct
from dataclasses import dataclass
from typing import Any

from colorizer.photo import iptc
from colorizer.photo.record import Record
from colorizer.photo.tiff_directory import BYTE_ORDERS
from colorizer.photo.xmp import orientation_of

NOTE = "Colors simulated by Image Colorizer, strategy {strategy}."

PROCESSING_SOFTWARE, IMAGE_DESCRIPTION, ORIENTATION = 0x000B, 0x010E, 0x0112
X_RESOLUTION, Y_RESOLUTION = 0x011A, 0x011B
RESOLUTION_UNIT, THUMBNAIL_OFFSET, THUMBNAIL_BYTES = 0x0128, 0x0201, 0x0202
EXIF_DIRECTORY, IMAGE_HISTORY, PIXEL_WIDTH, PIXEL_HEIGHT = 0x8769, 0x9213, 0xA002, 0xA003
ASCII, SHORT, LONG, RATIONAL = 2, 3, 4, 5
WHOLE = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i"}  # kinds of whole numbers, and how they are packed
INCHES = 2
MAX_DPI = 60_000
ENTRY_BYTES = 12
EMPTY = b"MM\x00\x2a\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00"  # a header and a directory without entries


@dataclass(frozen=True)
class Metadata:
    """What is kept of a file beside its pixels.

    exif: a TIFF block, without "Exif\\0\\0". xmp: an XML packet. iptc: Photoshop's image resources (8BIM).
    dpi: horizontal and vertical. icc: the profile of the pixels.
    own: segments or chunks that only the same format, `own_format`, can hold, as they stand in the file.
    source: the SHA-256 of the file, in hexadecimal digits. record: of a result, what it was made from.
    caption: the text among them that describes the photo, in UTF-8.
    """

    exif: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    dpi: tuple[float, float] | None = None
    icc: bytes | None = None
    own: tuple[bytes, ...] = ()
    own_format: str | None = None
    source: str | None = None
    record: Record | None = None
    caption: bytes | None = None


def sane_dpi(x: float, y: float) -> tuple[float, float] | None:
    """Return a resolution that a photo can have and every format can hold; None for any other."""
    return (float(x), float(y)) if all(1 < side <= MAX_DPI for side in (x, y)) else None


def read_orientation(metadata: Metadata) -> int:
    """Return EXIF's orientation, 1 to 8, or XMP's where EXIF has none; 1 where neither says one."""
    return _orientation_of_exif(metadata.exif or EMPTY) or orientation_of(metadata.xmp or b"") or 1


def _orientation_of_exif(exif: bytes) -> int | None:
    try:
        block = _ExifBlock(exif)
        orientation = block.number(block.entries.get(ORIENTATION))
    except (struct.error, ValueError):
        return None
    return orientation if orientation in range(1, 9) else None


def result_exif(metadata: Metadata, size: tuple[int, int], note: str, largest: int) -> bytes | None:
    """Return the EXIF of a coloured photo of this (width, height).

    largest: how many bytes the format can hold. Where the note makes the block too large it is left out, and
    where the block alone is too large there is none. A broken block tells nothing: a new one takes its place.
    """
    caption = None if _has_caption(metadata) else metadata.caption
    try:
        block = _ExifBlock(metadata.exif or EMPTY)
        block.refresh(size)
        noted = block.with_note(note, caption, metadata.dpi)
    except (struct.error, ValueError):
        block = _ExifBlock(EMPTY)
        noted = block.with_note(note, caption, metadata.dpi)
    return next((exif for exif in (noted, bytes(block.data)) if len(exif) <= largest), None)


def _has_caption(metadata: Metadata) -> bool:
    """Whether XMP or IPTC have a caption, which one in EXIF would hide."""
    return b"dc:description" in (metadata.xmp or b"") or iptc.caption_of(metadata.iptc or b"") is not None


class _ExifBlock:
    """A TIFF block and the offsets of its first directory's entries.

    A block that is broken raises struct.error or ValueError in any method.
    """

    def __init__(self, exif: bytes) -> None:
        self.data = bytearray(exif)
        if exif[:4] not in BYTE_ORDERS:
            raise ValueError("This is no TIFF block.")
        self.order = BYTE_ORDERS[exif[:4]]
        (start,) = self._read("I", 4)
        self.entries, self.end = self._directory(start)

    def number(self, entry: int | None) -> int | None:
        """Return the whole number, of any kind, in the entry at this offset; None where there is none."""
        if entry is None:
            return None
        (kind,) = self._read("H", entry + 2)
        return int(self._read(WHOLE[kind], entry + 8)[0]) if kind in WHOLE else None

    def refresh(self, size: tuple[int, int]) -> None:
        """Set orientation and dimensions to the result's, and remove the thumbnail."""
        self._set_number(self.entries.get(ORIENTATION), 1)
        camera = self.number(self.entries.get(EXIF_DIRECTORY))
        if camera:
            entries, _ = self._directory(camera)
            self._set_number(entries.get(PIXEL_WIDTH), size[0])
            self._set_number(entries.get(PIXEL_HEIGHT), size[1])
        (thumbnail,) = self._read("I", self.end)
        if thumbnail:
            self._remove_thumbnail(thumbnail)

    def with_note(self, note: str, caption: bytes | None, dpi: tuple[float, float] | None) -> bytes:
        """Return the block with a new first directory at its end: old entries, note, caption, resolution."""
        texts = {IMAGE_HISTORY: b"\n".join(filter(None, (self._text(IMAGE_HISTORY), note.encode())))}
        if not self._text(PROCESSING_SOFTWARE):
            texts[PROCESSING_SOFTWARE] = note.encode()
        if caption and not self._text(IMAGE_DESCRIPTION):
            texts[IMAGE_DESCRIPTION] = caption
        entries = {tag: bytes(self.data[at : at + ENTRY_BYTES]) for tag, at in self.entries.items()}
        data = self.data + b"\0" * (len(self.data) % 2)  # TIFF wants even offsets
        for tag, text in texts.items():
            entries[tag] = self._pack("HHII", tag, ASCII, len(text) + 1, len(data))
            data += text + b"\0" * (2 - len(text) % 2)
        if dpi and X_RESOLUTION not in entries:
            for tag, side in zip((X_RESOLUTION, Y_RESOLUTION), dpi, strict=True):
                entries[tag] = self._pack("HHII", tag, RATIONAL, 1, len(data))
                data += self._pack("II", round(100 * side), 100)
            entries[RESOLUTION_UNIT] = self._pack("HHIHH", RESOLUTION_UNIT, SHORT, 1, INCHES, 0)
        data[4:8] = self._pack("I", len(data))
        data += self._pack("H", len(entries)) + b"".join(entries[tag] for tag in sorted(entries))
        return bytes(data + self._pack("I", 0))

    def _directory(self, start: int) -> tuple[dict[int, int], int]:
        """Return the offset of each tag's entry, and that of the link to the next directory."""
        (count,) = self._read("H", start)
        end = start + 2 + ENTRY_BYTES * count
        self._read("I", end)  # raises where the directory is cut off
        return {self._read("H", at)[0]: at for at in range(start + 2, end, ENTRY_BYTES)}, end

    def _text(self, tag: int) -> bytes:
        """Return a text; empty where there is none."""
        if tag not in self.entries:
            return b""
        kind, length, at = self._read("HII", self.entries[tag] + 2)
        at = self.entries[tag] + 8 if length <= 4 else at
        whole = kind == ASCII and at + length <= len(self.data)
        return bytes(self.data[at : at + length]).strip(b"\0 ") if whole else b""

    def _set_number(self, entry: int | None, value: int) -> None:
        if entry is not None:
            kind, layout = (LONG, "HII") if value > 0xFFFF else (SHORT, "HIHxx")
            self.data[entry + 2 : entry + ENTRY_BYTES] = self._pack(layout, kind, 1, value)

    def _remove_thumbnail(self, directory: int) -> None:
        """Unlink the second directory, and cut off its picture where that is, as nearly always, the end."""
        self.data[self.end : self.end + 4] = self._pack("I", 0)
        entries, end = self._directory(directory)
        start = self.number(entries.get(THUMBNAIL_OFFSET)) or 0
        length = self.number(entries.get(THUMBNAIL_BYTES)) or 0
        if start >= max(end, self.end) and start + length >= len(self.data):
            del self.data[start:]

    def _read(self, layout: str, at: int) -> tuple[Any, ...]:
        return struct.unpack_from(self.order + layout, self.data, at)

    def _pack(self, layout: str, *values: int) -> bytes:
        return struct.pack(self.order + layout, *values)
