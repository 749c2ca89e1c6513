"""From what a person says about spots to a change of the colours: exact at the spot, local to the thing.

No network takes part: whichever painted the photo, the change is a second, finer layer of ab on top of what
it painted (`chroma.Enlarger`). So a spot gets just the colour that was asked for, asking for what is
there changes nothing, and without the spot the photo is what it was, bit for bit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from colorizer.color.chroma import Layer, Place, ab_at_places
from colorizer.color.lab import limit_chroma
from colorizer.color.spreading import Guide

CELL = 2  # cells of the guide along a cell of the change: what the eye can tell of colour, at half the work
BOLD = 20.0  # ab units from what is shown; a wish farther off replaces the colours, a nearer one shifts them
LEAST, MOST = 0.85, 1.1  # how much paler shadows and stronger lights of a thing are than its spot
EXACT = 0.3  # ab units; a third of what an eye can tell
ROUNDS = 4


@dataclass(frozen=True)
class Spot:
    """What a person says of a place.

    lightness: L* of the photo there. ab: the colour that it is to have, or None where it is to stay as it is,
    whatever others ask for. reach: how far that speaks, 1 as usual.
    """

    place: Place
    lightness: float
    ab: tuple[float, float] | None
    reach: float = 1.0


def correct(painted: Layer, guide: Guide, spots: Sequence[Spot]) -> Layer:
    """Return the change of ab that gives every spot its colour, to be added to what is painted.

    painted: the photo's colours without the spots, of which there is at least one. A spot to keep asks for
    the colour that is there, and so takes its share from the others.
    """
    places = [spot.place for spot in spots]
    lightness = np.array([spot.lightness for spot in spots], np.float32)
    before = ab_at_places(painted, places, lightness)
    shown = _limited(lightness, before)
    asked = _limited(lightness, _wanted(spots, shown))
    wishes = _Wishes(painted, guide, spots, np.hypot(*(asked - shown).T))
    move = asked - shown
    for _ in range(ROUNDS):
        change = Layer(wishes.change(shown + move, move), guide.lightness)
        missing = asked - _limited(lightness, before + ab_at_places(change, places, lightness))
        if np.hypot(*missing.T).max() <= EXACT:
            break
        move += missing
    return change


class _Wishes:
    """What the spots ask for, spread over the photo.

    distances: from what is shown at each spot to what is asked for, float32 (spots,).
    """

    def __init__(self, painted: Layer, guide: Guide, spots: Sequence[Spot], distances: np.ndarray) -> None:
        self._labels = guide.superpixels.labels
        self._painted = _resized(painted.ab, self._labels.shape)
        shares = guide.shares([spot.place for spot in spots], [spot.reach for spot in spots])
        self._replaced = shares * np.minimum(distances / np.float32(BOLD), 1)
        self._shifted = shares - self._replaced
        # On a thing of one colour chroma goes with lightness, as light falls on it: saturation stays.
        ratio = (guide.piece_lightness[:, np.newaxis] + 16) / ([spot.lightness + 16 for spot in spots])
        self._colored = (self._replaced * ratio.clip(LEAST, MOST)).astype(np.float32)

    def change(self, colors: np.ndarray, moves: np.ndarray) -> np.ndarray:
        """Return the change of ab, float32 (rows, columns, 2).

        colors: what the spots ask for; moves: how far that is from what is there; both float32 (spots, 2).
        """
        change: np.ndarray = (self._colored @ colors + self._shifted @ moves)[self._labels]
        change -= self._replaced.sum(axis=1)[self._labels][..., np.newaxis] * self._painted
        height, width = self._labels.shape
        return cv2.resize(change, (width // CELL, height // CELL), interpolation=cv2.INTER_AREA)


def _wanted(spots: Sequence[Spot], shown: np.ndarray) -> np.ndarray:
    wanted = [there if spot.ab is None else spot.ab for spot, there in zip(spots, shown, strict=True)]
    return np.array(wanted, np.float32)


def _limited(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    return limit_chroma(lightness[:, np.newaxis], ab[:, np.newaxis])[:, 0]


def _resized(ab: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    smaller = ab.shape[0] > shape[0]
    return cv2.resize(ab, shape[::-1], interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
