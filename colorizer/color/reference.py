"""The colours of another photo: each piece of ours takes those of the pieces there that are like it.

Like means: our network sees the same kind of thing (`spreading.Guide.traits`) in much the same light. What
has no like there keeps its own colours, so that a photo with nothing in common changes nothing. Colours by
example are from Welsh, Ashikhmin, Mueller 2002, "Transferring color to greyscale images", likeness by a
network's features from He et al. 2018, "Deep exemplar-based colorization".
"""

from typing import NamedTuple

import cv2
import numpy as np

from colorizer.color.spreading import Guide, squared_distances

LIGHTER = 10.0  # L* by which a piece may differ from another ...
LIKELY = 0.06  # ... until it counts 1/e as much; so does one that is so much less like, in squared distance
ALIKE, UNLIKE = 0.15, 0.4  # squared distances: colours are taken up to the first, none beyond the second


class Reference(NamedTuple):
    """A photo whose colours are wanted.

    guide: what tells the things on it apart. ab: float32 (h, w, 2), its own colours, on any grid over it.
    digest: the SHA-256 of its file or pixels.
    """

    guide: Guide
    ab: np.ndarray
    digest: str


def take_colors(ab: np.ndarray, guide: Guide, reference: Reference) -> np.ndarray:
    """Return ab, float32 (rows, columns, 2) on any grid over the photo, with the reference's colours where
    something there is like it."""
    colors, shares = _match(guide, reference)
    pieces = np.column_stack([colors * shares[:, np.newaxis], shares]).astype(np.float32)
    taken = cv2.resize(pieces[guide.superpixels.labels], ab.shape[1::-1], interpolation=cv2.INTER_AREA)
    changed: np.ndarray = ab * (1 - taken[..., 2:]) + taken[..., :2]
    return changed


def _match(guide: Guide, reference: Reference) -> tuple[np.ndarray, np.ndarray]:
    """Return the colours for each piece, (count, 2), and how far it is to take them, (count,), 0 to 1."""
    there = reference.guide
    lighter = (guide.piece_lightness[:, np.newaxis] - there.piece_lightness) / np.float32(LIGHTER)
    distances = squared_distances(guide.traits, there.traits) + LIKELY * lighter**2
    nearest = distances.min(axis=1, keepdims=True)
    weights = np.exp((nearest - distances) / np.float32(LIKELY))
    ab = cv2.resize(reference.ab, there.lightness.shape[::-1], interpolation=cv2.INTER_LINEAR)
    colors = np.column_stack([there.superpixels.means(plane) for plane in cv2.split(ab)])
    unlike = ((nearest[:, 0] - ALIKE) / (UNLIKE - ALIKE)).clip(0, 1)
    return weights @ colors / weights.sum(axis=1, keepdims=True), 1 - unlike * unlike * (3 - 2 * unlike)
