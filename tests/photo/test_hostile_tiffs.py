"""TIFF files that are built to cost much: what they hold is checked before anything is decoded."""

import io
import struct

import numpy as np
import pytest
import simplejpeg
import tifffile

from colorizer.errors import DamagedPhoto, UnsupportedPhoto
from colorizer.photo.image_io import read_photo

SMALL = np.zeros((100, 100, 3), np.uint8)
OFFSET, LENGTH, SAMPLES = 273, 279, 277


def tiff(pixels=SMALL, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, photometric="rgb", **options)
    return file.getvalue()


def with_tag(data, tag, value):
    """The file with another number in a tag of its first page."""
    at = tifffile.TiffFile(io.BytesIO(data)).pages[0].tags[tag].offset
    return data[: at + 8] + struct.pack("<I", value) + data[at + 12 :]


def with_strip(data, strip):
    """The file with other compressed data behind it, to which its only strip points."""
    return with_tag(with_tag(data, OFFSET, len(data)), LENGTH, len(strip)) + strip


def pages_without_pictures(number, last=0):
    """A chain of pages of one tag each; last: where the last one leads."""
    starts = [8 + 18 * page for page in range(1, number)] + [last]
    tag = struct.pack("<HHHII", 1, 254, 4, 1, 1)
    return b"II*\0" + struct.pack("<I", 8) + b"".join(tag + struct.pack("<I", start) for start in starts)


def test_pages_without_end_are_not_all_looked_at(monkeypatch):
    looked_at = []
    aspage = tifffile.TiffPage.aspage
    monkeypatch.setattr(tifffile.TiffPage, "aspage", lambda page: looked_at.append(1) or aspage(page))
    with pytest.raises(DamagedPhoto, match="far too many pages"):
        read_photo(pages_without_pictures(20_000))
    assert len(looked_at) < 10_000


def test_pages_in_a_circle_end():
    with pytest.raises(DamagedPhoto, match="no picture"):
        read_photo(pages_without_pictures(3, last=8))


def test_a_jpeg_inside_may_not_be_larger_than_its_page_says():
    large = simplejpeg.encode_jpeg(np.zeros((200, 3000, 3), np.uint8))
    with pytest.raises(DamagedPhoto, match="contradicts itself"):
        read_photo(with_strip(tiff(compression="jpeg"), large))


@pytest.mark.parametrize("compression", ["png", "jpeg2000", "webp"])
def test_pictures_inside_whose_size_is_unknown_are_refused_by_name(compression):
    with pytest.raises(UnsupportedPhoto, match="packed"):
        read_photo(tiff(compression=compression))


def test_samples_without_number_are_refused():
    with pytest.raises(UnsupportedPhoto, match="60000 samples"):
        read_photo(with_tag(tiff(), SAMPLES, 60_000))


def with_count(data, tag, count):
    """The file with fewer entries in the list of a tag."""
    found = tifffile.TiffFile(io.BytesIO(data)).pages[0].tags[tag]
    entries = struct.pack(f"<{count}I", *found.value[:count]) if count == 1 else data[found.offset + 8 :][:4]
    return data[: found.offset + 4] + struct.pack("<I", count) + entries + data[found.offset + 12 :]


@pytest.mark.parametrize("layout", [{"rowsperstrip": 20, "compression": "deflate"}, {"tile": (32, 32)}])
@pytest.mark.parametrize("tags", [("StripOffsets", "TileOffsets"), ("StripByteCounts", "TileByteCounts")])
@pytest.mark.parametrize("count", [1, 3])
def test_strips_and_tiles_that_are_not_listed_are_missed(layout, tags, count):
    data = tiff(**layout)
    with pytest.raises(DamagedPhoto, match=f"lists {count} of its"):
        read_photo(with_count(data, tags["tile" in layout], count))


def test_a_last_strip_of_jpeg_that_is_cut_off():
    data = tiff(np.random.default_rng(0).integers(0, 99, SMALL.shape, np.uint8), compression="jpeg")
    with pytest.raises(DamagedPhoto, match="cut off"):
        read_photo(data[:-50])
