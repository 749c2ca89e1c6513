"""What the network sees of a film's frames, upright and in their true shape, and what it says of them."""

import numpy as np

from colorizer.strategies.base import Strategy
from colorizer.video.film import Film

QUARTER = 90  # degrees


def shown_size(film: Film, strategy: Strategy) -> tuple[int, int]:
    """Return the (width, height) of the picture that the loaded network is shown, as frames are stored."""
    width, height = strategy.network_size(*film.shape_shown)
    return (height, width) if film.turn // QUARTER % 2 else (width, height)


def predict_frame(shown: np.ndarray, film: Film, strategy: Strategy) -> np.ndarray:
    """Return the ab, float32 (grid height, grid width, 2), of a frame's L*, float32 (h, w).

    Both lie as the frame is stored; the network sees it upright.
    """
    turns = film.turn // QUARTER
    ab = strategy.predict(np.ascontiguousarray(np.rot90(shown, turns))).ab
    return np.ascontiguousarray(np.rot90(ab, -turns))


def grid_size(film: Film, strategy: Strategy) -> tuple[int, int]:
    """Return the (width, height) of the ab that the loaded network gives, as frames are stored."""
    width, height = shown_size(film, strategy)
    rows, columns, _ = predict_frame(np.full((height, width), 50, np.float32), film, strategy).shape
    return columns, rows
