"""Child processes that colour photos side by side, each on its share of the processors.

A photo that kills its process is one photo that failed; the others never notice. A process for each photo
under way takes less of the processors and of memory than threads of one do (docs/performance.md).
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from queue import SimpleQueue
from types import TracebackType
from typing import TypeVar

from colorizer.options import JOBS
from colorizer.process.children import Child
from colorizer.process.cpus import available_cpus
from colorizer.process.interrupts import held_interrupts

MOST_AT_ONCE = 4  # photos where nobody says how many; each takes memory
AHEAD = 64  # photos that may be begun while the first of them is not done yet

Item = TypeVar("Item")
Answer = TypeVar("Answer")


def size_for(wanted: int | None, photos: int | None = None, name: str = "jobs") -> int:
    """Return how many processes there are to be, for so many photos (None: nobody has counted them).

    wanted: None for the usual number. Raises OptionError, which calls it by `name`, where it makes no sense.
    """
    size = min(available_cpus(), MOST_AT_ONCE) if wanted is None else JOBS.check(wanted, name)
    return size if photos is None else max(1, min(size, photos))


class Crew:
    """So many processes; a context, at whose end they are gone."""

    def __init__(self, size: int, share: int | None = None) -> None:
        """Prepare `size` processes, which start when they are needed.

        share: on how many processors each computes; None: on its part of all.
        """
        share = share or max(1, available_cpus() // size)
        self._children = [Child(share) for _ in range(size)]
        self._idle: SimpleQueue[Child] = SimpleQueue()
        for child in self._children:
            self._idle.put(child)
        self._lanes = ThreadPoolExecutor(size)

    def __enter__(self) -> "Crew":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with held_interrupts():
            self._lanes.shutdown(cancel_futures=True)  # lets those under way come to their end
            for child in self._children:
                child.close()

    def everyone(self, function: Callable[..., object], *arguments: object) -> None:
        """Call a function in every process; raises what any of them raises."""
        with held_interrupts():
            for _ in self._lanes.map(lambda child: child.call(function, *arguments), self._children):
                pass

    def call(self, function: Callable[..., Answer], *arguments: object) -> Answer:
        """Call a function in a process that is free; raises what it raises, and ChildDied."""
        child = self._idle.get()
        try:
            answer: Answer = child.call(function, *arguments)
            return answer
        finally:
            self._idle.put(child)

    def map(self, function: Callable[[Item], Answer], items: Iterable[Item]) -> Iterator[Answer]:
        """Yield what a function, which makes a `call`, returns for each item, in their order.

        Takes only as many items as are soon needed; stopping early begins no more.
        """
        begun: deque[Future[Answer]] = deque()
        for item in items:
            with held_interrupts():
                begun.append(self._lanes.submit(function, item))
            if len(begun) >= AHEAD:
                yield _result(begun.popleft())
        while begun:
            yield _result(begun.popleft())


def _result(future: Future[Answer]) -> Answer:
    with held_interrupts():
        return future.result()
