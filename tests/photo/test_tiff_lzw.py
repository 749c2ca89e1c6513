"""LZW in TIFFs: read as any other packing is, and a damaged stream can show nothing of our memory."""

import io

import imagecodecs
import numpy as np
import pytest
import tifffile

from colorizer.errors import DamagedPhoto
from colorizer.photo.image_io import read_photo
from colorizer.photo.tiff_file import read_tiff
from colorizer.photo.tiff_lzw import unpack

# A clear code, then one for an entry that the table does not have yet.
CODES_FROM_NOWHERE = ["806e56b020e967", "805d892c446c08"]
HEIGHT, WIDTH = 61, 47


def check_size(width, height):
    """Take any size."""


def lzw_tiff(pixels, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, compression="lzw", **options)
    return file.getvalue()


def fill_memory(seed):
    """Leave other bytes in the blocks that decoders are given next."""
    rubbish = np.random.default_rng(seed)
    kept = [rubbish.bytes(size) for size in (60, 4096, 16_384, 65_536) for _ in range(4)]
    kept.clear()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("byteorder", ["<", ">"])
@pytest.mark.parametrize("predictor", [True, False])
@pytest.mark.parametrize("layout", [{"rowsperstrip": 7}, {"rowsperstrip": HEIGHT}, {"tile": (16, 32)}])
@pytest.mark.parametrize("planarconfig", ["contig", "separate"])
def test_every_layout_is_read(dtype, byteorder, predictor, layout, planarconfig):
    colors = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, (HEIGHT, WIDTH, 3)).astype(dtype)
    lying = colors if planarconfig == "contig" else np.moveaxis(colors, -1, 0)
    options = {"byteorder": byteorder, "predictor": predictor, "planarconfig": planarconfig, **layout}
    page = read_tiff(lzw_tiff(lying, photometric="rgb", **options), check_size)
    assert np.array_equal(page.pixels, colors)


@pytest.mark.parametrize("codes", CODES_FROM_NOWHERE)
def test_a_code_from_nowhere_is_refused_whatever_is_in_memory(codes):
    for seed in range(50):
        fill_memory(seed)
        with pytest.raises(imagecodecs.TiffError, match="not yet in table"):
            unpack(bytes.fromhex(codes), 7, 1)


def test_damage_is_told_as_damage():
    with pytest.raises(DamagedPhoto):
        read_photo(lzw_tiff(iter([bytes.fromhex(CODES_FROM_NOWHERE[0])]), shape=(7, 1), dtype=np.uint8))


def test_a_stream_that_is_cut_off_is_refused():
    gray = np.random.default_rng(1).bytes(600)
    packed = imagecodecs.lzw_encode(gray)
    assert unpack(packed, 30, 20).tobytes() == gray
    for length in range(1, len(packed) - 2):  # the last two bytes say no more than that this is the end
        with pytest.raises(imagecodecs.TiffError):
            unpack(packed[:length], 30, 20)
