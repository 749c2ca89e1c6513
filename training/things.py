"""How much the colours vary within one thing, where its lightness hardly does: patches on a plain wall.

Things are segments of the true photo (Felzenszwalb, Huttenlocher 2004), so that they are the same for all
that is measured.
"""

import cv2
import numpy as np
from skimage.segmentation import felzenszwalb

SMALLEST = 0.01  # share of the photo
SCALE = 300  # of the segmentation: larger is coarser
EVEN = 6.0  # standard deviation of lightness within a thing, at most


def list_things(rgb: np.ndarray, lightness: np.ndarray) -> list[np.ndarray]:
    """Return a mask for every thing of a photo, uint8 RGB (h, w, 3), that is about equally light all over."""
    segments = felzenszwalb(rgb, SCALE, sigma=0.8, min_size=int(SMALLEST * lightness.size))
    smooth = cv2.GaussianBlur(lightness, (0, 0), 1)
    masks = [segments == number for number in range(segments.max() + 1)]
    return [mask for mask in masks if mask.mean() >= SMALLEST and smooth[mask].std() < EVEN]


def variation(ab: np.ndarray, things: list[np.ndarray]) -> float | None:
    """Return the mean distance of a thing's ab (h, w, 2) from its own mean, weighted by area; None where
    there is no thing."""
    if not things:
        return None
    distances = [np.linalg.norm(ab[mask] - ab[mask].mean(0), axis=1) for mask in things]
    return float(np.concatenate(distances).mean())
