"""ICC profiles (ISO 15076-1) through LittleCMS, as Pillow's ImageCms offers it.

A profile that means sRGB needs no work. Another RGB profile is kept: lightness is read through it, and the
coloured photo is brought into it. Gray and CMYK profiles cannot hold the result: they are applied.
Pillow gives LittleCMS 8 bits a sample, so lightness through a profile is exact to 0.2 of 100.
"""

import io
from functools import lru_cache
from typing import Any, Literal, cast

import cv2
import numpy as np
from PIL import Image, ImageCms
from PIL.ImageCms import Flags

from colorizer.color.lab import gray_lightness, rgb_to_lab

INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC  # white stays white, so lightness keeps its meaning
SRGB_TOLERANCE = 2  # of 255: the sRGB profiles of different makers differ by this much
STRIP_PIXELS = 2**20
Space = Literal["sRGB", "LAB"]
LAB_SCALE = np.array((2.55, 1, 1), np.float32)  # to what Pillow's LAB mode holds
MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # the profile's colour space: Pillow's mode
FITTING = {"L": ("L", "RGB"), "RGB": ("RGB",), "CMYK": ("CMYK",)}  # the pixels' mode: profiles' modes


class Profile:
    """An ICC profile of an RGB, gray or CMYK photo."""

    def __init__(self, data: bytes) -> None:
        """Parse a profile; raises ValueError where it is broken or of another kind of picture.

        data: its bytes. mode: "RGB", "L" or "CMYK". is_srgb: whether it means sRGB, whatever it is called.
        """
        self.data = data
        try:
            self._profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
            self.mode = MODES[self._profile.profile.xcolor_space.strip()]
            self.is_srgb = self.mode == "RGB" and self._means_srgb()
            if self.mode != "RGB":
                self._to_srgb = self._transform_to("sRGB", "RGB")
            elif not self.is_srgb:
                self._to_lab = self._transform_to("LAB", "LAB")
                lab = ImageCms.createProfile("LAB")
                self._from_lab = ImageCms.buildTransform(lab, self._profile, "LAB", "RGB", INTENT)
        except (ImageCms.PyCMSError, OSError, KeyError) as error:
            raise ValueError("This is no ICC profile of an RGB, gray or CMYK photo.") from error

    def to_srgb(self, image: Image.Image) -> Image.Image:
        """Return an image of this gray or CMYK profile as sRGB, in mode RGB."""
        return _applied(self._to_srgb, image)

    def equal_gray(self, pixels: np.ndarray) -> np.ndarray:
        """Return the sRGB grays of the same lightness as these pixels of this RGB or gray profile.

        pixels: gray (h, w) or RGB (h, w, 3), uint8 or uint16. Returns (h, w) of the same dtype.
        """
        if pixels.ndim == 2:
            return _map_levels(pixels, self._gray_levels())
        lightness = np.empty(pixels.shape[:2], np.uint8)
        for rows in _strips(*pixels.shape[:2]):
            strip = Image.fromarray((pixels[rows] >> 8 * (pixels.itemsize - 1)).astype(np.uint8))
            lightness[rows] = np.asarray(_applied(self._to_lab, strip))[..., 0]
        return cv2.LUT(lightness, _gray_of_lightness(pixels.dtype))

    def from_srgb(self, pixels: np.ndarray) -> np.ndarray:
        """Bring sRGB pixels into this RGB profile, keeping their L*.

        pixels: (h, w, 3), uint8 or uint16. Returns the same shape and dtype.
        """
        result = np.empty_like(pixels)
        scale = np.iinfo(pixels.dtype).max // 255
        for rows in _strips(*pixels.shape[:2]):
            lab = np.rint(rgb_to_lab(pixels[rows]) * LAB_SCALE).astype(np.int16)
            image = Image.frombytes("LAB", lab.shape[1::-1], lab.astype(np.uint8).tobytes())  # a, b: signed
            result[rows] = np.asarray(_applied(self._from_lab, image), pixels.dtype) * scale
        return result

    def _gray_levels(self) -> np.ndarray:
        """Return the sRGB level, 0 to 1, of each gray level of this profile: float64 (256,)."""
        ramp = Image.frombytes("L", (256, 1), bytes(range(256)))
        if self.mode == "L":
            levels: np.ndarray = np.asarray(self.to_srgb(ramp))[0, :, 1]
        else:
            levels = self.equal_gray(np.asarray(ramp.convert("RGB")))[0]
        return levels / 255

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


def _map_levels(pixels: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Map gray pixels through a curve of 256 levels, 0 to 1."""
    maximum = np.iinfo(pixels.dtype).max
    curve = np.interp(np.linspace(0, 255, maximum + 1), np.arange(256), levels)
    mapped: np.ndarray = np.rint(curve * maximum).astype(pixels.dtype)[pixels]
    return mapped


def _gray_of_lightness(dtype: np.dtype[Any]) -> np.ndarray:
    """Return the sRGB gray of each L* that Pillow's LAB mode has, 0 to 100 in 255 steps."""
    levels = np.arange(np.iinfo(dtype).max + 1)
    grays = np.interp(np.linspace(0, 100, 256), gray_lightness(dtype), levels)
    return np.rint(grays).astype(dtype)


def _strips(height: int, width: int) -> list[slice]:
    rows = max(1, STRIP_PIXELS // width)
    return [slice(top, top + rows) for top in range(0, height, rows)]
