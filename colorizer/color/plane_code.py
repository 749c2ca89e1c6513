"""How a file stores colour as bytes: what luma and chroma are made of, and which levels are black and white.

A JPEG (JFIF) uses the weights of Rec. ITU-R BT.601 and all 256 levels. Films mostly use those of BT.709, and
levels 16 to 235 for luma and 16 to 240 for chroma ("limited range"); what lies outside is kept as it is.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from colorizer.color.lab import lightness_of


@dataclass(frozen=True)
class PlaneCode:
    """The bytes of a Y, a Cb and a Cr plane.

    red, blue: what red and blue weigh in luma; green weighs the rest. black, white: the levels of luma that
    show black and white. chroma: levels from the most negative chroma to the most positive; 128 is neutral.
    """

    red: float = 0.299
    blue: float = 0.114
    black: int = 0
    white: int = 255
    chroma: int = 255

    @property
    def luma_weights(self) -> np.ndarray:
        """What red, green and blue weigh in luma: float32 (1, 3)."""
        return np.array([[self.red, 1 - self.red - self.blue, self.blue]], np.float32)

    @property
    def contrast(self) -> float:
        """Levels of luma for each level of 8-bit sRGB."""
        return (self.white - self.black) / 255


JFIF = PlaneCode()


@cache
def shown_grays(code: PlaneCode) -> np.ndarray:
    """Return the sRGB gray that each level of luma shows, float32 (256,), 0 to 255."""
    levels = np.arange(256, dtype=np.float32)
    return ((levels - code.black) / np.float32(code.contrast)).clip(0, 255)


@cache
def shown_lightness(code: PlaneCode) -> np.ndarray:
    """Return the L* that each level of luma shows, float32 (256,)."""
    lightness: np.ndarray = lightness_of(shown_grays(code)[np.newaxis] / np.float32(255))[0]
    return lightness
