"""Times that go on where those of a file leap, as they do where recordings were joined or bits were lost."""

from fractions import Fraction

from colorizer.video.film import TIMES_WITHOUT_MEANING, Film

BACK, AHEAD = 3, 10  # seconds that the clock of a transport or program stream may leap without being set anew
MOST_TICKS = 2**31 - 1  # that mp4 can have between two frames


class Clock:
    """The times of one track, each later than the one before; the track's own wherever that is so."""

    def __init__(self, film: Film, time_base: Fraction) -> None:
        """time_base: seconds a tick."""
        self._back = self._ahead = MOST_TICKS
        if film.format in TIMES_WITHOUT_MEANING:
            self._back, self._ahead = round(BACK / time_base), round(AHEAD / time_base)
        self._last: int | None = None
        self._shift = 0

    def time(self, told: int | None, usual: int) -> int:
        """Return the time of a frame or packet; told: by the file; usual: how long one is, both in ticks."""
        if self._last is None:
            self._last = told or 0
        elif told is None:
            self._last += usual
        else:
            self._set_anew(told, self._last, usual)
            self._last = max(told + self._shift, self._last + 1)
        return self._last

    def _set_anew(self, told: int, last: int, usual: int) -> None:
        if not -self._back <= told + self._shift - last <= self._ahead:
            self._shift = last + usual - told
