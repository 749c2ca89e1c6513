"""A photo's lightness cut into some hundreds of pieces that keep to its edges.

The pieces are watersheds around a regular net of seeds (Meyer 1992; Neubert, Protzel 2014, "Compact
watershed and preemptive SLIC"), on the few ten thousand cells of the lightness that our network is shown.
"""

from dataclasses import dataclass

import cv2
import numpy as np

SEED_DISTANCE = 7  # cells from seed to seed: smaller than a face in a group, larger than grain
BLUR = 1.0  # cells; grain makes no pieces


@dataclass(frozen=True)
class Superpixels:
    """labels: int32 (h, w), 0 to count - 1, each at least once. sizes: float64 (count,), in cells."""

    labels: np.ndarray
    sizes: np.ndarray

    def means(self, plane: np.ndarray) -> np.ndarray:
        """Return the mean of a plane (h, w) over each piece, float32 (count,)."""
        sums = np.bincount(self.labels.ravel(), plane.ravel(), len(self.sizes))
        means: np.ndarray = (sums / self.sizes).astype(np.float32)
        return means

    def at_middles(self, grid: np.ndarray) -> np.ndarray:
        """Return what a grid over the photo, float32 (rows, columns, n), has at the middle of each piece,
        float32 (count, n), between its cells in proportion."""
        rows_and_columns: np.ndarray = np.indices(self.labels.shape)
        scales = np.divide(grid.shape[:2], self.labels.shape)
        down, across = (
            (self.means(plane) + 0.5) * scale - 0.5
            for plane, scale in zip(rows_and_columns, scales, strict=True)
        )
        return _between(grid, down, across)

    def neighbours(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the labels of all pieces that touch, each pair in both orders, ascending, int64 (pairs,)."""
        labels, count = self.labels, len(self.sizes)
        first = np.concatenate([labels[:, :-1].ravel(), labels[:-1].ravel()]).astype(np.int64)
        second = np.concatenate([labels[:, 1:].ravel(), labels[1:].ravel()]).astype(np.int64)
        apart = first != second
        first, second = first[apart], second[apart]
        return np.divmod(np.unique(np.concatenate([first * count + second, second * count + first])), count)


def cut_superpixels(lightness: np.ndarray) -> Superpixels:
    """Cut L*, float32 (h, w) with both sides of at least 16, into pieces of about 7x7 cells."""
    labels = _watersheds(cv2.GaussianBlur(lightness, (0, 0), BLUR))
    return Superpixels(labels, np.bincount(labels.ravel()).astype(np.float64))


def _between(grid: np.ndarray, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Return a grid (rows, columns, n) at places, in cells from the first one's middle: (places, n)."""
    top, below, lower = _cells_around(down, grid.shape[0])
    left, right, righter = _cells_around(across, grid.shape[1])
    upper = grid[top, left] * (1 - righter) + grid[top, right] * righter
    under = grid[below, left] * (1 - righter) + grid[below, right] * righter
    between: np.ndarray = upper * (1 - lower) + under * lower
    return between


def _cells_around(at: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the cells before and after places along a side, and how near they are to the second, (n, 1)."""
    at = at.clip(0, count - 1)
    first = at.astype(np.int64)
    return first, np.minimum(first + 1, count - 1), (at - first).astype(np.float32)[:, np.newaxis]


def _watersheds(smooth: np.ndarray) -> np.ndarray:
    height, width = smooth.shape
    # OpenCV makes the outermost cells borders, so there is no seed on them.
    rows = np.arange(SEED_DISTANCE // 2, height - 1, SEED_DISTANCE)
    columns = np.arange(SEED_DISTANCE // 2, width - 1, SEED_DISTANCE)
    markers = np.zeros((height, width), np.int32)
    markers[np.ix_(rows, columns)] = 1 + np.arange(rows.size * columns.size).reshape(rows.size, -1)
    cv2.watershed(cv2.merge([cv2.convertScaleAbs(smooth, alpha=2.55)] * 3), markers)
    labels: np.ndarray = _without_borders(markers) - 1
    return labels


def _without_borders(markers: np.ndarray) -> np.ndarray:
    """Give the cells between the pieces, which OpenCV marks -1, to one of the pieces beside them."""
    pieces: np.ndarray = np.maximum(markers, 0).astype(np.float32)  # of which OpenCV can take the largest
    while not pieces.all():
        pieces = np.where(pieces == 0, cv2.dilate(pieces, np.ones((3, 3), np.uint8)), pieces)
    return pieces.astype(np.int32)
