"""What the tags of a TIFF's page say about the photo, in the shape that other formats keep it.

Values are taken as bytes, and so come through whatever they mean: a caption in UTF-8, a maker's own notes.
"""

import struct
from typing import Any

from colorizer.photo import iptc
from colorizer.photo.metadata import Metadata, read_orientation, sane_dpi

XMP, IPTC, IMAGE_RESOURCES, ICC = 700, 33723, 34377, 34675
ORIENTATION, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 274, 282, 283, 296
EXIF_DIRECTORY, GPS_DIRECTORY = 0x8769, 0x8825
# Description, make, model, orientation, resolution (3), software, date, artist, host, copyright, Windows'.
DESCRIPTIVE = (270, 271, 272, 274, 282, 283, 296, 305, 306, 315, 316, 33432, *range(40091, 40096))
PER_INCH = {2: 1.0, 3: 2.54}  # ResolutionUnit
KIND_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
LONG = 4
Entry = tuple[int, int, bytes]  # kind, count and value
Directory = dict[int, Entry]


class TiffTags:
    """The tags of a page, as bytes: what we do not understand comes through as it is."""

    def __init__(self, page: Any, data: bytes) -> None:
        self._tags, self._data = page.tags, data
        self._order = page.parent.byteorder

    @property
    def orientation(self) -> int:
        """EXIF's orientation, 1 to 8, by which the pixels still have to be turned."""
        said = self.number(ORIENTATION) or 0
        return said if 1 <= said <= 8 else read_orientation(Metadata(xmp=self.value(XMP)))

    def metadata(self) -> Metadata:
        """Collect what the tags say about the photo."""
        record = self.value(IPTC)
        return Metadata(
            exif=self._exif(),
            xmp=self.value(XMP),
            iptc=self.value(IMAGE_RESOURCES)
            or (iptc.resource_of(self._in_order(record)) if record else None),
            dpi=self._dpi(),
            icc=self.value(ICC),
        )

    def value(self, tag: int) -> bytes | None:
        """Return a tag's value as it lies in the file, or None."""
        found = self._tags.get(tag)
        if found is None:
            return None
        length = KIND_BYTES.get(int(found.dtype), 0) * found.count
        return self._data[found.valueoffset : found.valueoffset + length] or None

    def number(self, tag: int) -> int | None:
        """Return a tag's whole number, or None."""
        found = self._tags.get(tag)
        return int(found.value) if found is not None and isinstance(found.value, int) else None

    def _in_order(self, record: bytes) -> bytes:
        """IPTC of type LONG is bytes all the same; some writers turned each four of them round."""
        if record.startswith(iptc.MARKER) or len(record) % 4:
            return record
        turned = b"".join(record[at : at + 4][::-1] for at in range(0, len(record), 4))
        return turned if turned.startswith(iptc.MARKER) else record

    def _dpi(self) -> tuple[float, float] | None:
        scale = PER_INCH.get(self.number(RESOLUTION_UNIT) or 2)
        sides = [self._tags.get(tag) for tag in (X_RESOLUTION, Y_RESOLUTION)]
        if scale is None or not all(side is not None and isinstance(side.value, tuple) for side in sides):
            return None
        x, y = (side.value[0] / max(side.value[1], 1) * scale for side in sides if side is not None)
        return sane_dpi(x, y)

    def _exif(self) -> bytes:
        """Return the descriptive tags, with the EXIF and GPS directories, as a block of its own."""
        block = bytearray((b"II*\0" if self._order == "<" else b"MM\0*") + bytes(4))
        entries = {tag: self._entry(tag) for tag in DESCRIPTIVE if tag in self._tags}
        block[4:8] = self._pack("I", self._write(block, entries, self._directories()))
        return bytes(block)

    def _entry(self, tag: int) -> Entry:
        found = self._tags[tag]
        return int(found.dtype), found.count, self.value(tag) or b""

    def _directories(self) -> dict[int, Directory]:
        """Return {pointer: entries} of the EXIF and GPS directories of a classic TIFF."""
        found = {}
        for pointer in (EXIF_DIRECTORY, GPS_DIRECTORY):
            if pointer in self._tags and not self._tags[pointer].parent.is_bigtiff:
                offset = struct.unpack(self._order + "I", (self.value(pointer) or b"")[:4].ljust(4, b"\0"))[0]
                found[pointer] = self._read_directory(offset)
        return {pointer: entries for pointer, entries in found.items() if entries}

    def _read_directory(self, start: int) -> Directory:
        try:
            (count,) = struct.unpack_from(self._order + "H", self._data, start)
            found = {}
            for at in range(start + 2, start + 2 + 12 * count, 12):
                tag, kind, number, value = struct.unpack_from(self._order + "HHII", self._data, at)
                length = KIND_BYTES.get(kind, 0) * number
                place = at + 8 if length <= 4 else value
                if 0 < length <= len(self._data) - place:
                    found[tag] = (kind, number, self._data[place : place + length])
            return found
        except struct.error:
            return {}

    def _write(
        self,
        block: bytearray,
        entries: Directory,
        directories: dict[int, Directory],
    ) -> int:
        """Append a directory with its values to a block; returns where it begins."""
        entries = dict(entries)
        for pointer, inner in directories.items():
            entries[pointer] = (LONG, 1, self._pack("I", self._write(block, inner, {})))
        packed = []
        for tag, (kind, count, value) in sorted(entries.items()):
            if len(value) > 4:
                block += b"\0" * (len(block) % 2)
                place = self._pack("I", len(block))
                block += value
            else:
                place = value.ljust(4, b"\0")
            packed.append(self._pack("HHI", tag, kind, count) + place)
        block += b"\0" * (len(block) % 2)
        start = len(block)
        block += self._pack("H", len(packed)) + b"".join(packed) + bytes(4)
        return start

    def _pack(self, layout: str, *values: int) -> bytes:
        return struct.pack(self._order + layout, *values)
