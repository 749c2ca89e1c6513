"""CIE Lab (CIE 15:2004, white point D65) against sRGB (IEC 61966-2-1).

Everywhere: lightness is L*, 0 to 100; ab is a* and b*, about -110 to 110. A colour that sRGB cannot show
at its lightness loses chroma, never lightness or hue.
"""

from functools import cache
from typing import Any

import cv2
import numpy as np

WHITE = np.array([0.950456, 1.0, 1.088754], np.float32)  # XYZ of D65, as OpenCV has it
XYZ_TO_LINEAR_RGB = np.array(
    [
        [3.240479, -1.53715, -0.498535],
        [-0.969256, 1.875991, 0.041556],
        [0.055648, -0.204043, 1.057311],
    ],
    np.float32,
)
LUMINANCE_WEIGHTS = np.array([[0.212671, 0.71516, 0.072169]], np.float32)
LIMIT_LEVELS = 200  # lightness steps of the table of largest chroma
LIMIT_HUES = 360  # its hue steps
LARGEST_CHROMA = 160.0  # more than any colour of sRGB has
WIDEST_LOOK_UP = 32_000  # OpenCV remaps fewer than 32,767 columns at once
GAMUT_TOLERANCE = 1e-4  # of linear light: less than half a level of 8-bit black
Depth = np.dtype[Any] | type[np.uint8] | type[np.uint16]


def rgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    """Convert sRGB to CIE Lab.

    rgb: (h, w, 3), uint8 (0 to 255), uint16 (0 to 65535) or float32 (0 to 1).
    Returns float32 (h, w, 3): L* 0 to 100, a* and b* about -128 to 127.
    """
    # From linear light: OpenCV's short way from sRGB is a coarse table, off by up to 0.2 L* and 0.45 a*.
    return cv2.cvtColor(_to_linear(rgb), cv2.COLOR_LRGB2Lab)


def lightness_of(pixels: np.ndarray) -> np.ndarray:
    """Return L*, float32 (h, w).

    pixels: gray (h, w) or RGB (h, w, 3), uint8, uint16 or float32 (0 to 1).
    """
    lightness: np.ndarray
    if pixels.ndim == 3:
        lightness = rgb_to_lab(pixels)[..., 0]
    elif pixels.dtype == np.float32:
        lightness = rgb_to_lab(cv2.merge([pixels] * 3))[..., 0]
    else:
        lightness = gray_lightness(pixels.dtype)[pixels]
    return lightness


def gray_level_of(rgb: np.ndarray) -> np.ndarray:
    """Return the gray of the same lightness: float32 (h, w), 0 to 255, of uint8 RGB (h, w, 3)."""
    return srgb_level_of(cv2.transform(_to_linear(rgb), LUMINANCE_WEIGHTS)) * np.float32(255)


def srgb_level_of(light: np.ndarray) -> np.ndarray:
    """Return the sRGB level, 0 to 1, of linear light, 0 to 1: floats of any shape."""
    encoded = 1.055 * cv2.pow(light, 1 / 2.4).reshape(light.shape) - 0.055
    return np.where(light <= 0.0031308, 12.92 * light, encoded)


@cache
def gray_lightness(dtype: Depth) -> np.ndarray:
    """Return L* of every gray level of uint8 or uint16: float32 (256,) or (65536,)."""
    levels: np.ndarray = np.arange(np.iinfo(dtype).max + 1, dtype=dtype)
    lightness: np.ndarray = rgb_to_lab(np.repeat(levels.reshape(1, -1, 1), 3, axis=2))[0, :, 0]
    return lightness


def gray_of_lightness(lightness: np.ndarray, dtype: Depth) -> np.ndarray:
    """Return the sRGB gray level, uint8 or uint16, of each L*: floats of any shape, 0 to 100."""
    light = _inverse_lab_curve((lightness.clip(0, 100) + 16) / 116)
    levels: np.ndarray = np.rint(srgb_level_of(light.clip(0, 1)) * np.iinfo(dtype).max)
    return levels.astype(dtype)


def lab_to_rgb(lightness: np.ndarray, ab: np.ndarray, dtype: Depth = np.uint8) -> np.ndarray:
    """Convert CIE Lab to sRGB, keeping L*: chroma that sRGB cannot show is reduced first.

    lightness: float32 (h, w); ab: float32 (h, w, 2). Returns (h, w, 3) RGB, uint8 or uint16, rounded.
    """
    levels: np.ndarray = np.rint(lab_to_float_rgb(lightness, ab) * np.iinfo(dtype).max)
    return levels.astype(dtype)


def lab_to_float_rgb(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """Convert as `lab_to_rgb` does, to float32 (h, w, 3), 0 to 1, not rounded."""
    return cv2.cvtColor(cv2.merge([lightness, limit_chroma(lightness, ab)]), cv2.COLOR_Lab2RGB)


def lab_to_hex(lightness: float, a: float, b: float) -> str:
    """Return a colour as "#rrggbb"; its chroma is reduced where sRGB cannot show it."""
    rgb = lab_to_rgb(np.full((1, 1), lightness, np.float32), np.array([[[a, b]]], np.float32))
    return f"#{rgb.tobytes().hex()}"


def limit_chroma(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """Reduce chroma, at the same hue and lightness, to what sRGB can show.

    lightness: float32 (h, w); ab: float32 (h, w, 2). Returns float32 (h, w, 2).
    """
    a, b = cv2.split(ab)
    chroma, hue = cv2.cartToPolar(a, b, angleInDegrees=True)
    hue *= np.float32(LIMIT_HUES / 360)
    limit = look_up(_largest_chroma(), hue, lightness * np.float32(LIMIT_LEVELS / 100))
    share = np.minimum(limit, chroma) / np.maximum(chroma, np.float32(1e-6))
    limited: np.ndarray = cv2.merge([a * share, b * share])
    return limited


def look_up(table: np.ndarray, columns: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Interpolate a table at float32 (h, w) positions.

    Returns (h, w) or (h, w, channels), the table's dtype.
    """
    width = columns.shape[1]
    if width > WIDEST_LOOK_UP:
        halves = (slice(width // 2), slice(width // 2, width))
        return np.hstack([look_up(table, columns[:, half], rows[:, half]) for half in halves])
    return cv2.remap(table, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


@cache
def _largest_chroma() -> np.ndarray:
    """Return the largest chroma in sRGB: float32 (lightness 0 to 100, hue 0 to 360 degrees), by bisection."""
    lightness = np.linspace(0, 100, LIMIT_LEVELS + 1, dtype=np.float32)[:, np.newaxis]
    hue = np.linspace(0, 2 * np.pi, LIMIT_HUES + 1, dtype=np.float32)
    direction = np.stack([np.cos(hue), np.sin(hue)], axis=-1)
    chroma = np.zeros((lightness.size, hue.size), np.float32)
    step = LARGEST_CHROMA
    while step > 0.02:
        step /= 2
        larger = chroma + np.float32(step)
        chroma = np.where(_in_gamut(lightness, larger[..., np.newaxis] * direction), larger, chroma)
    return chroma


def _in_gamut(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    f_y = (lightness + 16) / 116
    f_x = f_y + ab[..., 0] / 500
    f_z = f_y - ab[..., 1] / 200
    xyz = WHITE[:, np.newaxis, np.newaxis] * _inverse_lab_curve(np.stack(np.broadcast_arrays(f_x, f_y, f_z)))
    linear = np.einsum("ij,jhw->ihw", XYZ_TO_LINEAR_RGB, xyz)  # without waking BLAS and its memory
    inside: np.ndarray = ((linear >= -GAMUT_TOLERANCE) & (linear <= 1 + GAMUT_TOLERANCE)).all(axis=0)
    return inside


def _inverse_lab_curve(f: np.ndarray) -> np.ndarray:
    return np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29))


def _to_linear(rgb: np.ndarray) -> np.ndarray:
    if rgb.dtype == np.uint8:
        return cv2.LUT(rgb, _linear_levels(np.uint8))
    if rgb.dtype == np.uint16:
        deep: np.ndarray = _linear_levels(np.uint16)[rgb]
        return deep
    return _srgb_curve(rgb)


@cache
def _linear_levels(dtype: Depth) -> np.ndarray:
    maximum = np.iinfo(dtype).max
    return _srgb_curve(np.arange(maximum + 1, dtype=np.float32) / maximum)


def _srgb_curve(encoded: np.ndarray) -> np.ndarray:
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    return linear.astype(np.float32)
