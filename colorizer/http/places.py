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
        self._free = threading.Semaphore(count)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold one place; raises Busy where none is free."""
        if not self._free.acquire(blocking=False):
            _pause()
            raise Busy("All places are taken just now. Try again in a moment.")
        try:
            yield
        finally:
            self._free.release()

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
        self._places = Places(at_once + queue)
        self._slots = threading.Semaphore(at_once)

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait in the queue, then hold one slot; raises Busy where the queue is full."""
        with self._places.place(), self._slots:
            yield


def _pause() -> None:
    if _pauses.acquire(blocking=False):
        time.sleep(REFUSAL_SECONDS)
        _pauses.release()
