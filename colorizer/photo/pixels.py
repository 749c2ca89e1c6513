"""Small operations on whole pictures, done strip by strip so that they need little memory of their own."""

import cv2
import numpy as np
from PIL import Image

from colorizer.color.chroma import for_each_strip
from colorizer.color.lab import gray_level_of

THINNED_SIDE = 512  # pixels, about
SAMPLE_SIDE = 128  # pixels; a small picture tells a coloured photo from a tinted one


def to_8_bit(pixels: np.ndarray) -> np.ndarray:
    """Round uint16 samples to uint8; uint8 samples are returned as they are."""
    return pixels if pixels.dtype == np.uint8 else cv2.convertScaleAbs(pixels, alpha=1 / 257)


def split_alpha(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """Split gray and alpha (h, w, 2) or RGBA (h, w, 4); gray (h, w) and RGB (h, w, 3) have no alpha."""
    if pixels.ndim == 2 or pixels.shape[2] == 3:
        return np.ascontiguousarray(pixels), None
    color = pixels[..., 0] if pixels.shape[2] == 2 else pixels[..., :3]
    return np.ascontiguousarray(color), np.ascontiguousarray(pixels[..., -1])


def lay_on_white(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Lay gray (h, w) or RGB (h, w, 3) pixels on white, as their alpha (h, w) of the same dtype says."""
    alpha = alpha if pixels.ndim == 2 else cv2.merge([alpha] * 3)
    share = cv2.multiply(pixels, alpha, scale=1 / np.iinfo(alpha.dtype).max)
    return cv2.add(share, cv2.bitwise_not(alpha))


def swap_red_and_blue(pixels: np.ndarray) -> None:
    """Turn RGB or RGBA, (h, w, 3 or 4), into BGR or BGRA or back, in place."""
    code = cv2.COLOR_RGB2BGR if pixels.shape[2] == 3 else cv2.COLOR_RGBA2BGRA

    def swap(rows: slice) -> None:
        pixels[rows] = cv2.cvtColor(pixels[rows], code)

    for_each_strip(swap, pixels.shape[1], pixels.shape[0])


def equal_grays(colors: np.ndarray | Image.Image) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the grays of the same lightness as sRGB colours, and their alpha, each uint8 (h, w).

    colors: RGB or RGBA, (h, w, 3 or 4), uint8 or uint16; or an image of mode RGB or RGBA.
    """
    width, height, channels = _shape(colors)
    gray = np.empty((height, width), np.uint8)
    alpha = np.empty_like(gray) if channels == 4 else None

    def convert(rows: slice) -> None:
        strip = _strip(colors, rows)
        gray[rows] = cv2.convertScaleAbs(gray_level_of(np.ascontiguousarray(strip[..., :3])))
        if alpha is not None:
            alpha[rows] = strip[..., 3]

    for_each_strip(convert, width, height)
    return gray, alpha


def thinned(colors: np.ndarray | Image.Image) -> np.ndarray:
    """Return RGB of some pixels all over a picture: enough to see whether it is in colour."""
    width, height, _ = _shape(colors)
    if isinstance(colors, Image.Image):
        size = (min(width, THINNED_SIDE), min(height, THINNED_SIDE))
        return np.asarray(colors.resize(size, Image.Resampling.NEAREST).convert("RGB"))
    every_row, every_column = -(-height // THINNED_SIDE), -(-width // THINNED_SIDE)
    return np.ascontiguousarray(colors[::every_row, ::every_column, :3])


def sample_of(pixels: np.ndarray) -> np.ndarray | None:
    """Return RGB (h, w, 3) of any dtype as uint8 of at most 128 pixels a side; None for gray (h, w)."""
    if pixels.ndim == 2:
        return None
    scale = min(1, SAMPLE_SIDE / max(pixels.shape[:2]))
    size = tuple(max(1, round(side * scale)) for side in pixels.shape[1::-1])
    return to_8_bit(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def _shape(colors: np.ndarray | Image.Image) -> tuple[int, int, int]:
    if isinstance(colors, Image.Image):
        return *colors.size, len(colors.getbands())
    return colors.shape[1], colors.shape[0], colors.shape[2]


def _strip(colors: np.ndarray | Image.Image, rows: slice) -> np.ndarray:
    if isinstance(colors, Image.Image):
        return np.asarray(colors.crop((0, rows.start, colors.width, rows.stop)))
    return to_8_bit(colors[rows])
