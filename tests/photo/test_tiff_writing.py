"""Coloured photos as TIFF files: what other readers find in them is what the photo and its file had."""

import io
import struct
import warnings

import numpy as np
import photos
import pytest
import tifffile
from PIL import ExifTags, Image

from colorizer.photo.image_io import read_photo, write_photo
from colorizer.photo.iptc import record_of
from colorizer.photo.metadata import Metadata
from colorizer.photo.record import is_sealed, read_record
from colorizer.photo.tiff_writing import TiffWriter
from colorizer.pipeline import ImageColorizer

NOTE = "Colors simulated."
CAPTION = "Großmutter, 北京".encode()
IPTC, IMAGE_RESOURCES, HISTORY = 33723, 34377, 37395
MAKER_NOTE = b"Maker\0" + bytes(range(60))


def pixels_of(width, height, samples, dtype):
    noise = np.random.default_rng(width * height).integers(0, np.iinfo(dtype).max, (height, width, samples))
    return noise.astype(dtype)


def written(pixels, **metadata):
    return write_photo(pixels.copy(), "tiff", 92, Metadata(**metadata), NOTE)


def page_of(data):
    return tifffile.TiffFile(io.BytesIO(data)).pages[0]


@pytest.mark.parametrize("order", ["II", "MM"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("samples", [3, 4])
@pytest.mark.parametrize("size", [(1, 1), (3, 70), (70, 3), (333, 401)])
def test_other_readers_find_the_same_pixels(size, samples, dtype, order):
    pixels = pixels_of(*size, samples, dtype)
    exif = {"II": b"II*\0\x08\0\0\0\0\0\0\0\0\0", "MM": b"MM\0*\0\0\0\x08\0\0\0\0\0\0"}[order]
    data = written(pixels, exif=exif)
    assert data.startswith(order.encode())
    assert np.array_equal(page_of(data).asarray(), pixels)
    if dtype == np.uint8:  # Pillow has no colours of 16 bits
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), pixels)
    again = read_photo(data)
    assert np.array_equal(again.pixels, pixels[..., :3]) or samples == 4


def test_what_the_file_says_comes_along():
    icc = photos.wide_rgb_profile()
    iptc = photos.iptc_resource(CAPTION)
    data = written(pixels_of(9, 7, 3, np.uint8), dpi=(300, 600), icc=icc, iptc=iptc, xmp=b"<x:xmpmeta/>")
    page = page_of(data)
    assert page.tags["XResolution"].value == (30_000, 100)
    assert page.tags["YResolution"].value == (60_000, 100)
    assert page.tags["InterColorProfile"].value == icc
    assert page.tags["XMP"].value == b"<x:xmpmeta/>"
    assert page.tags[IMAGE_RESOURCES].value == iptc
    assert page.tags[IPTC].value == record_of(iptc)
    assert page.tags[HISTORY].value == NOTE


def test_the_directories_of_exif_are_found_where_they_were():
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Maker"
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] = MAKER_NOTE
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    block = exif.tobytes().removeprefix(b"Exif\0\0")
    data = written(pixels_of(9, 7, 3, np.uint8), exif=block)
    assert data.index(MAKER_NOTE) == block.index(MAKER_NOTE)
    found = Image.open(io.BytesIO(data)).getexif()
    assert found[ExifTags.Base.Make] == "Maker"
    assert found.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.MakerNote] == MAKER_NOTE
    assert found.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] == "N"


def test_the_directories_of_later_pages_move_along():
    file = TiffWriter()
    for day in ("1938:05:01 10:00:00", "1951:12:24 18:30:00"):
        exif = Image.Exif()
        exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = day
        file.add(pixels_of(9, 7, 3, np.uint8), Metadata(), exif.tobytes().removeprefix(b"Exif\0\0"))
    pages = tifffile.TiffFile(io.BytesIO(file.finish())).pages
    days = [page.tags["ExifTag"].value["DateTimeOriginal"] for page in pages]
    assert days == ["1938:05:01 10:00:00", "1951:12:24 18:30:00"]


def test_layout_that_a_block_tells_of_another_picture_is_not_kept():
    width = struct.pack(">HHIHH", 256, 3, 1, 4000, 0)
    bits = struct.pack(">HHIHH", 322, 3, 1, 64, 0)  # TileWidth
    exif = b"MM\0*\0\0\0\x08\0\x02" + width + bits + bytes(4)
    page = page_of(written(pixels_of(9, 7, 3, np.uint8), exif=exif))
    assert (page.imagewidth, page.is_tiled) == (9, False)


def test_a_result_can_be_checked_and_coloured_from_tiff_to_tiff():
    source = photos.encode_deep(photos.deep_gray_scene(), "tiff")
    result = ImageColorizer(photos.WarmCool()).colorize(source, format="tiff")
    assert page_of(result.data).dtype == np.uint16
    assert is_sealed(result.data)
    assert read_record(result.data).options.startswith("tiff")
    assert not is_sealed(result.data[:-1] + b"\1")


def test_it_is_a_file_that_libtiff_has_no_complaint_about():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        image = Image.open(io.BytesIO(written(pixels_of(40, 30, 4, np.uint8), dpi=(72, 72))))
        image.load()
    assert image.mode == "RGBA"
