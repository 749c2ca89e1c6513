"""What a person says of a spot at a moment of a film, followed by the motion through its shot, both ways."""

from bisect import bisect_left
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import cv2
import numpy as np

from colorizer.color.chroma import Place
from colorizer.color.hints import Hint, check_hints
from colorizer.errors import BadHints
from colorizer.video.film import WHOLE, Cut, Film
from colorizer.video.frames import Frame
from colorizer.video.motion import Motion
from colorizer.video.pieces import Moment
from colorizer.video.steady import Glimpse
from colorizer.video.timed_hints import TimedHint

LOST = 0.2  # trust in a step below which the thing is out of sight
LONGEST_TRACK = 1500  # frames back; those after it are followed as long as they are seen
LINGERING = 1.0  # seconds that players may stand at the last frame, while sound goes on
SETTLED = 16  # frames after which shots are found as if more had come before, flashes and all


class TrackedHint(NamedTuple):
    """A hint and where its thing is in one frame, upright."""

    hint: Hint
    place: Place


def upright_size(film: Film) -> tuple[int, int]:
    """Return the (width, height) in pixels of a frame that is turned upright."""
    return (film.height, film.width) if film.turn % 180 else (film.width, film.height)


class Schedule:
    """What a person says of a film, until its moment comes."""

    def __init__(self, hints: Iterable[TimedHint], film: Film, cut: Cut) -> None:
        """cut: the part that is wanted. Raises BadHints where a hint is outside of it, or of the frame."""
        self.left = sorted(hints, key=lambda timed: timed.time)
        self._film, self._start = film, float(cut.start or 0)
        self._now: float | None = None
        check_hints([timed.hint for timed in self.left], *upright_size(film))
        for timed in self.left:
            if timed.time < self._start or (cut.end is not None and timed.time >= cut.end):
                raise BadHints(f"There is a hint at {timed.time:g} s, outside the part that is wanted.")

    def due(self, frame: Frame) -> list[TrackedHint]:
        """Return the hints that speak of a frame, each once; frames come in order."""
        film = self._film
        self._now = self._start + float((frame.time + 0.5 / film.rate / film.time_base) * film.time_base)
        return self._before(self._now)

    def rest(self) -> list[TrackedHint]:
        """Return the hints that speak of the last frame, though their moment is after it.

        Raises BadHints where one is so late that no player shows it then, or where there was no frame.
        """
        rest = [] if self._now is None else self._before(self._now + LINGERING)
        if self.left:
            raise BadHints(f"There is no frame at {self.left[0].time:g} s, where a hint is.")
        return rest

    def _before(self, seconds: float) -> list[TrackedHint]:
        due = [timed.hint for timed in self.left if timed.time < seconds]
        self.left = self.left[len(due) :]
        width, height = upright_size(self._film)
        return [TrackedHint(hint, Place((hint.x + 0.5) / width, (hint.y + 0.5) / height)) for hint in due]


def first_needed(
    hints: Iterable[TimedHint], film: Film, moments: Sequence[Moment], start: float = 0.0
) -> int:
    """Return the number of the frame from which `track` finds what it finds from the film's first one.

    moments: of the film's first frames, as far as they are known. start: as for `track`.
    """
    earliest = min(timed.time for timed in hints) - start
    before = bisect_left(moments, earliest / film.time_base, key=lambda moment: moment.time)
    return max(0, before - LONGEST_TRACK - SETTLED)


def track(
    hints: Iterable[TimedHint], film: Film, glimpses: Iterable[Glimpse], cut: Cut = WHOLE
) -> dict[int, list[TrackedHint]]:
    """Follow hints through their shots; return those of each frame, by its number.

    cut: the part that is coloured. A track ends where the shot does or its thing is lost.
    Raises BadHints where a hint is outside the frame, or its moment outside the part.
    """
    schedule, tracker = Schedule(hints, film, cut), _Tracker(film)
    for glimpse in glimpses:
        tracker.step(glimpse)
        tracker.follow(schedule.due(glimpse.frame))
        if not schedule.left and not tracker.following:
            break
    tracker.follow(schedule.rest())
    return tracker.tracks


class _Tracker:
    """Follows hints from frame to frame."""

    def __init__(self, film: Film) -> None:
        self.tracks: dict[int, list[TrackedHint]] = defaultdict(list)
        self.following: list[TrackedHint] = []
        self._film = film
        # (number, motion to the frame before it); not glimpses, whose frames would fill the memory
        self._past: deque[tuple[int, Motion | None]] = deque(maxlen=LONGEST_TRACK)

    def step(self, glimpse: Glimpse) -> None:
        """Go on to the next frame."""
        if glimpse.to_last is None or glimpse.from_last is None:
            self._past.clear()
            self.following = []
        else:
            motion = glimpse.from_last
            moved = (self._moved(tracked, motion) for tracked in self.following)
            self.following = [tracked for tracked in moved if tracked]
        self._past.append((glimpse.frame.number, glimpse.to_last))
        self.tracks[glimpse.frame.number].extend(self.following)

    def follow(self, due: Iterable[TrackedHint]) -> None:
        """Take in hints that speak of the frame that was stepped to last."""
        for tracked in due:
            self._go_back(tracked)
            self.following.append(tracked)
            self.tracks[self._past[-1][0]].append(tracked)

    def _go_back(self, tracked: TrackedHint) -> None:
        """Note where a hint's thing was in the frames before."""
        found: TrackedHint | None = tracked
        for number, to_last in reversed(self._past):
            found = self._moved(found, to_last) if to_last and found else None
            if found is None:
                return
            self.tracks[number - 1].append(found)

    def _moved(self, tracked: TrackedHint, motion: Motion) -> TrackedHint | None:
        """Return where a thing is after a motion; None where it is lost."""
        height, width = motion.trust.shape
        place = _turned(tracked.place, -self._film.turn)
        column = np.full((1, 1), place.x * width - 0.5, np.float32)
        row = np.full((1, 1), place.y * height - 0.5, np.float32)
        values = np.dstack([motion.place, motion.trust])
        x, y, trust = cv2.remap(values, column, row, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[0, 0]
        moved = Place(float(x + 0.5) / width, float(y + 0.5) / height)
        if trust < LOST or not (0 <= moved.x < 1 and 0 <= moved.y < 1):
            return None
        return TrackedHint(tracked.hint, _turned(moved, self._film.turn))


def _turned(place: Place, degrees: int) -> Place:
    """Return where a place is on a picture that is turned counterclockwise."""
    for _ in range(degrees // 90 % 4):
        place = Place(place.y, 1 - place.x)
    return place
