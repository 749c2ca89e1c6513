"""Which way of enlarging ab to the size of the photo comes closest to its true colours.

    python -m benchmarks.enlargement [--data DIR] [--strategy NAME] [--short-side 64] [--json]

The true ab of each photo is averaged down to a grid whose short side has 64 cells (what colornet predicts for
a photo shown at 256 px) and enlarged again with the photo's true L*. Mean CIEDE2000 against the photo, over
all pixels and near colour edges. With --strategy the ab is that which the strategy predicts instead.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from skimage.color import deltaE_ciede2000

from benchmarks.photos import color_photos
from benchmarks.report import argument_parser, show
from colorizer.color.chroma import Enlarger, lightness_shown
from colorizer.color.lab import limit_chroma, rgb_to_lab
from colorizer.strategies.base import Strategy
from colorizer.strategies.registry import create_strategy

EDGE_SLOPE = 5.0  # ab units a pixel from which on a place counts as a colour edge
EDGE_REACH = 5  # pixels around it

Size = tuple[int, int]  # (width, height)


def bilinear(ab: np.ndarray, small: np.ndarray, lightness: np.ndarray) -> np.ndarray:
    """What every other server does. small: L* of the grid; lightness: L* of the photo."""
    return _resize(ab, lightness, cv2.INTER_LINEAR)


def bicubic(ab: np.ndarray, small: np.ndarray, lightness: np.ndarray) -> np.ndarray:
    """Smoother, and sharper at edges."""
    return _resize(ab, lightness, cv2.INTER_CUBIC)


def bicubic_with_detail(ab: np.ndarray, small: np.ndarray, lightness: np.ndarray) -> np.ndarray:
    """Add the slope of ab over L* in 3x3 cells, times what L* has beyond its own bicubic enlargement."""
    slope = _slope(ab, small, (3, 3), 100)
    detail = lightness - _resize(small, lightness, cv2.INTER_CUBIC)
    return bicubic(ab, small, lightness) + _resize(slope, lightness, cv2.INTER_CUBIC) * detail[..., None]


def doubling_with_detail(ab: np.ndarray, small: np.ndarray, lightness: np.ndarray) -> np.ndarray:
    """Do the same again and again, doubling the grid, with new slopes each time."""
    while 2 * ab.shape[0] < lightness.shape[0]:
        larger = cv2.resize(lightness, (2 * ab.shape[1], 2 * ab.shape[0]), interpolation=cv2.INTER_AREA)
        ab, small = bicubic_with_detail(ab, small, larger), larger
    return bicubic_with_detail(ab, small, lightness)


def guided_filter(ab: np.ndarray, small: np.ndarray, lightness: np.ndarray) -> np.ndarray:
    """Filter the bilinear enlargement with L* as guide (He, Sun, Tang 2010)."""
    enlarged, window = bilinear(ab, small, lightness), (9, 9)
    slope = _slope(enlarged, lightness, window, 20)
    offset = cv2.blur(enlarged, window) - slope * cv2.blur(lightness, window)[..., None]
    return cv2.blur(slope, window) * lightness[..., None] + cv2.blur(offset, window)


def joint_bilateral(ab: np.ndarray, small: np.ndarray, lightness: np.ndarray) -> np.ndarray:
    """Average the 5x5 cells around, by their distance and likeness in L* (Kopf et al. 2007)."""
    height, width = lightness.shape
    y = (np.arange(height, dtype=np.float32) + 0.5) * small.shape[0] / height - 0.5
    x = (np.arange(width, dtype=np.float32) + 0.5) * small.shape[1] / width - 0.5
    total, weights = np.zeros((height, width, 2), np.float32), np.zeros((height, width, 1), np.float32)
    for down in range(-2, 3):
        for right in range(-2, 3):
            rows, columns = np.rint(y).astype(int) + down, np.rint(x).astype(int) + right
            near = np.exp(-((y - rows) ** 2))[:, None] * np.exp(-((x - columns) ** 2))
            cells = np.ix_(rows.clip(0, small.shape[0] - 1), columns.clip(0, small.shape[1] - 1))
            alike = np.exp(-((lightness - small[cells]) ** 2) / (2 * 15**2))
            weight = (near * (alike + 1e-6))[..., None]
            total, weights = total + weight * ab[cells], weights + weight
    return total / weights


def ours(ab: np.ndarray, small: np.ndarray, lightness: np.ndarray) -> np.ndarray:
    """The way of colorizer.chroma: slope and offset over L*, both enlarged."""
    height, width = lightness.shape
    return cv2.merge(Enlarger(ab, small, width, height).ab_at(lightness, slice(0, height)))


WAYS: tuple[Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray], ...] = (
    bilinear,
    bicubic,
    guided_filter,
    joint_bilateral,
    bicubic_with_detail,
    doubling_with_detail,
    ours,
)


def main(arguments: list[str]) -> None:
    """Measure every way on every photo, and print the means."""
    parser = argument_parser(__doc__)
    parser.add_argument("--data", type=Path, help="a folder of photos or zip files (default: sample photos)")
    parser.add_argument("--most", type=int, default=200, help="photos of it to use (default: 200)")
    parser.add_argument("--strategy", help="enlarge what this strategy predicts (default: the true ab)")
    parser.add_argument("--short-side", type=int, default=64, help="cells (default: 64)")
    options = parser.parse_args(arguments)
    strategy = _loaded(options.strategy)
    errors = [
        measure(photo, lambda photo: _grid(photo, options.short_side, strategy))
        for photo in color_photos(options.data, options.most)
    ]
    print(f"{len(errors)} photos, {f'ab of {strategy.name}' if strategy else 'true ab'}\n")
    everywhere, edges = np.nanmean(errors, axis=0).T
    rows = [
        {
            "way": way.__name__.replace("_", " "),
            "everywhere": f"{mean:.2f}",
            "near colour edges": f"{edge:.2f}",
        }
        for way, mean, edge in zip(WAYS, everywhere, edges, strict=True)
    ]
    show(f"enlargement-{options.strategy or 'true'}", rows, options.json)


def measure(photo: np.ndarray, grid_of: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return the mean CIEDE2000 of each way, everywhere and near colour edges: float (ways, 2)."""
    lab = rgb_to_lab(photo)
    lightness, true_ab = np.ascontiguousarray(lab[..., 0]), np.ascontiguousarray(lab[..., 1:])
    ab = grid_of(photo)
    small = cv2.resize(lightness, ab.shape[1::-1], interpolation=cv2.INTER_AREA)
    edges = color_edges(true_ab)
    errors = []
    for way in WAYS:
        enlarged = limit_chroma(lightness, way(ab, small, lightness).astype(np.float32))
        error = deltaE_ciede2000(lab, np.dstack([lightness, enlarged]))
        errors.append((error.mean(), error[edges].mean() if edges.any() else np.nan))
    return np.array(errors)


def color_edges(ab: np.ndarray) -> np.ndarray:
    """Return where ab changes quickly, and around: bool (h, w)."""
    slopes = [cv2.Sobel(ab, cv2.CV_32F, dx, 1 - dx, scale=1 / 8) for dx in (0, 1)]
    steep = np.sqrt(sum((slope**2).sum(axis=-1) for slope in slopes)) > EDGE_SLOPE
    return cv2.dilate(steep.astype(np.uint8), np.ones((EDGE_REACH, EDGE_REACH))) > 0


def _grid(photo: np.ndarray, short_side: int, strategy: Strategy | None) -> np.ndarray:
    """Return ab on a small grid: the photo's own, or what a strategy predicts."""
    height, width = photo.shape[:2]
    if strategy is None:
        scale = short_side / min(height, width)
        ab = np.ascontiguousarray(rgb_to_lab(photo)[..., 1:])
        return cv2.resize(ab, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    return strategy.predict(lightness_shown(photo, *strategy.network_size(width, height))).ab


def _loaded(name: str | None) -> Strategy | None:
    if name is None:
        return None
    strategy = create_strategy(name)
    strategy.load()
    return strategy


def _slope(ab: np.ndarray, lightness: np.ndarray, window: Size, caution: float) -> np.ndarray:
    mean, lightness = cv2.blur(lightness, window)[..., None], lightness[..., None]
    variance = cv2.blur(lightness**2, window)[..., None] - mean**2
    return (cv2.blur(ab * lightness, window) - cv2.blur(ab, window) * mean) / (variance + caution)


def _resize(values: np.ndarray, like: np.ndarray, interpolation: int) -> np.ndarray:
    return cv2.resize(values, like.shape[::-1], interpolation=interpolation)


if __name__ == "__main__":
    main(sys.argv[1:])
