"""Colour a photo in the form that a JPEG file stores: a full-size luma plane and two half-size chroma planes.

A JPEG of a gray photo is little more than a luma plane, and most colour JPEGs keep chroma at half the width
and height (4:2:0). So nothing but luma is ever full-size here. Three steps lead to the planes to encode:

1. Halve the luma and enlarge the predicted ab to that half size (`chroma.Enlarger`).
2. Look each half-size pixel up in a table: its gray level, a and b give Cb, Cr and the darkening.
   The darkening: gray and colours of the same L* differ in luma, because JPEG's luma is a weighted mean of
   gamma-encoded channels. A green put on top of the photo's own luma would look 70 levels too light.
3. Enlarge the darkening to full size and take it from the photo's own luma, which keeps every detail.

Luma, Cb and Cr are those of JFIF unless another `PlaneCode` is named, as films do; gray levels are sRGB's.
"""

from functools import cache

import cv2
import numpy as np

from colorizer.color.chroma import Enlarger, Layer, for_each_strip
from colorizer.color.lab import gray_level_of, lab_to_float_rgb, look_up
from colorizer.color.plane_code import JFIF, PlaneCode, shown_grays, shown_lightness

DARKENING_SCALE = 3.0  # of sRGB's colours it is -6 to 70 levels; it is kept in thirds of a level,
DARKENING_OFFSET = 8.0  # plus this many levels, so that it fits a byte
AB_STEP = 8  # ab units between the nodes of the table
AB_NODES = 33  # from -128 to 128
ROUGH = 16.0  # levels; heavy film grain has about 8, a dither 40 and more
ROUGH_BANDS, ROUGH_ROWS = 16, 32  # what is looked at of a photo: enough to find a printed page in it
LARGEST_AB = 127.0  # stays inside a gray level's own part of the table


def color_luma(
    luma: np.ndarray,
    ab: np.ndarray,
    shown: np.ndarray,
    code: PlaneCode = JFIF,
    change: Layer | None = None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Join a gray photo's luma with the predicted ab, as the planes of a 4:2:0 JPEG.

    luma: uint8 (h, w), gray in the levels of `code`; it is overwritten, to save memory.
    ab: float32 (grid height, grid width, 2), the prediction over the whole photo.
    shown: float32, any size, the L* of the whole photo that the network was shown.
    code: what the bytes of the planes mean, those of luma and of the result.
    change: what is added to the prediction, as `corrections.correct` has it.
    Returns Y, uint8 (h, w), and Cb and Cr, uint8 (h / 2, w / 2), rounded up.
    """
    height, width = (luma.shape[0] + 1) // 2, (luma.shape[1] + 1) // 2
    enlarger = Enlarger(ab, shown, width, height, change)
    darkening, cb, cr = np.empty((3, height, width), np.uint8)

    def color_strip(rows: slice) -> None:
        gray = _halve(luma[2 * rows.start : 2 * rows.stop])
        a, b = enlarger.ab_at(cv2.LUT(gray, shown_lightness(code)), rows)
        darkening[rows], cb[rows], cr[rows] = cv2.split(_darkening_cb_cr(gray, a, b, code))

    for_each_strip(color_strip, width, height)
    _darken(luma, darkening, 1)
    return luma, cb, cr


def is_rough(luma: np.ndarray) -> bool:
    """Whether neighbouring pixels differ so much that half-size colours say little of each, as in a dither.

    luma: uint8 (h, w). Such a photo is joined pixel by pixel (`chroma.color_pixels`), not by `color_luma`.
    """
    step = max(ROUGH_ROWS, len(luma) // ROUGH_BANDS // ROUGH_ROWS * ROUGH_ROWS)
    bands = (luma[top : top + ROUGH_ROWS] for top in range(0, len(luma), step))
    return any(_roughness(band) > ROUGH for band in bands)


def _roughness(band: np.ndarray) -> float:
    """Return by how many levels pixels differ, in the mean, from the 2x2 pixels that they lie in."""
    half = _halve(band)
    whole = cv2.resize(half, (2 * half.shape[1], 2 * half.shape[0]), interpolation=cv2.INTER_NEAREST)
    return cv2.norm(band, whole[: band.shape[0], : band.shape[1]], cv2.NORM_L1) / band.size


def gray_luma(luma: np.ndarray, darkening: np.ndarray) -> np.ndarray:
    """Turn the luma of a tinted or colour photo into that of a gray photo of the same L*: step 3 undone.

    luma: uint8 (h, w), overwritten. darkening: what `darkening_of` says of the photo at half its size.
    Returns the sRGB gray levels, uint8 (h, w).
    """
    _darken(luma, darkening, -1)
    return luma


def darkening_of(half_rgb: np.ndarray, code: PlaneCode = JFIF) -> np.ndarray:
    """Return how much darker than gray of the same L* colours are in luma, in the unit of `gray_luma`.

    half_rgb: uint8 (h / 2, w / 2, 3), rounded up; code: of the luma. Returns uint8 (h / 2, w / 2).
    """
    height, width = half_rgb.shape[:2]
    darkening = np.empty((height, width), np.uint8)

    def measure_strip(rows: slice) -> None:
        rgb = half_rgb[rows]
        own_luma = cv2.transform(rgb.astype(np.float32), code.luma_weights)
        darkening[rows] = _bytes_of_darkening(code.contrast * (gray_level_of(rgb) - own_luma))

    for_each_strip(measure_strip, width, height)
    return darkening


def _halve(plane: np.ndarray) -> np.ndarray:
    """Average 2x2 pixels; an odd last row or column counts twice."""
    odd_row, odd_column = plane.shape[0] % 2, plane.shape[1] % 2
    if odd_row or odd_column:
        plane = cv2.copyMakeBorder(plane, 0, odd_row, 0, odd_column, cv2.BORDER_REPLICATE)
    return cv2.resize(plane, (plane.shape[1] // 2, plane.shape[0] // 2), interpolation=cv2.INTER_AREA)


def _darkening_cb_cr(gray: np.ndarray, a: np.ndarray, b: np.ndarray, code: PlaneCode) -> np.ndarray:
    """Look up uint8 (h, w, 3) for gray levels, uint8 (h, w), and a and b, float32 (h, w)."""
    columns, rows = _table_position(a), _table_position(b)
    rows += np.float32(AB_NODES) * gray
    return look_up(_color_table(code), columns, rows)


def _table_position(values: np.ndarray) -> np.ndarray:
    position: np.ndarray = np.clip(values, -LARGEST_AB, LARGEST_AB)
    position /= AB_STEP
    position += AB_NODES // 2
    return position


@cache
def _color_table(code: PlaneCode) -> np.ndarray:
    """Darkening, Cb, Cr, uint8 (256 * AB_NODES, AB_NODES, 3): a map of the ab plane for each gray level."""
    return np.concatenate([_map_of_ab(level, code) for level in range(256)])


def _map_of_ab(level: int, code: PlaneCode) -> np.ndarray:
    nodes = AB_STEP * (np.arange(AB_NODES, dtype=np.float32) - AB_NODES // 2)
    ab = cv2.merge(np.meshgrid(nodes, nodes))
    lightness = np.full((AB_NODES, AB_NODES), shown_lightness(code)[level])
    rgb = lab_to_float_rgb(lightness, ab)
    y: np.ndarray = cv2.transform(rgb, code.luma_weights)
    cb = (rgb[..., 2] - y) / (2 - 2 * code.blue)
    cr = (rgb[..., 0] - y) / (2 - 2 * code.red)
    chroma = [_to_bytes(code.chroma * plane + 128) for plane in (cb, cr)]
    darker = code.contrast * (shown_grays(code)[level] - 255 * y)
    return cv2.merge([_bytes_of_darkening(darker), *chroma])


def _bytes_of_darkening(levels: np.ndarray) -> np.ndarray:
    return cv2.convertScaleAbs(levels, alpha=DARKENING_SCALE, beta=DARKENING_SCALE * DARKENING_OFFSET)


def _to_bytes(values: np.ndarray) -> np.ndarray:
    levels: np.ndarray = np.clip(np.rint(values), 0, 255)
    return levels.astype(np.uint8)


def _darken(luma: np.ndarray, darkening: np.ndarray, sign: int) -> None:
    """Take the enlarged half-size darkening from luma (sign 1) or give it back (sign -1), in place."""
    height, width = luma.shape

    def darken_strip(rows: slice) -> None:
        # One more row on each side, so that strips meet without a seam. Decoders enlarge chroma the same way.
        above = max(rows.start // 2 - 1, 0)
        part = darkening[above : -(-rows.stop // 2) + 1]
        full = cv2.resize(part, (2 * part.shape[1], 2 * part.shape[0]), interpolation=cv2.INTER_LINEAR)
        top = rows.start - 2 * above
        strip = luma[rows]
        enlarged = full[top : top + strip.shape[0], :width]
        cv2.addWeighted(strip, 1, enlarged, -sign / DARKENING_SCALE, sign * DARKENING_OFFSET, dst=strip)

    for_each_strip(darken_strip, width, height)
