"""ICC profiles (ISO 15076-1) that are tables, applied by LittleCMS in floats.

imagecodecs hands LittleCMS 16-bit samples and takes floats; Pillow knows 8 bits only.
"""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Literal

import cv2
import numpy as np
from numpy.typing import DTypeLike

from colorizer.color.lab import Depth, gray_of_lightness, rgb_to_lab

# Colours that every profile of a photo can hold: where they do not come back, its inverse is useless.
PROBES = np.array(
    [[(L, a, b) for a, b in ((0, 0), (10, 0), (-10, 0), (0, 10), (0, -10))] for L in (30, 50, 70)], np.float32
)
ROUND_TRIP = 8.0  # units of Lab; the steps of a sound profile's tables cost up to 4
RELATIVE_COLORIMETRIC = 1  # white stays white, so lightness keeps its meaning
Space = Literal["rgb", "gray"]


@dataclass(frozen=True)
class TableProfile:
    """data: the profile's bytes. space: of its colours."""

    data: bytes
    space: Space

    def equal_gray(self, pixels: np.ndarray) -> np.ndarray:
        """Return the sRGB grays, of the same dtype, of the same lightness as pixels of this profile.

        pixels: gray (h, w), or RGB (h, w, 3) where the profile is one of RGB, uint8 or uint16.
        """
        colors = cv2.merge([pixels] * 3) if pixels.ndim == 2 and self.space == "rgb" else pixels
        return gray_of_lightness(self._to_lab(colors)[..., 0], pixels.dtype)

    def from_srgb(self, pixels: np.ndarray) -> np.ndarray:
        """Bring sRGB pixels, (h, w, 3), uint8 or uint16, into this RGB profile."""
        return self._from_lab(rgb_to_lab(pixels), pixels.dtype)

    @cached_property
    def leads_back(self) -> bool:
        """Whether there is a way from Lab into it, and not one that leads elsewhere."""
        try:
            there = self._from_lab(PROBES, np.uint16)
        except RuntimeError:
            return False
        return bool(np.abs(self._to_lab(there) - PROBES).max() <= ROUND_TRIP)

    def _to_lab(self, pixels: np.ndarray) -> np.ndarray:
        """Return CIE Lab, float32 (h, w, 3)."""
        return _transform(pixels, (self.data, self.space), (_lab_profile(), "lab"), np.float32)

    def _from_lab(self, lab: np.ndarray, dtype: Depth) -> np.ndarray:
        return _transform(lab, (_lab_profile(), "lab"), (self.data, self.space), dtype)


def read_table(profile: bytes, space: Space) -> TableProfile:
    """Return an RGB or gray profile as tables; raises ValueError where LittleCMS cannot read by it."""
    table = TableProfile(profile, space)
    try:
        table.equal_gray(np.zeros((1, 1), np.uint8))
    except RuntimeError as error:
        raise ValueError("This profile leads nowhere.") from error
    return table


def _transform(
    pixels: np.ndarray, source: tuple[bytes, str], target: tuple[bytes, str], dtype: DTypeLike
) -> np.ndarray:
    """Bring pixels from one profile, with the name of its colours, into another."""
    import imagecodecs

    (profile, space), (outprofile, outspace) = source, target
    return imagecodecs.cms_transform(
        pixels,
        profile,
        outprofile,
        colorspace=space,
        outcolorspace=outspace,
        outdtype=dtype,
        intent=RELATIVE_COLORIMETRIC,
    )


@cache
def _lab_profile() -> bytes:
    import imagecodecs

    return imagecodecs.cms_profile("lab4")
