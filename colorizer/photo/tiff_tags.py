"""What the tags of a TIFF's page say about the photo, in the shape that other formats keep it.

Values are taken as bytes, and so come through whatever they mean: a caption in UTF-8, a maker's own notes.
"""

import struct
from typing import Any

from colorizer.photo import iptc
from colorizer.photo.metadata import Metadata, read_orientation, sane_dpi
from colorizer.photo.tiff_directory import (
    INNER,
    KIND_BYTES,
    Directory,
    Entry,
    append_directory,
    pointer_to,
    read_directory,
)

XMP, IPTC, IMAGE_RESOURCES, ICC = 700, 33723, 34377, 34675
ORIENTATION, X_RESOLUTION, Y_RESOLUTION, RESOLUTION_UNIT = 274, 282, 283, 296
# Description, make, model, orientation, resolution (3), software, date, artist, host, copyright, Windows'.
DESCRIPTIVE = (270, 271, 272, 274, 282, 283, 296, 305, 306, 315, 316, 33432, *range(40091, 40096))
PER_INCH = {2: 1.0, 3: 2.54}  # ResolutionUnit


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
        for pointer, inner in self._directories().items():
            entries[pointer] = pointer_to(self._order, append_directory(block, self._order, inner))
        start = append_directory(block, self._order, entries)
        block[4:8] = struct.pack(self._order + "I", start)
        return bytes(block)

    def _entry(self, tag: int) -> Entry:
        found = self._tags[tag]
        return Entry(int(found.dtype), found.count, self.value(tag) or b"")

    def _directories(self) -> dict[int, Directory]:
        """Return {pointer: entries} of the EXIF and GPS directories of a classic TIFF."""
        pointers = [tag for tag in INNER if tag in self._tags and not self._tags[tag].parent.is_bigtiff]
        found = {tag: read_directory(self._data, self._order, self._entry(tag)) for tag in pointers}
        return {tag: entries for tag, entries in found.items() if entries}
