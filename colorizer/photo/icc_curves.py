"""ICC profiles (ISO 15076-1) that are curves and a matrix, computed in floats: exact in 16 bits and shadows.

LittleCMS as Pillow offers it takes 8 bits a sample, which leaves a linear profile a handful of dark levels.
"""

import struct
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from colorizer.color.lab import rgb_to_lab, srgb_level_of

LEVELS = 65_536
D50 = np.array([0.9642, 1.0, 0.8249], np.float32)  # XYZ of the profile connection space's white
TABLES = (b"A2B0", b"A2B1")  # a profile with one of these says more than curves and matrix do
KNEE = 6 / 29  # of CIE Lab's curve


@dataclass(frozen=True)
class CurvesProfile:
    """curves: light of each level, float32 (65536,), one for gray, three for RGB.

    matrix: XYZ under D50 of full red, green and blue, float32 (3, 3) by columns; None for gray.
    """

    curves: tuple[np.ndarray, ...]
    matrix: np.ndarray | None

    @property
    def leads_back(self) -> bool:
        """Whether colours can be brought into it: always, where it has any."""
        return self.matrix is not None

    def equal_gray(self, pixels: np.ndarray) -> np.ndarray:
        """Return the sRGB grays, of the same dtype, of the same lightness as pixels of this profile.

        pixels: gray (h, w), or RGB (h, w, 3) where the profile has three curves, uint8 or uint16.
        """
        maximum = np.iinfo(pixels.dtype).max
        light = self._light_of_gray(pixels) if pixels.ndim == 2 else self._light(pixels)
        grays: np.ndarray = np.rint(srgb_level_of(np.clip(light, 0, 1)) * maximum)
        return grays.astype(pixels.dtype)

    def from_srgb(self, pixels: np.ndarray) -> np.ndarray:
        """Bring sRGB pixels, (h, w, 3), uint8 or uint16, into this RGB profile, keeping their L*."""
        lightness, a, b = cv2.split(rgb_to_lab(pixels))
        f_y = (lightness + 16) / 116
        xyz = D50 * _light_of_f(cv2.merge([f_y + a / 500, f_y, f_y - b / 200]))
        linear = np.clip(cv2.transform(xyz, self._inverse_matrix), 0, 1)
        places = (np.sqrt(linear) * (LEVELS - 1)).astype(np.uint16)
        shares = [inverse[places[..., channel]] for channel, inverse in enumerate(self._inverse_curves)]
        levels: np.ndarray = np.rint(cv2.merge(shares) * np.iinfo(pixels.dtype).max)
        return levels.astype(pixels.dtype)

    def _light_of_gray(self, pixels: np.ndarray) -> np.ndarray:
        curve = (
            self.curves[0]
            if self.matrix is None
            else sum(weight * curve for weight, curve in zip(self.matrix[1], self.curves, strict=True))
        )
        light: np.ndarray = np.asarray(curve)[_step(pixels) * np.arange(np.iinfo(pixels.dtype).max + 1)][
            pixels
        ]
        return light

    def _light(self, pixels: np.ndarray) -> np.ndarray:
        assert self.matrix is not None
        step, levels = _step(pixels), np.arange(np.iinfo(pixels.dtype).max + 1)
        light = np.zeros(pixels.shape[:2], np.float32)
        for channel, (weight, curve) in enumerate(zip(self.matrix[1], self.curves, strict=True)):
            light += (weight * curve[step * levels])[pixels[..., channel]]
        return light

    @cached_property
    def _inverse_matrix(self) -> np.ndarray:
        return np.linalg.inv(np.asarray(self.matrix, np.float64)).astype(np.float32)

    @cached_property
    def _inverse_curves(self) -> list[np.ndarray]:
        """The level, 0 to 1, of each light, by its square root: shadows need the finest steps."""
        lights, levels = np.linspace(0, 1, LEVELS) ** 2, np.linspace(0, 1, LEVELS)
        return [
            np.interp(lights, np.maximum.accumulate(curve), levels).astype(np.float32)
            for curve in self.curves
        ]


def read_curves(profile: bytes) -> CurvesProfile | None:
    """Return the curves and matrix of an RGB or gray profile, or None where it is of another kind.

    Raises ValueError or struct.error where it is broken.
    """
    with np.errstate(all="ignore"):
        found = _read(profile)
    if found and not all(np.isfinite(curve).all() for curve in found.curves):
        raise ValueError("This profile has a curve without values.")
    if found and found.matrix is not None and not 0.9 < found.matrix[1].sum() < 1.1:
        raise ValueError("This profile's white is not white.")
    return found


def _read(profile: bytes) -> CurvesProfile | None:
    tags = _tags(profile)
    if any(name in tags for name in TABLES):
        return None
    if profile[16:20] == b"GRAY" and b"kTRC" in tags:
        curve = _curve(tags[b"kTRC"])
        return CurvesProfile(
            (_light_of_f((100 * curve + 16) / 116) if profile[20:24] == b"Lab " else curve,), None
        )
    if profile[16:20] != b"RGB " or profile[20:24] != b"XYZ ":
        return None
    curves = tuple(_curve(tags.get(name, b"")) for name in (b"rTRC", b"gTRC", b"bTRC"))
    columns = [_xyz(tags.get(name, b"")) for name in (b"rXYZ", b"gXYZ", b"bXYZ")]
    return CurvesProfile(curves, np.array(columns, np.float32).T)


def _step(pixels: np.ndarray) -> int:
    return (LEVELS - 1) // int(np.iinfo(pixels.dtype).max)


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, 128)
    entries = [struct.unpack_from(">4sII", profile, 132 + 12 * number) for number in range(min(count, 100))]
    return {name: profile[start : start + size] for name, start, size in entries}


def _xyz(tag: bytes) -> np.ndarray:
    return _fixed(tag, 8, 3)


def _curve(tag: bytes) -> np.ndarray:
    """Return the light of each level: float32 (65536,) (ISO 15076-1, 10.6 and 10.18)."""
    levels = np.linspace(0, 1, LEVELS)
    if tag[:4] == b"para":
        (kind,) = struct.unpack_from(">H", tag, 8)
        return _parametric(levels, kind, _fixed(tag, 12, (1, 3, 4, 5, 7)[kind])).astype(np.float32)
    if tag[:4] != b"curv":
        raise ValueError("This profile has no curve where one must be.")
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        light = levels
    elif count == 1:
        light = levels ** (struct.unpack_from(">H", tag, 12)[0] / 256)
    else:
        table = np.frombuffer(tag, ">u2", count, 12) / 65_535
        light = np.interp(levels, np.linspace(0, 1, count), table)
    rounded: np.ndarray = light.astype(np.float32)
    return rounded


def _parametric(levels: np.ndarray, kind: int, values: np.ndarray) -> np.ndarray:
    """Return the light of levels by one of ICC's five kinds of formulas (ISO 15076-1, table 68)."""
    g, a, b, c, d, e, f = np.pad(values, (0, 7 - len(values)))
    if kind == 0:
        a, knee, low, high = 1.0, 0.0, 0 * levels, 0.0
    elif kind in (1, 2):
        knee, low, high = -b / a, c + 0 * levels, c
    else:
        knee, low, high = d, c * levels + f, e
    light: np.ndarray = np.where(levels >= knee, np.maximum(a * levels + b, 0) ** g + high, low)
    return light


def _fixed(tag: bytes, at: int, count: int) -> np.ndarray:
    """Return numbers of ICC's kind s15Fixed16."""
    numbers: np.ndarray = np.frombuffer(tag, ">i4", count, at).astype(np.float64)
    return numbers / 65_536


def _light_of_f(f: np.ndarray) -> np.ndarray:
    light: np.ndarray = np.where(f > KNEE, f**3, 3 * KNEE**2 * (f - 4 / 29)).astype(np.float32)
    return light
