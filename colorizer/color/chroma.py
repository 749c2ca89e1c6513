"""From the network's small grid of ab to the full-size photo, along the photo's own edges.

Near each cell of the grid, ab is taken as a straight line over lightness: ab = slope * L* + offset. Slope and
offset are enlarged smoothly; the photo's own lightness, which has every edge, then gives the full-size ab.
Where lightness says nothing about colour the slope is near zero, and what remains is bicubic enlargement.
This is the idea of the guided filter (He, Sun, Tang 2010; He and Sun 2015), without its smoothing of the
prediction. It was chosen by `python -m benchmarks.enlargement`; docs/performance.md has the table.

Everything full-size happens in strips of rows on all of OpenCV's threads, so that a photo of 48 megapixels
needs little more memory than its own pixels.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import cv2
import numpy as np

from colorizer.color.lab import lab_to_rgb, lightness_of
from colorizer.process.interrupts import held_interrupts

SLOPE_WINDOW = (3, 3)  # grid cells that the straight line is fitted to
SLOPE_CAUTION = 100.0  # variance of L* below which lightness is not trusted to tell colours apart
BLOCKS = (4, 2)  # pixels a side; enlargement is bicubic to one value a block, then linear
BLOCKS_A_CELL = 3  # along a side of a cell of the grid, at least: more differ little from bicubic alone
FEW_STRIPS = 8  # are done before a second thread is awake
HIGHEST_STRIP = 30_000  # OpenCV remaps fewer than 32,767 rows at once
STRIP_PIXELS = 2**17  # with smaller strips threads wait for each other, larger ones take more memory


def lightness_shown(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return L* of the whole photo at the size that a network is shown, float32 (height, width).

    pixels: gray (h, w) or RGB (h, w, 3) sRGB, uint8 or uint16.
    """
    return lightness_of(shrink(pixels, width, height))


def shrink(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return a picture of any channels and dtype at a smaller size: (height, width) or (height, width, c)."""
    # Halving whole pixels is many times faster than averaging over fractions of them.
    while pixels.shape[0] >= 4 * height and pixels.shape[1] >= 4 * width:
        even = pixels[: pixels.shape[0] // 2 * 2, : pixels.shape[1] // 2 * 2]
        pixels = cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)


class Place(NamedTuple):
    """A place on a photo: x and y from 0 at the left and upper edge to 1 at the right and lower."""

    x: float
    y: float


class Layer(NamedTuple):
    """ab of the whole photo on a grid, float32 (h, w, 2), and L* of the whole photo, float32, any size, along
    whose edges it is enlarged."""

    ab: np.ndarray
    shown: np.ndarray


def color_pixels(
    pixels: np.ndarray, ab: np.ndarray, shown: np.ndarray, change: Layer | None = None
) -> np.ndarray:
    """Join a photo's own lightness with the predicted ab.

    pixels: gray (h, w) or RGB (h, w, 3) sRGB, uint8 or uint16.
    ab: float32 (grid height, grid width, 2), the prediction over the whole photo.
    shown: float32, any size, the L* of the whole photo that the network was shown.
    change: what is added to the prediction, as `corrections.correct` has it.
    Returns RGB (h, w, 3) of the same dtype; L* of each pixel as before, but for the rounding.
    """
    height, width = pixels.shape[:2]
    enlarger = Enlarger(ab, shown, width, height, change)
    rgb = np.empty((height, width, 3), pixels.dtype)

    def color_strip(rows: slice) -> None:
        lightness = lightness_of(pixels[rows])
        rgb[rows] = lab_to_rgb(lightness, cv2.merge(enlarger.ab_at(lightness, rows)), pixels.dtype)

    for_each_strip(color_strip, width, height)
    return rgb


def for_each_strip(
    function: Callable[[slice], None], width: int, height: int, strip_pixels: int = STRIP_PIXELS
) -> None:
    """Call function with slices of rows that cover 0 to height; many of them on OpenCV's number of threads.

    Every slice starts at a multiple of the largest block.
    """
    strip_height = min(strip_pixels // width, HIGHEST_STRIP)
    step = BLOCKS[0] * max(1, strip_height // BLOCKS[0])
    strips = [slice(top, min(top + step, height)) for top in range(0, height, step)]
    if len(strips) <= FEW_STRIPS:
        for rows in strips:
            function(rows)
        return
    with held_interrupts(), ThreadPoolExecutor(cv2.getNumThreads()) as pool:
        list(pool.map(function, strips))  # the list raises what a strip raised


def ab_at_places(layer: Layer, places: Sequence[Place], lightness: np.ndarray) -> np.ndarray:
    """Return ab at a few places, float32 (places, 2): what an `Enlarger` has there, without the rest.

    lightness: the photo's own L* at the places, float32 (places,).
    """
    height, width = layer.ab.shape[:2]
    columns = np.array([[place.x * width - 0.5] for place in places], np.float32)
    rows = np.array([[place.y * height - 0.5] for place in places], np.float32)
    slope, offset = (
        cv2.remap(plane, columns, rows, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)[:, 0]
        for plane in _lines_over_lightness(layer)
    )
    ab: np.ndarray = slope * lightness[:, np.newaxis] + offset
    return ab


class Enlarger:
    """The predicted ab at any rows of a picture of width x height pixels."""

    def __init__(
        self, ab: np.ndarray, shown: np.ndarray, width: int, height: int, change: Layer | None = None
    ) -> None:
        """ab: float32 (grid height, grid width, 2); shown: float32 L* of the whole photo, any size.

        change: what is added to ab, on a grid of its own.
        """
        self._width = width
        self._block = _block_side(width / ab.shape[1], height / ab.shape[0])
        self._lines = self._enlarged(Layer(ab, shown), width, height)
        if change is not None:
            for line, more in zip(self._lines, self._enlarged(change, width, height), strict=True):
                np.add(line, more, out=line)

    def _enlarged(self, layer: Layer, width: int, height: int) -> list[np.ndarray]:
        """Return the slopes of a and b, then their offsets, each with one value a block."""
        planes = [plane for both in _lines_over_lightness(layer) for plane in cv2.split(both)]
        return [_blocks(plane, width, height, self._block) for plane in planes]

    def ab_at(self, lightness: np.ndarray, rows: slice) -> tuple[np.ndarray, np.ndarray]:
        """Return a and b, each float32 (rows, width), for the L* of these rows, float32 (rows, width)."""
        a_slope, b_slope, a_offset, b_offset = self._lines
        return self._line(a_slope, a_offset, lightness, rows), self._line(b_slope, b_offset, lightness, rows)

    def _line(self, slope: np.ndarray, offset: np.ndarray, lightness: np.ndarray, rows: slice) -> np.ndarray:
        values = self._pixels(slope, rows)
        values *= lightness
        values += self._pixels(offset, rows)
        return values

    def _pixels(self, plane: np.ndarray, rows: slice) -> np.ndarray:
        """Enlarge blocks to pixels, with one more row of blocks on each side to blend into."""
        block = self._block
        above = max(rows.start // block - 1, 0)
        blocks = plane[above : -(-rows.stop // block) + 1]
        size = (block * blocks.shape[1], block * blocks.shape[0])
        pixels = cv2.resize(blocks, size, interpolation=cv2.INTER_LINEAR)
        top = rows.start - block * above
        return pixels[top : top + rows.stop - rows.start, : self._width]


def _lines_over_lightness(layer: Layer) -> tuple[np.ndarray, np.ndarray]:
    """Fit ab = slope * L* + offset around each cell; returns slopes and offsets, each float32 (h, w, 2)."""
    ab = layer.ab
    lightness = cv2.resize(layer.shown, ab.shape[1::-1], interpolation=cv2.INTER_AREA)[..., np.newaxis]
    mean = _local_mean(lightness)[..., np.newaxis]
    variance = _local_mean(lightness**2)[..., np.newaxis] - mean**2
    covariance = _local_mean(ab * lightness) - _local_mean(ab) * mean
    slope = covariance / (variance + SLOPE_CAUTION)
    return slope, ab - slope * lightness


def _local_mean(values: np.ndarray) -> np.ndarray:
    return cv2.blur(values, SLOPE_WINDOW, borderType=cv2.BORDER_REPLICATE)


def _block_side(cell_width: float, cell_height: float) -> int:
    """Return the pixels a side of a block, for cells of this many pixels."""
    largest = min(cell_width, cell_height) / BLOCKS_A_CELL
    return next((side for side in BLOCKS if side <= largest), 1)


def _blocks(plane: np.ndarray, width: int, height: int, side: int) -> np.ndarray:
    """Enlarge a plane over the whole photo to one value a block, the last blocks reaching over the edge."""
    across = side * plane.shape[1] / width  # grid cells a block
    down = side * plane.shape[0] / height
    # A block's middle, in the grid's coordinates: cell i has its middle at i, its left edge at i - 0.5.
    block_to_grid = np.array([[across, 0, across / 2 - 0.5], [0, down, down / 2 - 0.5]])
    return cv2.warpAffine(
        plane,
        block_to_grid,
        (-(-width // side), -(-height // side)),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
