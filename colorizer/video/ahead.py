"""Stages that work at the same time: each hands its items to the next through a queue with few places."""

import threading
from collections.abc import Generator
from contextlib import closing
from queue import Empty, Full, Queue
from typing import TypeVar

PATIENCE = 0.1  # seconds between looks whether the work is still wanted
Item = TypeVar("Item")


class _End:
    """The last thing in a queue: that the work is done, or what stopped it."""

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


def ahead(items: Generator[Item], places: int) -> Generator[Item]:
    """Yield what `items` yields, worked out in a thread of its own, at most `places` items ahead.

    What `items` raises is raised here. Where the taker stops early, so does the thread; it closes `items`.
    """
    queue: Queue[Item | _End] = Queue(places)
    unwanted = threading.Event()
    worker = threading.Thread(target=_work, args=(items, queue, unwanted), daemon=True)
    worker.start()
    try:
        while not isinstance(item := queue.get(), _End):
            yield item
        if item.error:
            raise item.error
    finally:
        unwanted.set()
        _empty(queue)
        worker.join()


def _work(items: Generator[Item], queue: "Queue[Item | _End]", unwanted: threading.Event) -> None:
    try:
        with closing(items):
            for item in items:
                if not _put(queue, item, unwanted):
                    return
    except BaseException as error:  # whatever it is, it belongs to the taker's thread
        _put(queue, _End(error), unwanted)
    else:
        _put(queue, _End(), unwanted)


def _put(queue: "Queue[Item | _End]", item: Item | _End, unwanted: threading.Event) -> bool:
    """Wait for a place and take it; tell whether the item is still wanted."""
    while not unwanted.is_set():
        try:
            queue.put(item, timeout=PATIENCE)
        except Full:
            continue
        return True
    return False


def _empty(queue: "Queue[Item | _End]") -> None:
    try:
        while True:
            queue.get_nowait()
    except Empty:
        return
