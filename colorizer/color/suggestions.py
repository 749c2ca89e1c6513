"""The likely colours at a point, from a network's distribution over the ab bins."""

import numpy as np

from colorizer.color.ab_bins import CENTRES
from colorizer.color.lab import limit_chroma

FEWEST, MOST = 3, 6
RADIUS = 20.0  # ab units; bins this near to each other are one colour to a person choosing
SMALLEST_SHARE = 0.02  # beyond the first three, a colour less likely than this is not worth offering
APART = 12.0  # ab units; colours that sRGB shows nearer to each other look alike on two swatches
NEAR = np.linalg.norm(CENTRES[:, None] - CENTRES[None], axis=2) <= RADIUS  # (313, 313)


def likely_colors(probabilities: np.ndarray) -> list[tuple[tuple[float, float], float]]:
    """Gather a distribution into 3 to 6 colours, likeliest first.

    probabilities: (313,), summing to 1, in the order of `colorizer.color.ab_bins.CENTRES`.
    Returns [((a, b), share), ...]: each colour is the mean of the bins within 20 ab units of the bin with
    the most mass around it, and its share is their mass; no bin counts twice.
    """
    left = probabilities.astype(np.float64) + 1e-12  # bins that underflowed to 0 still have an order
    colors: list[tuple[tuple[float, float], float]] = []
    while len(colors) < MOST:
        center = int(np.argmax(np.where(left > 0, NEAR @ left, 0.0)))
        cluster = np.where(NEAR[center], left, 0.0)
        share = cluster.sum()
        if len(colors) >= FEWEST and share < SMALLEST_SHARE:
            break
        a, b = cluster @ CENTRES / share
        colors.append(((float(a), float(b)), float(min(share, 1.0))))
        left = np.where(NEAR[center], 0.0, left)
    return sorted(colors, key=lambda color: -color[1])


def told_apart(
    colors: list[tuple[tuple[float, float], float]], lightness: float
) -> list[tuple[tuple[float, float], float]]:
    """Leave out what looks like a likelier colour at a lightness: near black and white sRGB shows few.

    colors: as `likely_colors` returns them; the likeliest always stays. lightness: L*.
    """
    ab = np.array([[color for color, _ in colors]], np.float32)
    (shown,) = limit_chroma(np.full(ab.shape[:2], lightness, np.float32), ab)
    kept: list[int] = []
    for index, place in enumerate(shown):
        if all(np.linalg.norm(place - shown[other]) > APART for other in kept):
            kept.append(index)
    return [colors[index] for index in kept]
