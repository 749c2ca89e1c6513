"""Where things are in another frame: optical flow on the small picture that the network is shown.

Flow by dense inverse search (Kroeger et al. 2016), both ways. It is trusted where there and back again ends
at the start, and where the lightness that is found is the lightness that was sought.
"""

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np

SLACK = 0.5  # cells that there and back may differ by, and a tenth of the way
SLACK_A_CELL = 0.1
LIGHTNESS_SLACK = 8.0  # L* that the same thing may differ by from frame to frame
STILL = 1e-6


@dataclass(frozen=True)
class Motion:
    """Where each cell of this frame's grid is in another frame, and how far to trust that.

    place: float32 (h, w, 2), column and row in the other frame. trust: float32 (h, w), 0 to 1.
    """

    place: np.ndarray
    trust: np.ndarray

    def carry(self, values: np.ndarray) -> np.ndarray:
        """Bring values of the other frame, float32 (h, w) or (h, w, c), to where things are in this one."""
        columns, rows = cv2.split(self.place)
        carried: np.ndarray = cv2.remap(
            values, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return carried

    def then(self, onward: "Motion") -> "Motion":
        """Go on from the other frame to a third one."""
        return Motion(self.carry(onward.place), self.trust * self.carry(onward.trust))


@cache
def no_motion(width: int, height: int) -> Motion:
    """Return the motion of a picture that stands still, on a grid of this size."""
    columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return Motion(cv2.merge([columns, rows]), np.ones((height, width), np.float32))


class MotionFinder:
    """Finds the motion between two frames; for one thread."""

    def __init__(self, grid_width: int, grid_height: int) -> None:
        """grid_width, grid_height: of the cells whose motion is wanted, the network's ab."""
        self._size = grid_width, grid_height
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)

    def between(self, first: np.ndarray, second: np.ndarray) -> tuple[Motion, Motion]:
        """Return the motion from the first frame to the second, and from the second to the first.

        first, second: float32 (h, w), L* of 0 to 100, not smaller than the grid.
        """
        there, back = self._way(first, second), self._way(second, first)
        cells = [cv2.resize(shown, self._size, interpolation=cv2.INTER_AREA) for shown in (first, second)]
        return _trusted(there, back, *cells), _trusted(back, there, *cells[::-1])

    def _way(self, first: np.ndarray, second: np.ndarray) -> np.ndarray:
        """Return how far each cell moves, float32 (grid height, grid width, 2), in cells."""
        flow = self._flow.calc(_bytes(first), _bytes(second), np.zeros((*first.shape, 2), np.float32))
        width, height = self._size
        scale = np.array([width / flow.shape[1], height / flow.shape[0]], np.float32)
        way: np.ndarray = cv2.resize(flow, self._size, interpolation=cv2.INTER_AREA) * scale
        return way


def likeness(here: np.ndarray, there: np.ndarray, trust: np.ndarray) -> np.ndarray:
    """Return how far lightness agrees, float32 (h, w), 0 to 1, whatever a lamp or a fade does to all of it.

    here: L* of this frame's cells; there: that of the other's, carried here; trust: which cells count.
    """
    weight = trust + np.float32(STILL)
    gain, offset = _fit(there, here, weight / weight.sum())
    return _bell((gain * there + offset - here) / LIGHTNESS_SLACK)


def _trusted(there: np.ndarray, back: np.ndarray, here: np.ndarray, other: np.ndarray) -> Motion:
    height, width = here.shape
    motion = Motion(no_motion(width, height).place + there, np.ones_like(here))
    astray = lengths(there + motion.carry(back))
    slack = SLACK + SLACK_A_CELL * lengths(there)
    trust = _bell(astray / slack) * _inside(motion.place)
    return Motion(motion.place, trust * likeness(here, motion.carry(other), trust))


def lengths(ways: np.ndarray) -> np.ndarray:
    """Return how long vectors are, float32 (h, w), of float32 (h, w, 2)."""
    # Not OpenCV's magnitude: its last bit depends on where in memory an array begins, and work that was
    # stopped has to go on to the same bytes.
    found: np.ndarray = np.sqrt(ways[..., 0] ** 2 + ways[..., 1] ** 2)
    return found


def _inside(place: np.ndarray) -> np.ndarray:
    """Tell which places are within the picture: float32 (h, w), 0 or 1."""
    height, width = place.shape[:2]
    columns, rows = cv2.split(place)
    within = (columns >= -0.5) & (columns <= width - 0.5) & (rows >= -0.5) & (rows <= height - 0.5)
    inside: np.ndarray = within.astype(np.float32)
    return inside


def _fit(there: np.ndarray, here: np.ndarray, weight: np.ndarray) -> tuple[float, float]:
    """Return gain (0.5 to 2) and offset that make `there` look most like `here`."""
    mean_there, mean_here = float((weight * there).sum()), float((weight * here).sum())
    varied = there - mean_there
    variance = float((weight * varied * varied).sum()) + 1.0
    gain = (float((weight * varied * (here - mean_here)).sum()) + 1.0) / variance
    gain = min(max(gain, 0.5), 2.0)
    return gain, mean_here - gain * mean_there


def _bell(values: np.ndarray) -> np.ndarray:
    bell: np.ndarray = np.exp(-(values**2))
    return bell


def _bytes(lightness: np.ndarray) -> np.ndarray:
    return cv2.convertScaleAbs(lightness, alpha=2.55)
