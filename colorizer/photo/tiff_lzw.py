"""LZW in TIFF files (TIFF 6.0, section 13), decoded by libtiff.

imagecodecs' own decoder takes any first code for an entry of its table, also of parts that nobody has written
yet: what became of a damaged file depended on what lay in memory before. libtiff refuses such codes.
"""

import struct
from typing import Any

import numpy as np

LZW, NONE = 5, 1  # Compression
SEPARATE = 2  # PlanarConfiguration
WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER = 256, 257, 258, 259, 262, 266
OFFSET, ROWS, BYTES = 273, 278, 279
HEADER = b"II*\0"
LONG = 4


def use_libtiff(page: Any) -> None:
    """Let libtiff unpack the strips or tiles of a page; tifffile makes pixels of them as it always does."""
    fill_order = int(page.fillorder)
    page.compression, page.fillorder, page.is_contiguous = NONE, 1, False
    arrange = page.decode

    def decode(packed: bytes | None, index: int, **more: Any) -> Any:
        unpacked = packed and unpack(packed, *_bytes_and_rows(page, index), fill_order)
        return arrange(unpacked, index, **more)

    page.decode = decode


def unpack(packed: bytes, width: int, rows: int, fill_order: int = 1) -> np.ndarray:
    """Return the bytes of one strip or tile, uint8 (rows * width,).

    fill_order: 2 where the lowest bit of a byte comes first. Raises imagecodecs.TiffError where the stream is
    damaged, or shorter than that.
    """
    import imagecodecs

    entries = {
        WIDTH: width,
        LENGTH: rows,
        BITS: 8,
        COMPRESSION: LZW,
        PHOTOMETRIC: 1,
        FILL_ORDER: fill_order,
        OFFSET: len(HEADER) + 4,
        ROWS: rows,
        BYTES: len(packed),
    }
    padding = b"\0" * (len(packed) % 2)
    directory = struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHII", tag, LONG, 1, value) for tag, value in entries.items()
    )
    start = len(HEADER) + 4 + len(packed) + len(padding)
    file = b"".join((HEADER, struct.pack("<I", start), packed, padding, directory, bytes(4)))
    unpacked: np.ndarray = imagecodecs.tiff_decode(file)
    return unpacked.reshape(-1)


def _bytes_and_rows(page: Any, index: int) -> tuple[int, int]:
    """Return how many bytes a row of this strip or tile has, and how many rows there are."""
    samples = 1 if page.planarconfig == SEPARATE else page.samplesperpixel
    width, rows = page.tilewidth or page.imagewidth, page.tilelength
    if not rows:
        strips = -(-page.imagelength // page.rowsperstrip)
        rows = min(page.rowsperstrip, page.imagelength - index % strips * page.rowsperstrip)
    return -(-width * samples * page.bitspersample // 8), rows
