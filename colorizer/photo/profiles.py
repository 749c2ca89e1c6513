"""ICC profiles (ISO 15076-1) of photos: what their pixels mean, and the way back.

A profile that means sRGB needs no work. Another RGB profile is kept: lightness is read through it, and the
coloured photo is brought into it, where that way is sound. Gray and CMYK profiles, and RGB ones that lead
one way only, cannot hold the result: they are applied, and the result is sRGB.
Curves and matrices are computed in floats (`icc_curves`). For tables Pillow gives LittleCMS 8 bits a sample,
so lightness through these is exact to 0.2 of 100.
"""

import io
import struct
from functools import lru_cache
from typing import Any, Literal, cast

import cv2
import numpy as np
from PIL import Image, ImageCms
from PIL.ImageCms import Flags

from colorizer.color.lab import gray_lightness, rgb_to_lab
from colorizer.photo.icc_curves import read_curves

INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC  # white stays white, so lightness keeps its meaning
SRGB_TOLERANCE = 2  # of 255: the sRGB profiles of different makers differ by this much
STRIP_PIXELS = 2**20
# Colours that every profile of a photo can hold: where they do not come back, its inverse is useless.
PROBES = np.array(
    [[(L, a, b) for a, b in ((0, 0), (10, 0), (-10, 0), (0, 10), (0, -10))] for L in (30, 50, 70)], np.float32
)
ROUND_TRIP = 8.0  # units of Lab; 8 bits alone cost 2
Space = Literal["sRGB", "LAB"]
LAB_SCALE = np.array((2.55, 1, 1), np.float32)  # to what Pillow's LAB mode holds
MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # the profile's colour space: Pillow's mode
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
            self._profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
            self.mode = MODES[self._profile.profile.xcolor_space.strip()]
            self._curves = None if self.mode == "CMYK" else read_curves(data)
            self.is_srgb = self.mode == "RGB" and self._means_srgb()
            self._to_lab = None if self._curves or self.is_srgb else self._transform_to("LAB", "LAB")
        except (ImageCms.PyCMSError, OSError, KeyError, struct.error, IndexError) as error:
            raise ValueError("This is no ICC profile of an RGB, gray or CMYK photo.") from error
        self._from_lab = None if self._curves or self.mode != "RGB" or self.is_srgb else self._inverse()
        exact = self._curves is not None and self.mode == "RGB"
        self.can_hold_results = self.is_srgb or exact or self._from_lab is not None

    def to_srgb(self, image: Image.Image) -> Image.Image:
        """Return an image of this CMYK profile as sRGB, in mode RGB."""
        return _applied(self._transform_to("sRGB", "RGB"), image)

    def equal_gray(self, pixels: np.ndarray) -> np.ndarray:
        """Return the sRGB grays of the same lightness as these pixels of this RGB or gray profile.

        pixels: gray (h, w) or RGB (h, w, 3), uint8 or uint16. Returns (h, w) of the same dtype.
        """
        gray = np.empty(pixels.shape[:2], pixels.dtype)
        for rows in _strips(*pixels.shape[:2]):
            strip = pixels[rows]
            gray[rows] = self._curves.equal_gray(strip) if self._curves else self._gray_by_table(strip)
        return gray

    def from_srgb(self, pixels: np.ndarray) -> np.ndarray:
        """Bring sRGB pixels into this RGB profile, which can hold results, keeping their L*.

        pixels: (h, w, 3), uint8 or uint16. Returns the same shape and dtype.
        """
        result = np.empty_like(pixels)
        for rows in _strips(*pixels.shape[:2]):
            strip = pixels[rows]
            result[rows] = self._curves.from_srgb(strip) if self._curves else self._color_by_table(strip)
        return result

    def _gray_by_table(self, pixels: np.ndarray) -> np.ndarray:
        if pixels.ndim == 2 and self.mode == "RGB":
            pixels = cv2.merge([pixels] * 3)
        image = Image.fromarray((pixels >> 8 * (pixels.itemsize - 1)).astype(np.uint8))
        lightness = np.asarray(self._lab_of(image))[..., 0]
        return cv2.LUT(np.ascontiguousarray(lightness), _gray_of_lightness(pixels.dtype))

    def _color_by_table(self, pixels: np.ndarray) -> np.ndarray:
        image = _lab_image(rgb_to_lab(pixels))
        scale = np.iinfo(pixels.dtype).max // 255
        return np.asarray(self._color_of(image), pixels.dtype) * scale

    def _lab_of(self, image: Image.Image) -> Image.Image:
        assert self._to_lab is not None
        return _applied(self._to_lab, image)

    def _color_of(self, image: Image.Image) -> Image.Image:
        assert self._from_lab is not None
        return _applied(self._from_lab, image)

    def _inverse(self) -> ImageCms.ImageCmsTransform | None:
        """Return the way from Lab into this profile; None where it has none, or one that leads elsewhere."""
        assert self._to_lab is not None
        try:
            lab = ImageCms.createProfile("LAB")
            inverse = ImageCms.buildTransform(lab, self._profile, "LAB", "RGB", INTENT)
        except ImageCms.PyCMSError:
            return None
        there = _applied(inverse, _lab_image(PROBES))
        back = _lab_values(_applied(self._to_lab, there))
        return inverse if np.abs(back - PROBES).max() <= ROUND_TRIP else None

    def _means_srgb(self) -> bool:
        steps = np.linspace(0, 255, 9).round().astype(np.uint8)
        colors = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(9, 81, 3)
        # Preparing tables for a few hundred pixels would take a hundred times as long as converting them.
        to_srgb = self._transform_to("sRGB", "RGB", Flags.NOOPTIMIZE)
        shown = np.asarray(_applied(to_srgb, Image.fromarray(colors)), int)
        return bool(np.abs(shown - colors).max() <= SRGB_TOLERANCE)

    def _transform_to(
        self, space: Space, mode: str, flags: ImageCms.Flags = ImageCms.Flags.NONE
    ) -> ImageCms.ImageCmsTransform:
        target = ImageCms.createProfile(space)
        return ImageCms.buildTransform(self._profile, target, self.mode, mode, INTENT, flags)


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


def _lab_image(lab: np.ndarray) -> Image.Image:
    """Return CIE Lab, float32 (h, w, 3), as Pillow's LAB mode has it: L* in 255 steps, a and b signed."""
    levels = np.rint(lab * LAB_SCALE).astype(np.int16)
    return Image.frombytes("LAB", levels.shape[1::-1], levels.astype(np.uint8).tobytes())


def _lab_values(image: Image.Image) -> np.ndarray:
    """Undo `_lab_image`."""
    levels = np.asarray(image)
    ab = levels[..., 1:].astype(np.uint8).view(np.int8).astype(np.float32)
    return np.dstack([levels[..., :1] / LAB_SCALE[0], ab])


def _gray_of_lightness(dtype: np.dtype[Any]) -> np.ndarray:
    """Return the sRGB gray of each L* that Pillow's LAB mode has, 0 to 100 in 255 steps."""
    levels = np.arange(np.iinfo(dtype).max + 1)
    grays = np.interp(np.linspace(0, 100, 256), gray_lightness(dtype), levels)
    return np.rint(grays).astype(dtype)


def _strips(height: int, width: int) -> list[slice]:
    rows = max(1, STRIP_PIXELS // width)
    return [slice(top, top + rows) for top in range(0, height, rows)]
