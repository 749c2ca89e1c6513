"""What the network sees of a film's frames, upright and in their true shape, and what becomes of it."""

from collections.abc import Sequence
from functools import cached_property
from typing import cast

import cv2
import numpy as np

from colorizer.color.chroma import Layer
from colorizer.color.corrections import Spot, correct
from colorizer.color.spreading import Guide
from colorizer.options import DEFAULT_SATURATION, DEFAULT_WARMTH
from colorizer.stages import paint
from colorizer.strategies.base import Prediction, Strategy
from colorizer.strategies.registry import create_strategy
from colorizer.video.film import Film
from colorizer.video.spots import TrackedHint

QUARTER = 90  # degrees


class Painter:
    """Predicts the colours of one film's frames with a strategy that is loaded."""

    def __init__(
        self,
        film: Film,
        strategy: Strategy,
        saturation: float = DEFAULT_SATURATION,
        warmth: float = DEFAULT_WARMTH,
    ) -> None:
        """saturation, warmth: as of photos; neither changes what a person asks for."""
        self.strategy = strategy
        self._saturation, self._warmth = saturation, warmth
        self._turns = film.turn // QUARTER
        self._shape = film.shape_shown

    @property
    def shown_size(self) -> tuple[int, int]:
        """The (width, height) of the picture that the network is shown, as frames are stored."""
        width, height = self.strategy.network_size(*self._shape)
        return (height, width) if self._turns % 2 else (width, height)

    @cached_property
    def grid_size(self) -> tuple[int, int]:
        """The (width, height) of the ab that the network gives, as frames are stored."""
        width, height = self.shown_size
        rows, columns, _ = self.predict(np.full((height, width), 50, np.float32)).shape
        return columns, rows

    def predict(self, shown: np.ndarray, hints: Sequence[TrackedHint] = ()) -> np.ndarray:
        """Return the ab, float32 (grid height, grid width, 2), of a frame's L*, float32 (h, w).

        Both lie as the frame is stored; the network sees it upright. hints: what a person says of the frame,
        which holds exactly at the spot and spreads over its thing as in a photo.
        """
        upright = np.ascontiguousarray(np.rot90(shown, self._turns))
        prediction = self.strategy.predict(upright)
        painted = paint(prediction, upright, self._saturation, self._warmth)
        ab = painted.ab
        if hints:
            ab = ab + self._change(painted, prediction, hints)
        return np.ascontiguousarray(np.rot90(ab, -self._turns))

    def _change(self, painted: Layer, prediction: Prediction, hints: Sequence[TrackedHint]) -> np.ndarray:
        """Return what the hints change of an upright frame's ab, on its grid."""
        spots = [_spot(tracked, painted.shown) for tracked in hints]
        change = correct(painted, self._guide(painted.shown, prediction), spots)
        resized: np.ndarray = cv2.resize(change.ab, painted.ab.shape[1::-1], interpolation=cv2.INTER_AREA)
        return resized

    def _guide(self, shown: np.ndarray, prediction: Prediction) -> Guide:
        """Return what tells the things of a frame apart: colornet does, whichever strategy paints."""
        if prediction.guide is not None:
            return prediction.guide
        size = self._colornet.network_size(*self._shape)
        seen = cv2.resize(shown, size, interpolation=cv2.INTER_AREA)
        return cast(Guide, self._colornet.predict(seen).guide)

    @cached_property
    def _colornet(self) -> Strategy:
        colornet = create_strategy("colornet", self.strategy.models_dir)
        colornet.load()
        return colornet


def _spot(tracked: TrackedHint, shown: np.ndarray) -> Spot:
    hint, place = tracked
    height, width = shown.shape
    lightness = float(shown[min(int(place.y * height), height - 1), min(int(place.x * width), width - 1)])
    return Spot(place, lightness, None if hint.keep else (hint.a, hint.b), hint.reach)
