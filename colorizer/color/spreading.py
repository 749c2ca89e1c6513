"""How far a spot speaks: to the thing that it lies on, and not to the next.

Two places belong together where no edge of lightness lies between them, and where our network thinks of the
same colours. The first is the cheapest way from piece to piece of the photo (`superpixels`), as in the
geodesic distances of interactive segmentation (Bai, Sapiro 2007). The second is the distance of the square
roots of two distributions over the ab bins (Hellinger 1909); far apart it counts in full, and next to the
spot, where no edge has been crossed, hardly. docs/corrections.md tells how both were weighed.
"""

from collections.abc import Sequence
from functools import cached_property

import cv2
import numpy as np

from colorizer.color.ab_bins import softmax
from colorizer.color.chroma import Place
from colorizer.color.superpixels import Superpixels, cut_superpixels

PATH_WEIGHT = 0.3  # of the way itself
HALF_WAY = 0.1  # the cost of a way after which unlikeness counts half
HALF_REACH = 0.4  # the distance at which a spot of reach 1 speaks half as loud as on itself
SILENT, AUDIBLE = 0.1, 0.3  # what is below the first is nothing, what is above the second counts in full
ALMOST_WHOLE = 0.001  # keeps a spot's own place a thousand times as much its own as anyone else's


class Guide:
    """What tells the things on a photo apart.

    lightness: float32 (h, w), the L* that our network was shown of the whole photo.
    logits: float32 (rows, columns, 313), what it said without knowing of any hint.
    """

    def __init__(self, lightness: np.ndarray, logits: np.ndarray) -> None:
        """Remember both; nothing is computed before it is needed."""
        self.lightness = lightness
        self.logits = logits

    @cached_property
    def superpixels(self) -> Superpixels:
        """The photo in small pieces."""
        return cut_superpixels(self.lightness)

    @cached_property
    def piece_lightness(self) -> np.ndarray:
        """L* of each piece, float32 (count,)."""
        return self.superpixels.means(self.lightness)

    @cached_property
    def colors(self) -> np.ndarray:
        """Square roots of the distributions over colours, float32 (rows, columns, 313), each of length 1."""
        roots: np.ndarray = np.sqrt(softmax(self.logits))
        return roots

    def piece_at(self, place: Place) -> int:
        """Return the label of the piece that a place is on."""
        height, width = self.lightness.shape
        return int(self.superpixels.labels[int(place.y * height), int(place.x * width)])

    def shares(self, places: Sequence[Place], reaches: Sequence[float]) -> np.ndarray:
        """Return how much each piece heeds each place, float32 (pieces, places): 0 to 1, in sum at most 1.

        reaches: how far each speaks; 1 is as far as usual. Where several are heard, each has its share by how
        near it is, and the nearest settles the sum. On a place's own piece it is all but alone, however many
        speak, in whichever order.
        """
        loudness = self._loudness(places, np.array(reaches, np.float32))
        claims = loudness / (1 - loudness + np.float32(ALMOST_WHOLE))
        total = np.maximum(claims.sum(axis=1, keepdims=True), np.float32(1e-9))
        shares: np.ndarray = claims / total * loudness.max(axis=1, keepdims=True)
        return shares

    def _loudness(self, places: Sequence[Place], reaches: np.ndarray) -> np.ndarray:
        pieces = np.array([self.piece_at(place) for place in places])
        paths = self.superpixels.cheapest_paths(pieces)
        unlikeness = np.stack([self._unlikeness(piece) for piece in pieces], axis=1)
        distance = PATH_WEIGHT * paths + unlikeness * paths / (paths + HALF_WAY)
        return _fade(np.exp2(-((distance / (HALF_REACH * reaches)) ** 2)))

    def _unlikeness(self, piece: int) -> np.ndarray:
        """Return how far the colours of each piece are from those of one, less its own, float32 (pieces,)."""
        labels = self.superpixels.labels
        rows, columns = np.nonzero(labels == piece)
        cells = self.colors[
            rows * self.colors.shape[0] // labels.shape[0], columns * self.colors.shape[1] // labels.shape[1]
        ]
        own = cells.mean(axis=0)
        squared = 1 + own @ own - 2 * self.colors @ own
        distance = cv2.resize(np.sqrt(np.maximum(squared, 0)), labels.shape[::-1])
        means = self.superpixels.means(distance)
        more: np.ndarray = np.maximum(means - means[piece], 0)
        return more


def _fade(loudness: np.ndarray) -> np.ndarray:
    """Let what is hardly audible be nothing, smoothly."""
    share = ((loudness - SILENT) / (AUDIBLE - SILENT)).clip(0, 1)
    faded: np.ndarray = loudness * share * share * (3 - 2 * share)
    return faded
