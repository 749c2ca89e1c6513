"""ICC profiles (ISO 15076-1) through LittleCMS, as Pillow's ImageCms offers it.

A profile that means sRGB needs no work. Another RGB profile is kept: lightness is read through it and the
coloured photo is brought back into it. Gray and CMYK profiles cannot hold the result: they are applied.
LittleCMS sees 8 bits a sample here, so lightness through a profile is exact to 0.2 of 100.
"""

import io

import cv2
import numpy as np
from PIL import Image, ImageCms

from colorizer.lab import gray_lightness, rgb_to_lab

INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC  # white stays white, so lightness keeps its meaning
SRGB_TOLERANCE = 2  # of 255: what the sRGB profiles of different makers differ by
STRIP_PIXELS = 1 << 20
SPACES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # the profile's colour space and Pillow's mode


class Profile:
    """An ICC profile of an RGB, gray or CMYK photo."""

    def __init__(self, data: bytes) -> None:
        """Parse a profile; raises ValueError where it is broken or for another kind of picture."""
        self.data = data
        try:
            self._profile = ImageCms.ImageCmsProfile(io.BytesIO(data))
            self.mode = SPACES[self._profile.profile.xcolor_space.strip()]
            self._to_srgb = self._transform(self._profile, self.mode, ImageCms.createProfile("sRGB"), "RGB")
        except (ImageCms.PyCMSError, OSError, KeyError) as error:
            raise ValueError("not an ICC profile of an RGB, gray or CMYK photo") from error

    @property
    def is_srgb(self) -> bool:
        """Whether the profile means sRGB, whatever it is called."""
        if self.mode != "RGB":
            return False
        steps = np.linspace(0, 255, 9).round().astype(np.uint8)
        colors = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(9, 81, 3)
        shown = np.asarray(ImageCms.applyTransform(Image.fromarray(colors), self._to_srgb))
        return bool(np.abs(shown.astype(int) - colors).max() <= SRGB_TOLERANCE)

    def to_srgb(self, image: Image.Image) -> Image.Image:
        """Return the image, of this profile's mode, as sRGB in mode RGB."""
        return ImageCms.applyTransform(image, self._to_srgb)

    def gray_levels(self) -> np.ndarray:
        """Return, for each gray level of this RGB or gray profile, sRGB's level: float64 (256,), 0 to 1."""
        ramp = Image.frombytes("L", (256, 1), bytes(range(256)))
        if self.mode == "L":
            return np.asarray(self.to_srgb(ramp))[0, :, 1] / 255
        return self.equal_gray(np.asarray(ramp.convert("RGB")))[0] / 255

    def equal_gray(self, pixels: np.ndarray) -> np.ndarray:
        """Return the sRGB grays of the same lightness as these RGB pixels of this profile.

        pixels: uint8 (h, w, 3). Returns uint8 (h, w).
        """
        to_lab = self._transform(self._profile, "RGB", ImageCms.createProfile("LAB"), "LAB")
        gray_of_lightness = np.interp(np.linspace(0, 100, 256), gray_lightness(np.uint8), np.arange(256))
        lightness = np.empty(pixels.shape[:2], np.uint8)
        for rows in strips(*pixels.shape[:2]):
            lab = ImageCms.applyTransform(Image.fromarray(pixels[rows]), to_lab)
            lightness[rows] = np.asarray(lab)[..., 0]
        return cv2.LUT(lightness, np.rint(gray_of_lightness).astype(np.uint8))

    def from_srgb(self, pixels: np.ndarray) -> np.ndarray:
        """Bring sRGB pixels into this RGB profile, keeping their L*.

        pixels: (h, w, 3), uint8 or uint16. Returns the same shape and dtype.
        """
        from_lab = self._transform(ImageCms.createProfile("LAB"), "LAB", self._profile, "RGB")
        result = np.empty_like(pixels)
        scale = np.iinfo(pixels.dtype).max // 255
        for rows in strips(*pixels.shape[:2]):
            lab = np.rint(rgb_to_lab(pixels[rows]) * np.float32((2.55, 1, 1))).astype(np.int16)
            # Pillow keeps a* and b* as signed bytes.
            image = Image.frombytes("LAB", lab.shape[1::-1], lab.astype(np.uint8).tobytes())
            result[rows] = np.asarray(ImageCms.applyTransform(image, from_lab), pixels.dtype) * scale
        return result

    def _transform(self, source, source_mode, target, target_mode):
        return ImageCms.buildTransform(source, target, source_mode, target_mode, INTENT)


def strips(height: int, width: int) -> list[slice]:
    """Return the rows of a picture as slices of about a million pixels."""
    rows = max(1, STRIP_PIXELS // width)
    return [slice(top, top + rows) for top in range(0, height, rows)]
