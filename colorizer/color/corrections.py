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
from colorizer.color.strokes import Strokes

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


def correct(painted: Layer, guide: Guide, spots: Sequence[Spot], strokes: Strokes | None = None) -> Layer:
    """Return the change of ab that gives spots and strokes their colours, to be added to what is painted.

    painted: the photo's colours without them. A spot to keep asks for the colour that is there, and so takes
    its share from the others. strokes: on the guide's grid; they are drawn first, spots speak on top of them,
    and no spot beside them reaches into them.
    """
    below = _resized(painted.ab, guide.lightness.shape)
    drawn = np.zeros_like(below) if strokes is None else strokes.share[..., np.newaxis] * (strokes.ab - below)
    change = Layer(_coarser(drawn), guide.lightness)
    if not spots:
        return change
    beside = np.zeros_like(below[..., 0]) if strokes is None else strokes.share
    return _fitted(painted, change, _Wishes(guide, below + drawn, beside, spots), spots)


def _fitted(painted: Layer, drawn: Layer, wishes: "_Wishes", spots: Sequence[Spot]) -> Layer:
    """Return the change that brings all spots to their colours, together with what is drawn already."""
    places = [spot.place for spot in spots]
    lightness = np.array([spot.lightness for spot in spots], np.float32)
    before = ab_at_places(painted, places, lightness) + ab_at_places(drawn, places, lightness)
    shown = _limited(lightness, before)
    asked = _limited(lightness, _wanted(spots, shown))
    boldness = np.minimum(np.hypot(*(asked - shown).T) / np.float32(BOLD), 1)
    move = asked - shown
    for _ in range(ROUNDS):
        change = Layer(wishes.change(shown, move, boldness), drawn.shown)
        missing = asked - _limited(lightness, before + ab_at_places(change, places, lightness))
        if np.hypot(*missing.T).max() <= EXACT:
            break
        move += missing
    return Layer(change.ab + drawn.ab, drawn.shown)


class _Wishes:
    """What the spots ask for, spread over the photo."""

    def __init__(self, guide: Guide, below: np.ndarray, paint: np.ndarray, spots: Sequence[Spot]) -> None:
        """Both on the guide's grid: below, ab without the spots, float32 (h, w, 2); paint, float32 (h, w),
        0 to 1, where strokes are, into which no spot beside them reaches."""
        self._labels = guide.superpixels.labels
        self._below = below
        self._unpainted = 1 - paint
        self._shares = guide.shares([spot.place for spot in spots], [spot.reach for spot in spots])
        self._on_paint = np.array([_at(paint, spot.place) > 0.5 for spot in spots])
        # On a thing of one colour chroma goes with lightness, as light falls on it: saturation stays.
        ratio = (guide.piece_lightness[:, np.newaxis] + 16) / ([spot.lightness + 16 for spot in spots])
        self._vividness = ratio.clip(LEAST, MOST).astype(np.float32)

    def change(self, shown: np.ndarray, move: np.ndarray, boldness: np.ndarray) -> np.ndarray:
        """Return the change of ab, float32 (rows, columns, 2).

        shown: what is there at the spots; move: what they ask for beyond it; both float32 (spots, 2).
        boldness: 0 to 1, float32 (spots,): whether each shifts the colours of its thing, or replaces them.
        """
        spread = self._spread(shown, move, boldness * ~self._on_paint, ~self._on_paint)
        spread *= self._unpainted[..., np.newaxis]
        if self._on_paint.any():
            spread += self._spread(shown, move, boldness * self._on_paint, self._on_paint)
        return _coarser(spread)

    def _spread(
        self, shown: np.ndarray, move: np.ndarray, boldness: np.ndarray, heard: np.ndarray
    ) -> np.ndarray:
        """Return what `change` does, at the guide's size, for the spots that are heard, bool (spots,)."""
        replaced = self._shares * boldness
        shifted = self._shares * heard - replaced
        change: np.ndarray = ((replaced * self._vividness) @ (shown + move) + shifted @ move)[self._labels]
        change -= replaced.sum(axis=1)[self._labels][..., np.newaxis] * self._below
        return change


def _at(plane: np.ndarray, place: Place) -> float:
    height, width = plane.shape
    return float(plane[int(place.y * height), int(place.x * width)])


def _coarser(change: np.ndarray) -> np.ndarray:
    height, width = change.shape[:2]
    return cv2.resize(change, (width // CELL, height // CELL), interpolation=cv2.INTER_AREA)


def _wanted(spots: Sequence[Spot], shown: np.ndarray) -> np.ndarray:
    wanted = [there if spot.ab is None else spot.ab for spot, there in zip(spots, shown, strict=True)]
    return np.array(wanted, np.float32)


def _limited(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    return limit_chroma(lightness[:, np.newaxis], ab[:, np.newaxis])[:, 0]


def _resized(ab: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    smaller = ab.shape[0] > shape[0]
    return cv2.resize(ab, shape[::-1], interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
