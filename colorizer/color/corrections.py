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
BOLD = 30.0  # ab units from what is shown; a wish farther off replaces the colours, a nearer one shifts them
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
    aims = _Aims(painted, change, spots)
    return _fitted(change, aims, _Wishes(guide, below + drawn, beside, spots, aims))


class _Aims:
    """Where the spots are, what they have, and what they are to have: each float32 (spots, 2) but for L*."""

    def __init__(self, painted: Layer, drawn: Layer, spots: Sequence[Spot]) -> None:
        self.places = [spot.place for spot in spots]
        self.lightness = np.array([spot.lightness for spot in spots], np.float32)
        self.before = self._at(painted) + self._at(drawn)
        self.shown = _limited(self.lightness, self.before)
        self.asked = _limited(self.lightness, _wanted(spots, self.shown))
        self.move = self.asked - self.shown

    def missing(self, change: Layer) -> np.ndarray:
        """Return what is still missing at the spots with a change."""
        missing: np.ndarray = self.asked - _limited(self.lightness, self.before + self._at(change))
        return missing

    def _at(self, layer: Layer) -> np.ndarray:
        return ab_at_places(layer, self.places, self.lightness)


def _fitted(drawn: Layer, aims: _Aims, wishes: "_Wishes") -> Layer:
    """Return the change that brings all spots to their colours, together with what is drawn already."""
    move = aims.move
    for _ in range(ROUNDS):
        change = Layer(wishes.change(move), drawn.shown)
        missing = aims.missing(change)
        if np.hypot(*missing.T).max() <= EXACT:
            break
        move = move + missing
    return Layer(change.ab + drawn.ab, drawn.shown)


class _Wishes:
    """What the spots ask for, spread over the photo."""

    def __init__(
        self, guide: Guide, below: np.ndarray, paint: np.ndarray, spots: Sequence[Spot], aims: _Aims
    ) -> None:
        """Both on the guide's grid: below, ab without the spots, float32 (h, w, 2); paint, float32 (h, w),
        0 to 1, where strokes are, into which no spot beside them reaches."""
        self._labels = guide.superpixels.labels
        self._below = below
        self._unpainted = 1 - paint
        self._shown = aims.shown
        moves = np.hypot(*aims.move.T)
        self._boldness = np.minimum(moves / np.float32(BOLD), 1)
        moves[[spot.ab is None for spot in spots]] = np.inf  # what is to stay fences off the others all over
        self._shares = guide.shares(aims.places, [spot.reach for spot in spots], moves)
        self._on_paint = np.array([_at(paint, spot.place) > 0.5 for spot in spots])
        # On a thing of one colour chroma goes with lightness, as light falls on it: saturation stays.
        ratio = (guide.piece_lightness[:, np.newaxis] + 16) / ([spot.lightness + 16 for spot in spots])
        self._vividness = ratio.clip(LEAST, MOST).astype(np.float32)

    def change(self, move: np.ndarray) -> np.ndarray:
        """Return the change of ab, float32 (rows, columns, 2), where the spots ask for so much more than they
        show, float32 (spots, 2)."""
        spread = self._spread(move, ~self._on_paint)
        spread *= self._unpainted[..., np.newaxis]
        if self._on_paint.any():
            spread += self._spread(move, self._on_paint)
        return _coarser(spread)

    def _spread(self, move: np.ndarray, heard: np.ndarray) -> np.ndarray:
        """Return what `change` does, at the guide's size, for the spots that are heard, bool (spots,).

        Bold ones replace the colours of their thing, the others shift them.
        """
        replaced = self._shares * (self._boldness * heard)
        shifted = self._shares * heard - replaced
        wanted = (replaced * self._vividness) @ (self._shown + move) + shifted @ move
        change: np.ndarray = wanted[self._labels]
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
