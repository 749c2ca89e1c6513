"""How far a spot speaks: to the thing that it lies on, and not to the next.

Two places belong together where no edge lies between them, and where our network sees the same thing. The
first is the cheapest way from piece to piece of the photo (`ways`), as in the geodesic distances of
interactive segmentation (Bai, Sapiro 2007). The second is the distance of the network's own features, deep
inside it; far apart it counts in full, and next to the spot, where no edge has been crossed, hardly.
docs/corrections.md tells how both were weighed.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from colorizer.color.chroma import Place
from colorizer.color.superpixels import Superpixels, cut_superpixels
from colorizer.color.ways import Ways, find_ways

PATH_WEIGHT = 0.15  # of the way itself
HALF_WAY = 0.5  # the cost of a way after which unlikeness counts half
HALF_REACH = 0.79  # the distance at which a spot of reach 1 speaks half as loud as on itself
SILENT = 0.2  # what is less loud is nothing ...
FADE = 0.2  # ... and what is so much louder than that counts in full
UNSEEN = 3.2  # ab units: a change hardly anyone sees, and which is not made ...
OWN_PLACE = 0.7  # ... but where a spot is louder than this
ALMOST_WHOLE = 0.001  # keeps a spot's own place a thousand times as much its own as anyone else's


class Guide:
    """What tells the things on a photo apart.

    lightness: float32 (h, w), the L* that our network was shown of the whole photo.
    logits: float32 (rows, columns, 313), what it said without knowing of any hint.
    features: float32 (rows, columns, 192), coarser, what it saw there when it decided.
    """

    def __init__(self, lightness: np.ndarray, logits: np.ndarray, features: np.ndarray) -> None:
        """Remember all; nothing is computed before it is needed."""
        self.lightness = lightness
        self.logits = logits
        self.features = features

    @cached_property
    def superpixels(self) -> Superpixels:
        """The photo in small pieces."""
        return cut_superpixels(self.lightness)

    @cached_property
    def piece_lightness(self) -> np.ndarray:
        """L* of each piece, float32 (count,)."""
        return self.superpixels.means(self.lightness)

    @cached_property
    def traits(self) -> np.ndarray:
        """What is seen in each piece, float32 (count, 192), each of length 1: the more alike, the nearer."""
        seen = self.superpixels.at_middles(self.features)
        traits: np.ndarray = seen / np.maximum(np.linalg.norm(seen, axis=1, keepdims=True), np.float32(1e-6))
        return traits

    @cached_property
    def ways(self) -> Ways:
        """From piece to piece."""
        return find_ways(self.superpixels, self.piece_lightness, self.traits)

    def piece_at(self, place: Place) -> int:
        """Return the label of the piece that a place is on."""
        height, width = self.lightness.shape
        return int(self.superpixels.labels[int(place.y * height), int(place.x * width)])

    def shares(
        self, places: Sequence[Place], reaches: Sequence[float], moves: float | np.ndarray = np.inf
    ) -> np.ndarray:
        """Return how much each piece heeds each place, float32 (pieces, places): 0 to 1, in sum at most 1.

        reaches: how far each speaks; 1 is as far as usual. moves: by how many ab units each would change its
        own colour; where that would come to less than UNSEEN, it is not heard. Where several are heard, each
        has its share by how near it is, and the nearest settles the sum. On a place's own piece it is all but
        alone, however many speak, in whichever order.
        """
        silent = np.clip(UNSEEN / np.maximum(moves, np.float32(1e-6)), SILENT, OWN_PLACE)
        loudness = _fade(self._loudness(places, np.array(reaches, np.float32)), silent)
        claims = loudness / (1 - loudness + np.float32(ALMOST_WHOLE))
        total = np.maximum(claims.sum(axis=1, keepdims=True), np.float32(1e-9))
        shares: np.ndarray = claims / total * loudness.max(axis=1, keepdims=True)
        return shares

    def _loudness(self, places: Sequence[Place], reaches: np.ndarray) -> np.ndarray:
        pieces = np.array([self.piece_at(place) for place in places])
        paths = self.ways.cheapest(pieces)
        unlikeness = np.sqrt(squared_distances(self.traits, self.traits[pieces]))
        distance = PATH_WEIGHT * paths + unlikeness * paths / (paths + HALF_WAY)
        loudness: np.ndarray = np.exp2(-((distance / (HALF_REACH * reaches)) ** 2))
        return loudness


def squared_distances(traits: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return how far traits, float32 (m, n), lie from others, (k, n), squared: float32 (m, k)."""
    lengths = np.square(traits).sum(axis=1)[:, np.newaxis] + np.square(others).sum(axis=1)
    squared: np.ndarray = np.maximum(lengths - 2 * traits @ others.T, 0)
    return squared


def _fade(loudness: np.ndarray, silent: np.ndarray) -> np.ndarray:
    """Let what is hardly audible be nothing, smoothly."""
    share = ((loudness - silent) / np.float32(FADE)).clip(0, 1)
    faded: np.ndarray = loudness * share * share * (3 - 2 * share)
    return faded
