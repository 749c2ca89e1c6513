"""Colours that stay from frame to frame: the mean of many predictions, each carried along the motion.

A prediction is made for one frame in a few, a key. The colours of a key are the mean of its own prediction
and those of the keys up to REACH frames before and after it in its shot, each found at the places where the
key's things are in that frame. Places are followed from key to key and ab is looked up once, so nothing is
blurred by many small steps. Frames between two keys take their colours from both.
"""

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from colorizer.video.frames import Frame
from colorizer.video.motion import STILL, Motion, lengths, likeness, no_motion

REACH = 48  # frames
MOST_KEYS = 16  # each way, where every frame is a key
LEAST_WEIGHT = 1e-3  # so that a frame between keys has colours even where no motion is trusted
BOLDEST = 1.4  # times the mean: what may be given back of the chroma that a mean of several hues loses
WORTHY_CONTRAST = 8.0  # standard deviation of L* of a frame whose prediction counts in full; fades have less


@dataclass
class Glimpse:
    """A frame, and what the network and the flow make of its small picture.

    steady_shown: the L* that the network is shown, float32 (h, w): the frame's own, but in a flash that of
    the frame before. lightness: its cells, float32 (grid height, grid width). to_last, from_last: the
    motion to the frame before it and from that one; None where a shot begins. is_key: whether it gets a
    prediction of its own, ab, float32 (grid height, grid width, 2).
    """

    frame: Frame
    steady_shown: np.ndarray
    lightness: np.ndarray
    to_last: Motion | None
    from_last: Motion | None
    is_key: bool
    ab: np.ndarray | None = None


class _Key:
    """A frame with a prediction, the frames after it up to the next key, and the motion to its neighbours."""

    def __init__(self, glimpse: Glimpse, ab: np.ndarray) -> None:
        self.number, self.lightness, self.ab = glimpse.frame.number, glimpse.lightness, ab
        # A prediction counts little where a fade or a flash leaves little to see.
        self.worth = min(1.0, float(self.lightness.std()) / WORTHY_CONTRAST + 0.02)
        self.frames = [glimpse.frame]  # the key's own and those after it
        self.steps = [no_motion(ab.shape[1], ab.shape[0])]  # from each of these back to the key
        self.onward: list[Motion] = []  # from each of these to the next key, where the shot goes on
        self.last: _Key | None = None
        self.next: _Key | None = None
        self.to_last: Motion | None = None
        self._forth: list[Motion] = []  # from each of these to the frame after it
        self._mean: np.ndarray | None = None

    def follow(self, glimpse: Glimpse) -> None:
        """Take a frame that comes after the key."""
        if glimpse.to_last is None or glimpse.from_last is None:
            raise ValueError("The first frame of a shot must be a key.")
        self.frames.append(glimpse.frame)
        self.steps.append(glimpse.to_last.then(self.steps[-1]))
        self._forth.append(glimpse.from_last)

    def link(self, following: "_Key", glimpse: Glimpse) -> None:
        """Join the next key, if it is of the same shot, and find the way to it from the frames between."""
        if glimpse.to_last is None or glimpse.from_last is None:
            return
        self.next, following.last = following, self
        following.to_last = glimpse.to_last.then(self.steps[-1])
        ways = [glimpse.from_last]
        for forth in reversed(self._forth):
            ways.append(forth.then(ways[-1]))
        self.onward = ways[::-1]

    def colors(self, step: int) -> np.ndarray:
        """Return the ab of the key (step 0) or of the step-th frame after it."""
        if step == 0 or self.next is None:
            return self.steps[step].carry(self.mean())
        share = np.float32(step / len(self.steps))
        before, after = self.steps[step], self.onward[step]
        weight_before = (1 - share) * (before.trust + LEAST_WEIGHT)
        weight_after = share * (after.trust + LEAST_WEIGHT)
        total = _times(before.carry(self.mean()), weight_before)
        total += _times(after.carry(self.next.mean()), weight_after)
        return _times(total, 1 / (weight_before + weight_after))

    def mean(self) -> np.ndarray:
        """Return the mean of this key's prediction and its neighbours', carried here; made once."""
        if self._mean is None:
            weight = np.full(self.ab.shape[:2], self.worth, np.float32)
            total, chroma = _times(self.ab, weight), weight * lengths(self.ab)
            for key, motion in (*self._ways(forwards=True), *self._ways(forwards=False)):
                share, carried = self._share(key, motion), motion.carry(key.ab)
                total += _times(carried, share)
                chroma += share * lengths(carried)
                weight += share
            self._mean = _times(total / weight[..., np.newaxis], _boldness(lengths(total), chroma))
        return self._mean

    def _ways(self, *, forwards: bool) -> Iterator[tuple["_Key", Motion]]:
        """Yield the keys within reach on one side, nearest first, and the motion from here to each."""
        key, motion = self, self.steps[0]
        for _ in range(MOST_KEYS):
            other = key.next if forwards else key.last
            way = key.onward[0] if forwards and other else key.to_last
            if other is None or way is None or abs(other.number - self.number) > REACH:
                return
            key, motion = other, motion.then(way)
            yield key, motion

    def _share(self, key: "_Key", motion: Motion) -> np.ndarray:
        """Return what another key's prediction counts here: less far away, and where motion is in doubt."""
        nearness = 1 - (abs(key.number - self.number) / (REACH + 1)) ** 2
        alike = likeness(self.lightness, motion.carry(key.lightness), motion.trust)
        share: np.ndarray = motion.trust * alike * np.float32(nearness * key.worth)
        return share


def steady_colors(glimpses: Iterable[Glimpse]) -> Generator[tuple[Frame, np.ndarray]]:
    """Yield each frame with its ab, float32 (grid height, grid width, 2), in order, REACH frames late.

    The first frame, and the first of each shot, must be a key.
    """
    waiting: deque[_Key] = deque()
    for glimpse in glimpses:
        if glimpse.ab is None:
            waiting[-1].follow(glimpse)
            continue
        key = _Key(glimpse, glimpse.ab)
        if waiting:
            waiting[-1].link(key, glimpse)
        waiting.append(key)
        while len(waiting) > 1 and key.number - waiting[1].number >= REACH:
            yield from _finish(waiting.popleft())
    while waiting:
        yield from _finish(waiting.popleft())


def _finish(key: _Key) -> Iterator[tuple[Frame, np.ndarray]]:
    """Yield the colours of a key and its frames; let go of them, and of keys that no later one can reach."""
    for step in range(len(key.steps)):
        yield key.frames.pop(0), key.colors(step)
    first = key
    while first.last is not None:
        first = first.last
    while first.next is not None and key.number - first.next.number > REACH:
        first = first.next
        first.last = None


def _boldness(mean: np.ndarray, chroma: np.ndarray) -> np.ndarray:
    """Return what to multiply a mean of colours by, since colours of several hues have a pale mean.

    mean: how long the mean is; chroma: the mean of how long they are, both float32 (h, w), in the same unit.
    """
    bolder: np.ndarray = chroma / np.maximum(mean, np.float32(STILL))
    return bolder.clip(None, BOLDEST)


def _times(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    product: np.ndarray = values * weight[..., np.newaxis]
    return product
