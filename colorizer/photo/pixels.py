"""Small operations on whole pictures, done strip by strip so that they need little memory of their own."""

import cv2
import numpy as np
from PIL import Image

from colorizer.color.chroma import for_each_strip
from colorizer.color.lab import gray_level_of, srgb_level_of

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


def equal_grays(colors: np.ndarray | Image.Image) -> np.ndarray:
    """Return the grays of the same lightness as sRGB colours, uint8 (h, w).

    colors: (h, w, 3 or 4), uint8 or uint16; or an image of mode RGB or RGBA. Alpha is passed over.
    """
    width, height = _size(colors)
    gray = np.empty((height, width), np.uint8)

    def convert(rows: slice) -> None:
        gray[rows] = cv2.convertScaleAbs(gray_level_of(np.ascontiguousarray(_strip(colors, rows)[..., :3])))

    for_each_strip(convert, width, height)
    return gray


def without_hidden(pixels: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Return pixels in which those that alpha hides fully have the mean of the others: nobody saw them.

    pixels: gray (h, w) or RGB (h, w, 3). alpha: (h, w). Returns `pixels` itself where none is hidden.
    """
    seen = np.where(alpha == 0, np.uint8(0), np.uint8(255))
    if seen.all():
        return pixels
    mean = cv2.mean(pixels, mask=seen)[: 1 if pixels.ndim == 2 else 3]
    shown = np.empty_like(pixels)
    shown[:] = np.rint(mean)
    return cv2.copyTo(pixels, seen, shown)


def to_srgb_levels(pixels: np.ndarray, gamma: float) -> np.ndarray:
    """Return pixels, uint8 or uint16, that were coded as light ** gamma, as sRGB codes the same light."""
    maximum = np.iinfo(pixels.dtype).max
    light = np.linspace(0, 1, maximum + 1) ** (1 / gamma)
    levels: np.ndarray = np.rint(srgb_level_of(light) * maximum).astype(pixels.dtype)[pixels]
    return levels


def thinned(colors: np.ndarray | Image.Image) -> np.ndarray:
    """Return some pixels all over a picture, with alpha if it has one: enough to see if it is in colour."""
    width, height = _size(colors)
    if isinstance(colors, Image.Image):
        size = (min(width, THINNED_SIDE), min(height, THINNED_SIDE))
        return np.asarray(colors.resize(size, Image.Resampling.NEAREST))
    every_row, every_column = -(-height // THINNED_SIDE), -(-width // THINNED_SIDE)
    return np.ascontiguousarray(colors[::every_row, ::every_column])


def sample_of(pixels: np.ndarray) -> np.ndarray | None:
    """Return RGB (h, w, 3) of any dtype as uint8 of at most 128 pixels a side; None for gray (h, w)."""
    if pixels.ndim == 2:
        return None
    scale = min(1, SAMPLE_SIDE / max(pixels.shape[:2]))
    size = tuple(max(1, round(side * scale)) for side in pixels.shape[1::-1])
    return to_8_bit(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA))


def _size(colors: np.ndarray | Image.Image) -> tuple[int, int]:
    """Return width and height."""
    return colors.size if isinstance(colors, Image.Image) else (colors.shape[1], colors.shape[0])


def _strip(colors: np.ndarray | Image.Image, rows: slice) -> np.ndarray:
    if isinstance(colors, Image.Image):
        return np.asarray(colors.crop((0, rows.start, colors.width, rows.stop)))
    return to_8_bit(colors[rows])
