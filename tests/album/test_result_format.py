import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from colorizer.album.result_format import is_result, needs_png
from image_colorizer import ImageColorizer

GRAY = np.full((8, 8), 99, np.uint8)
DEEP = GRAY.astype(np.uint16) * 257


def tiff(pixels: np.ndarray, **options: object) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, **options)
    return file.getvalue()


def encode(pixels: np.ndarray, format: str, mode: str | None = None, **options: object) -> bytes:
    file = io.BytesIO()
    image = Image.fromarray(pixels)
    (image.convert(mode) if mode else image).save(file, format, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "photo",
    [
        encode(DEEP, "PNG"),
        encode(DEEP, "TIFF"),
        encode(GRAY, "PNG", "LA"),
        encode(GRAY, "PNG", "RGBA"),
        encode(GRAY, "PNG", transparency=0),
        encode(np.dstack([GRAY] * 4), "WEBP"),
        encode(GRAY, "TIFF", "RGBA"),
        encode(np.dstack([GRAY] * 4), "AVIF"),
        tiff(np.dstack([DEEP] * 3), photometric="cielab"),
        tiff(np.dstack([DEEP] * 5), photometric="rgb", extrasamples=["unspecified", "unspecified"]),
        tiff(np.stack([DEEP] * 3), photometric="rgb", planarconfig="separate"),
    ],
)
def test_alpha_and_16_bit_need_png(photo):
    assert needs_png(photo)


@pytest.mark.parametrize(
    "photo",
    [
        encode(GRAY, "JPEG"),
        encode(GRAY, "JPEG", "CMYK"),
        encode(GRAY, "PNG"),
        encode(GRAY, "PNG", "P"),
        encode(GRAY, "PNG", "1"),
        encode(GRAY, "TIFF"),
        encode(GRAY, "WEBP", "RGB"),
        encode(GRAY, "AVIF", "RGB"),
        tiff(np.dstack([GRAY] * 4), photometric="rgb", extrasamples=["unspecified"]),
        tiff(np.dstack([DEEP] * 4), photometric="separated"),
    ],
)
def test_everything_else_does_not(photo):
    assert not needs_png(photo)


@pytest.mark.parametrize("bytes_", [b"", b"hello", b"\x89PNG\r\n\x1a\n", encode(DEEP, "PNG")[:20]])
def test_what_is_no_photo_does_not_either(bytes_):
    assert not needs_png(bytes_)


@pytest.mark.parametrize("format", ["jpeg", "png", "webp"])
def test_results_are_known_by_their_note(format):
    photo = encode(GRAY, "PNG")
    assert not is_result(photo)
    assert is_result(ImageColorizer("colornet").colorize(photo, format=format).data)
