"""When images are deleted because their time is over.

A clock that jumps (a machine that slept, a time server that corrects it) must not delete a day's photos:
after a jump nothing expires until the clock has run evenly for a while, so that it can be set right.
"""

import time
from collections.abc import Callable

from colorizer.store.images import ImageStore

JUMP_SECONDS = 60.0  # more than this beside the time that really passed is a jump
EVEN_SECONDS = 3600.0  # how long the clock must have run evenly after one


class Expiry:
    """Sweeps an image store, as long as the clock can be trusted."""

    def __init__(
        self,
        store: ImageStore,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """clock: seconds since 1970, as images use it; steady: seconds that nobody can set."""
        self._store, self._clock, self._steady = store, clock, steady
        self._offset = clock() - steady()
        self._trusted_from = steady()

    def sweep(self) -> None:
        """Delete what has expired, unless the clock has jumped of late. Call it every few minutes."""
        offset = self._clock() - self._steady()
        if abs(offset - self._offset) > JUMP_SECONDS:
            self._trusted_from = self._steady() + EVEN_SECONDS
        self._offset = offset
        if self._steady() >= self._trusted_from:
            self._store.sweep()
