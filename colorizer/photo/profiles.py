"""ICC profiles (ISO 15076-1) of photos: what their pixels mean, and the way back.

A profile that means sRGB needs no work. Another RGB profile is kept: lightness is read through it, and the
coloured photo is brought into it, where that way is sound. Gray and CMYK profiles, and RGB ones that lead
one way only, cannot hold the result: they are applied, and the result is sRGB.
Curves and matrices (`icc_curves`) as well as tables (`icc_tables`) are computed in floats.
"""

import io
import struct
from collections.abc import Callable
from functools import lru_cache
from typing import cast

import numpy as np
from PIL import Image, ImageCms
from PIL.ImageCms import Flags

from colorizer.color.chroma import for_each_strip
from colorizer.photo.icc_curves import CurvesProfile, read_curves
from colorizer.photo.icc_tables import TableProfile, read_table

INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC  # white stays white, so lightness keeps its meaning
SRGB_TOLERANCE = 2  # of 255: the sRGB profiles of different makers differ by this much
FEW_PIXELS = 2**14  # preparing tables for as few would take many times as long as converting them
MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # the profile's colour space: Pillow's mode
STRIP_PIXELS = 2**19  # a large table is made ready for each strip, for as long as 200,000 pixels take
FLOAT_TABLES = (b"D2B", b"B2D")
FITTING = {"L": ("L", "RGB"), "RGB": ("RGB",), "CMYK": ("CMYK",)}  # the file's mode: profiles' modes


class Profile:
    """An ICC profile of an RGB, gray or CMYK photo."""

    def __init__(self, data: bytes) -> None:
        """Parse a profile; raises ValueError where it is broken or of another kind of picture.

        data: its bytes. mode: "RGB", "L" or "CMYK". is_srgb: whether it means sRGB, whatever it is called.
        can_hold_results: whether colours can be brought into it; where not, results are sRGB.
        """
        self.data = data
        try:
            bounded = _without_float_tables(data)
            self._profile = ImageCms.ImageCmsProfile(io.BytesIO(bounded))
            self.mode = MODES[self._profile.profile.xcolor_space.strip()]
            self.is_srgb = self.mode == "RGB" and self._means_srgb()
            self._way = None if self.is_srgb or self.mode == "CMYK" else self._find_way(bounded)
        except (ImageCms.PyCMSError, OSError, KeyError, struct.error, IndexError) as error:
            raise ValueError("This is no ICC profile of an RGB, gray or CMYK photo.") from error
        self.can_hold_results = self.is_srgb or (self._way is not None and self._way.leads_back)

    def to_srgb(self, image: Image.Image) -> Image.Image:
        """Return an image of this CMYK or RGB profile as sRGB, in mode RGB."""
        few = image.width * image.height <= FEW_PIXELS
        return _applied(self._to_srgb(Flags.NOOPTIMIZE if few else Flags.NONE), image)

    def equal_gray(self, pixels: np.ndarray) -> np.ndarray:
        """Return the sRGB grays of the same lightness as these pixels of this RGB or gray profile.

        pixels: gray (h, w) or RGB (h, w, 3), uint8 or uint16. Returns (h, w) of the same dtype.
        """
        assert self._way is not None
        return _by_strips(self._way.equal_gray, pixels, np.empty(pixels.shape[:2], pixels.dtype))

    def from_srgb(self, pixels: np.ndarray) -> np.ndarray:
        """Bring sRGB pixels into this RGB profile, which can hold results, keeping their L*.

        pixels: (h, w, 3), uint8 or uint16. Returns the same shape and dtype.
        """
        assert self._way is not None
        return _by_strips(self._way.from_srgb, pixels, np.empty_like(pixels))

    def _find_way(self, data: bytes) -> CurvesProfile | TableProfile:
        return read_curves(data) or read_table(data, "rgb" if self.mode == "RGB" else "gray")

    def _means_srgb(self) -> bool:
        steps = np.linspace(0, 255, 9).round().astype(np.uint8)
        colors = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(9, 81, 3)
        shown = np.asarray(self.to_srgb(Image.fromarray(colors)), int)
        return bool(np.abs(shown - colors).max() <= SRGB_TOLERANCE)

    def _to_srgb(self, flags: Flags) -> ImageCms.ImageCmsTransform:
        target = ImageCms.createProfile("sRGB")
        return ImageCms.buildTransform(self._profile, target, self.mode, "RGB", INTENT, flags)


def _without_float_tables(data: bytes) -> bytes:
    """Rename the tags that say in floats what others say in whole numbers (ICC.1:2010, 9.2.24).

    These have as many steps as they like: with the 60,000 that 4 MiB hold, one colour takes a second.
    """
    (count,) = struct.unpack_from(">I", data, 128)
    renamed = bytearray(data)
    for at in range(132, min(132 + 12 * count, len(data)), 12):
        if data[at : at + 3] in FLOAT_TABLES:
            renamed[at : at + 3] = data[at : at + 3].lower()
    return bytes(renamed)


def _applied(transform: ImageCms.ImageCmsTransform, image: Image.Image) -> Image.Image:
    return cast(Image.Image, ImageCms.applyTransform(image, transform))  # None only where done in place


@lru_cache(maxsize=4)
def fitting_profile(data: bytes | None, mode: str) -> Profile | None:
    """Return the profile in a file, where there is one that is sound and fits its pixels.

    mode: of the pixels, "L", "RGB" or "CMYK".
    """
    try:
        profile = Profile(data) if data else None
    except ValueError:
        return None
    return profile if profile and profile.mode in FITTING[mode] else None


def _by_strips(
    convert: Callable[[np.ndarray], np.ndarray], pixels: np.ndarray, result: np.ndarray
) -> np.ndarray:
    """Fill the result, of the same height and width, with what becomes of the pixels."""

    def fill(rows: slice) -> None:
        result[rows] = convert(pixels[rows])

    for_each_strip(fill, result.shape[1], result.shape[0], STRIP_PIXELS)
    return result
