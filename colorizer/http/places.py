"""Bounded places, so that a rush of requests ends in a quick 503 and not in a slow or dead server."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TypeVar

from werkzeug.wrappers import Response

from colorizer.errors import Busy

# A refusal takes this long, so that clients that ask again at once cannot take the processor from the photos
# under way; still well within the second in which a refusal is promised.
REFUSAL_SECONDS = 0.3
# At most so many refusals take it at the same time: threads are left for everyone else.
_pauses = threading.Semaphore(32)


AnyResponse = TypeVar("AnyResponse", bound=Response)


class Places:
    """A number of places, each taken by one request at a time."""

    def __init__(self, count: int) -> None:
        self._count, self._taken, self._changing = count, 0, threading.Lock()
        self.on_change: Callable[[int], object] = lambda taken: None  # is told how many are taken

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold one place; raises Busy where none is free."""
        if not self._change(+1):
            _pause()
            raise Busy("All places are taken just now. Try again in a moment.")
        try:
            yield
        finally:
            self._change(-1)

    def _change(self, difference: int) -> bool:
        with self._changing:
            if self._taken + difference > self._count:
                return False
            self._taken += difference
            self.on_change(self._taken)
            return True

    def until_sent(self, answer: Callable[[], AnyResponse]) -> AnyResponse:
        """Return an answer that may be long, holding a place until the client has taken it; raises Busy."""
        with ExitStack() as sent:
            sent.enter_context(self.place())
            response = answer()
            response.call_on_close(sent.pop_all().close)
        return response


class PhotoSlots:
    """So many photos are coloured at once, so many more wait; the next one is refused."""

    def __init__(self, at_once: int, queue: int) -> None:
        self.at_once, self.places = at_once, Places(at_once + queue)
        self._slots = threading.Semaphore(at_once)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait in the queue, then hold one slot; raises Busy where the queue is full."""
        with self.places.place(), self._slots:
            yield


def _pause() -> None:
    if _pauses.acquire(blocking=False):
        time.sleep(REFUSAL_SECONDS)
        _pauses.release()
