"""Coloured photos as TIFF files (TIFF 6.0): Deflate with differences along rows, as archives expect.

A photo's EXIF block is a TIFF file too, one without a picture. It becomes the start of the result, so that
whatever it points to, a maker's notes as well, is found where it was; then come the strips, and a directory
that joins the entries of both.
"""

import struct

import numpy as np

from colorizer.errors import OutputError
from colorizer.photo import iptc
from colorizer.photo.metadata import Metadata
from colorizer.photo.tiff_directory import (
    LONG,
    Directory,
    Entry,
    append_directory,
    pointer_to,
    read_block,
)

BYTE, SHORT, UNDEFINED = 1, 3, 7
WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC, SAMPLES, PREDICTOR = 256, 257, 258, 259, 262, 277, 317
OFFSETS, ROWS, SIZES, PLANAR, EXTRA = 273, 278, 279, 284, 338
XMP, IPTC, IMAGE_RESOURCES, ICC = 700, 33723, 34377, 34675
DEFLATE, RGB, CHUNKY, DIFFERENCES, UNASSOCIATED = 8, 2, 1, 2, 2
# What an EXIF block may say of another picture: its layout, its transfer curve, small copies of it.
OF_THE_PICTURE = {
    *range(254, 267),
    273,
    *range(277, 282),
    284,
    *range(290, 294),
    301,
    *range(317, 348),
    *range(512, 533),
}
STRIP_BYTES = 256 * 1024
LARGEST = 2**32 - 2**16  # bytes; places in a file have 32 bits


class TiffWriter:
    """A TIFF file in the making, page by page."""

    def __init__(self) -> None:
        self._data = bytearray()
        self._order = ""
        self._link = 4  # where the place of the next page's directory is written

    def add(self, pixels: np.ndarray, metadata: Metadata, exif: bytes) -> None:
        """Append a page: RGB (h, w, 3) or RGBA (h, w, 4), uint8 or uint16.

        exif: what `result_exif` returned; all pages' must have one byte order. Raises OutputError where the
        file gets too large to be a TIFF.
        """
        order, entries, inner = read_block(exif)
        if self._data:
            for tag, directory in inner.items():
                entries[tag] = pointer_to(order, append_directory(self._data, order, directory))
        else:
            self._data, self._order = bytearray(exif), order
        entries = {tag: entry for tag, entry in entries.items() if tag not in OF_THE_PICTURE}
        entries |= _metadata_entries(metadata) | self._append_picture(pixels)
        start = append_directory(self._data, order, entries)
        if len(self._data) > LARGEST:
            raise OutputError("The result would have more than 4 GB, which a TIFF cannot hold.")
        self._data[self._link : self._link + 4] = struct.pack(order + "I", start)
        self._link = len(self._data) - 4

    def finish(self) -> bytes:
        """Return the bytes of the file."""
        return bytes(self._data)

    def _append_picture(self, pixels: np.ndarray) -> Directory:
        """Append the strips, and return the entries that say how they lie."""
        from imagecodecs import deflate_encode  # libdeflate's: as small as zlib's in less than half the time

        height, width, samples = pixels.shape
        rows = max(1, STRIP_BYTES // (width * samples * pixels.itemsize))
        offsets, sizes = [], []
        for top in range(0, height, rows):
            strip = deflate_encode(_differences(pixels[top : top + rows], self._order))
            offsets.append(len(self._data))
            sizes.append(len(strip))
            self._data += strip + b"\0" * (len(strip) % 2)
        entries = {
            WIDTH: self._entry(LONG, width),
            LENGTH: self._entry(LONG, height),
            BITS: self._entry(SHORT, *[8 * pixels.itemsize] * samples),
            COMPRESSION: self._entry(SHORT, DEFLATE),
            PHOTOMETRIC: self._entry(SHORT, RGB),
            OFFSETS: self._entry(LONG, *offsets),
            SAMPLES: self._entry(SHORT, samples),
            ROWS: self._entry(LONG, rows),
            SIZES: self._entry(LONG, *sizes),
            PLANAR: self._entry(SHORT, CHUNKY),
            PREDICTOR: self._entry(SHORT, DIFFERENCES),
        }
        return entries | ({EXTRA: self._entry(SHORT, UNASSOCIATED)} if samples == 4 else {})

    def _entry(self, kind: int, *values: int) -> Entry:
        packed = struct.pack(f"{self._order}{len(values)}{'I' if kind == LONG else 'H'}", *values)
        return Entry(kind, len(values), packed)


def _differences(rows: np.ndarray, order: str) -> bytes:
    """Return each sample less the one to its left (TIFF 6.0, section 14), in the file's byte order."""
    changes = rows.copy()
    changes[:, 1:] -= rows[:, :-1]
    return changes.astype(f"{order}u{changes.itemsize}", copy=False).tobytes()


def _metadata_entries(metadata: Metadata) -> Directory:
    found = {
        XMP: (BYTE, metadata.xmp),
        IPTC: (UNDEFINED, iptc.record_of(metadata.iptc or b"")),
        IMAGE_RESOURCES: (BYTE, metadata.iptc),
        ICC: (UNDEFINED, metadata.icc),
    }
    return {tag: Entry(kind, len(value), value) for tag, (kind, value) in found.items() if value}
