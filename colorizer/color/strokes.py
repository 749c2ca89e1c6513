"""What a person painted over a photo with a brush: where alpha is over half, a pixel asks for its colour."""

from typing import NamedTuple

import cv2
import numpy as np

from colorizer.color.lab import rgb_to_lab

OPAQUE = 127


class Strokes(NamedTuple):
    """ab: float32 (h, w, 2), what is asked for; share: float32 (h, w), how much of each cell asks, 0 to 1."""

    ab: np.ndarray
    share: np.ndarray


def strokes_of(mask: np.ndarray, width: int, height: int) -> Strokes:
    """Return the strokes of a mask, uint8 RGBA (h, w, 4), on a grid of width x height cells."""
    asks = (mask[..., 3] > OPAQUE).astype(np.float32)
    ab = rgb_to_lab(np.ascontiguousarray(mask[..., :3]))[..., 1:] * asks[..., np.newaxis]
    cells = cv2.resize(np.dstack([ab, asks]), (width, height), interpolation=cv2.INTER_AREA)
    share = cells[..., 2]
    return Strokes(cells[..., :2] / np.maximum(share, np.float32(1e-6))[..., np.newaxis], share)
