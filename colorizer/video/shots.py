"""From frames to glimpses: the motion of each, where a shot begins, and which frames are keys."""

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import cv2
import numpy as np

from colorizer.video.frames import Frame
from colorizer.video.motion import Motion, MotionFinder, lengths, no_motion
from colorizer.video.steady import Glimpse

KEY_EVERY = 4  # frames
FAST = 0.02  # of the picture's width a frame, in the mean: too far for frames between keys
LEVELS = 32  # of the histogram of lightness
# A shot begins where less than this share of the cells is found again and the light differs by that much,
LOST, OTHER_LIGHT = 0.4, 0.1
UTTERLY_LOST = 0.12  # or where nearly nothing is found again.
LONGEST_FLASH = 3  # frames


@dataclass(frozen=True)
class _Step:
    """What lies between two frames: the motion from the first to the second, and back."""

    forth: Motion
    back: Motion
    is_cut: bool = False


def find_shots(frames: Iterator[Frame], grid: tuple[int, int]) -> Generator[Glimpse]:
    """Yield a glimpse of each frame; its ab is left for the network.

    A flash, or a few damaged frames, within a shot do not end it: things are taken to stand still meanwhile.
    grid: (width, height) of the network's ab, unturned as the frames are.
    """
    finder = MotionFinder(*grid)
    still = _Step(no_motion(*grid), no_motion(*grid))
    upcoming = _Upcoming(frames)
    recent: deque[np.ndarray] = deque(maxlen=LONGEST_FLASH + 1)
    for frame in upcoming:
        shown = frame.shown
        step = _step(finder, recent[-1], shown) if recent else None
        if step and step.is_cut:
            if _goes_on(finder, recent, [shown]):
                step = still
            elif _goes_on(finder, [recent[-1]], [later.shown for later in upcoming.peek(LONGEST_FLASH)]):
                shown, step = recent[-1], still
        yield _glimpse(frame, shown, grid, step)
        recent.append(shown)


class _Upcoming:
    """An iterator that can look at what comes next."""

    def __init__(self, frames: Iterator[Frame]) -> None:
        self._frames = frames
        self._seen: deque[Frame] = deque()

    def __iter__(self) -> Iterator[Frame]:
        while self._seen or self.peek(1):
            yield self._seen.popleft()

    def peek(self, count: int) -> list[Frame]:
        """Return the next frames, as many as there are up to `count`, without taking them."""
        self._seen.extend(islice(self._frames, count - len(self._seen)))
        return list(self._seen)[:count]


def _glimpse(frame: Frame, shown: np.ndarray, grid: tuple[int, int], step: _Step | None) -> Glimpse:
    lightness = cv2.resize(shown, grid, interpolation=cv2.INTER_AREA)
    if step is None or step.is_cut:
        return Glimpse(frame, shown, lightness, None, None, is_key=True)
    is_key = frame.number % KEY_EVERY == 0 or _way(step.back) > FAST * grid[0]
    return Glimpse(frame, shown, lightness, step.back, step.forth, is_key)


def _step(finder: MotionFinder, first: np.ndarray, second: np.ndarray) -> _Step:
    forth, back = finder.between(first, second)
    found = min(float(forth.trust.mean()), float(back.trust.mean()))
    is_cut = found < UTTERLY_LOST or (found < LOST and light_between(first, second) > OTHER_LIGHT)
    return _Step(forth, back, is_cut)


def _goes_on(finder: MotionFinder, before: Iterable[np.ndarray], after: Iterable[np.ndarray]) -> bool:
    """Tell whether one of the frames after is of the same shot as one of those before."""
    return any(not _step(finder, first, second).is_cut for first in before for second in after)


def light_between(first: np.ndarray, second: np.ndarray) -> float:
    """Return how much the histograms of L* differ: 0 the same, 1 nothing in common."""
    histograms = [cv2.calcHist([shown], [0], None, [LEVELS], [0, 100.001]) for shown in (first, second)]
    return float(np.abs(histograms[0] - histograms[1]).sum() / 2 / first.size)


def _way(motion: Motion) -> float:
    """Return how far things move, in cells, in the mean."""
    height, width = motion.trust.shape
    moved = motion.place - no_motion(width, height).place
    return float(lengths(moved).mean())
