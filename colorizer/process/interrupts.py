"""Ctrl-C at a moment when it harms nothing."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_interrupts() -> Iterator[None]:
    """Let a Ctrl-C that comes within this block take effect at its end.

    Python raises KeyboardInterrupt between any two steps of the main thread. Raised inside a thread pool of
    the standard library, just after it took a lock, it leaves that lock taken, and its threads wait for ever.
    """
    handler = signal.getsignal(signal.SIGINT)
    if handler is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if came:
            signal.raise_signal(signal.SIGINT)
