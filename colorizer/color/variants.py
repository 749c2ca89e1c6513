"""Other colours that a photo may have had: where the network is unsure, thing by thing, and not as noise.

A network's distribution over colours has several peaks where it wavers: a coat may be brown, blue or red. The
things where it wavers most are looked for, and each variant gives all of them their next likely colour.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from colorizer.color.ab_bins import softmax
from colorizer.color.chroma import Layer, Place
from colorizer.color.spreading import Guide
from colorizer.color.suggestions import NEAR, likely_colors

THINGS = 4  # that a variant changes, at most
MOST_OTHERS = 3  # variants beside the colours as they are
CALM = 3.0  # cells: the network has to waver over a thing, not over a speck
WORTH_A_CHOICE = 0.25  # of the largest doubt on the photo
APART = 18.0  # ab units: what is nearer to the colour that is there is no choice


class Wish(NamedTuple):
    """A place, and the colour, a and b, that it is to have."""

    place: Place
    color: tuple[float, float]


class Choice(NamedTuple):
    """A place, and the colours that it may have instead of the one that it has, likeliest first."""

    place: Place
    colors: list[tuple[float, float]]


def find_variants(guide: Guide, painted: Layer, settled: Sequence[Place] = ()) -> list[list[Wish]]:
    """Return other colourings, at most three, each as the wishes that make it.

    settled: places about whose things a person has spoken already; they stay.
    """
    choices = [choice for choice in _choices(guide, painted, settled) if choice.colors]
    ways = (
        [Wish(one.place, one.colors[n]) for one in choices if n < len(one.colors)] for n in range(MOST_OTHERS)
    )
    return [wishes for wishes in ways if wishes]


def _choices(guide: Guide, painted: Layer, settled: Sequence[Place]) -> Iterator[Choice]:
    """Yield the things where the network wavers most, each at its most doubtful place."""
    probabilities = softmax(guide.logits)
    doubt = _doubt(probabilities)
    least = WORTH_A_CHOICE * doubt.max()
    for place in settled:
        doubt = doubt * (1 - _thing_at(guide, place, doubt.shape))
    ab = cv2.resize(painted.ab, doubt.shape[::-1], interpolation=cv2.INTER_AREA)
    for _ in range(THINGS):
        if doubt.max() < least:
            return
        row, column = np.unravel_index(doubt.argmax(), doubt.shape)
        place = Place((column + 0.5) / doubt.shape[1], (row + 0.5) / doubt.shape[0])
        thing = _thing_at(guide, place, doubt.shape)
        doubt = doubt * (1 - thing)
        doubt[row, column] = 0
        weights = thing / max(float(thing.sum()), 1e-6)
        likely = likely_colors(np.einsum("hw,hwc->c", weights, probabilities))
        yield Choice(place, _others(likely, np.einsum("hw,hwc->c", weights, ab)))


def _thing_at(guide: Guide, place: Place, shape: tuple[int, ...]) -> np.ndarray:
    """Return how far each cell of a grid belongs to the thing at a place, float32 (rows, columns)."""
    heeded = guide.shares([place], [1.0])[guide.superpixels.labels, 0]
    thing: np.ndarray = cv2.resize(heeded, shape[::-1], interpolation=cv2.INTER_AREA)
    return thing


def _doubt(probabilities: np.ndarray) -> np.ndarray:
    """Return, for each cell, how much is left for colours unlike the likeliest, float32 (rows, columns)."""
    near = NEAR.astype(np.float32)
    around = probabilities @ near  # (rows, columns, 313): the mass around each bin
    likeliest = around.argmax(axis=-1)
    left = probabilities * (1 - near[likeliest])
    second = (left @ near).max(axis=-1)
    doubt: np.ndarray = cv2.GaussianBlur(second / around.max(axis=-1), (0, 0), CALM)
    return doubt


def _others(likely: list[tuple[tuple[float, float], float]], shown: np.ndarray) -> list[tuple[float, float]]:
    return [color for color, _ in likely if np.hypot(*(np.array(color) - shown)) > APART]
