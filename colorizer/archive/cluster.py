"""A Dask cluster: chunks of photos go out to its workers, and what became of them comes back.

Through the scheduler go names alone. That a photo is not done twice is not its business: a valid result is
seen where it lies, so that whatever dies, the same command goes on.
"""

import logging
import math
import re
import time
import warnings
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import islice
from typing import Any

from distributed import Client, Future, LocalCluster, as_completed
from distributed.client import FutureCancelledError
from distributed.scheduler import KilledWorker
from distributed.versions import VersionMismatchWarning

from colorizer.album.outcome import Outcome
from colorizer.album.recipe import Recipe
from colorizer.album.result_names import Job
from colorizer.album.run import in_tidy_folders
from colorizer.archive.chunk import DASK, check, color_chunk, software
from colorizer.errors import ClusterError
from colorizer.process.terminal import complain

CHUNK = 32  # photos: a second or more of work, so that the scheduler has little to do
AHEAD = 3  # chunks a thread of a worker that are sent out at once
ASKING_SECONDS = 2.0  # from one look at how many workers there are to the next
WAITING_SECONDS = 0.05  # from one look at what has come back to the next
DESERTED_SECONDS = 600.0  # without a worker, until the command ends
MOST_SENDINGS = 3  # of a chunk whose workers die
AGAIN = "the same command goes on where this one stopped."
LOST = f"The cluster's scheduler is gone. Start it again; {AGAIN}"
DESERTED = "The cluster has no workers any more. New ones are waited for, {minutes:g} minutes at most."
LEFT = f"The cluster has had no workers for {{minutes:g}} minutes. Start some; {AGAIN}"
KILLED = "Several workers died while they had this photo's chunk."


@contextmanager
def cluster(address: str | None, size: int, wait_seconds: float, recipe: Recipe) -> Iterator[Client]:
    """Yield a client of the scheduler at an address, or of one of our own with so many processes.

    Raises ClusterError where within `wait_seconds` no scheduler or no worker is there, versions differ, or a
    worker has no intact network for the recipe.
    """
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what it has to say, we say in a line
    warnings.simplefilter("ignore", VersionMismatchWarning)
    with ExitStack() as stack:
        try:
            target = address or stack.enter_context(_local(size))
            client = stack.enter_context(Client(target, timeout=wait_seconds, set_as_default=False))
        except (OSError, ValueError) as error:
            raise ClusterError(f"There is no scheduler at {address} within {wait_seconds:g} s.") from error
        _check_scheduler(client)
        _await_workers(client, wait_seconds)
        _check_workers(client, recipe)
        yield client


def dashboard_link(client: Client) -> str:
    """Return where Dask shows the work; a cluster of ours is shown on this machine alone."""
    link: str = client.dashboard_link
    is_ours = client.scheduler_info()["address"].startswith("inproc:")
    return re.sub("//[^/:]+:", "//127.0.0.1:", link) if is_ours else link


def colorize_on(client: Client, recipe: Recipe, jobs: Iterable[Job]) -> Iterator[Outcome]:
    """Yield what became of each photo, chunk by chunk as they come.

    Raises ClusterError where the scheduler goes away, or all workers for long, or where a worker that came
    later is not as the others.
    """
    waiting = _Waiting(in_tidy_folders(jobs, recipe.target))  # a worker would race with others' writing
    seats, sent = _Seats(client), as_completed(loop=client.loop)
    under_way: dict[Future[list[Outcome]], tuple[list[Job], int]] = {}

    def send(chunk: list[Job], sendings: int = 1) -> None:
        future = client.submit(color_chunk, software(), recipe, chunk, pure=False)
        under_way[future] = chunk, sendings
        sent.add(future)

    def fill_seats() -> None:
        while len(under_way) < seats.number() and (chunk := waiting.take(seats.number())):
            send(chunk)

    fill_seats()
    for future in _ended(sent, seats):
        chunk, sendings = under_way.pop(future)
        try:
            outcomes = future.result()
        except FutureCancelledError as error:
            raise ClusterError(LOST) from error
        except KilledWorker:
            outcomes = [] if sendings < MOST_SENDINGS else _given_up(chunk)
            if not outcomes:
                send(chunk, sendings + 1)
        yield from outcomes
        if any(outcome.fatal for outcome in outcomes):
            return
        fill_seats()


def _local(size: int) -> LocalCluster:
    """Return a cluster in this process: its one worker has a thread for each child that colours."""
    return LocalCluster(
        n_workers=1,
        threads_per_worker=size,
        processes=False,
        dashboard_address="127.0.0.1:0",
        memory_limit=0,
    )


def _check_scheduler(client: Client) -> None:
    versions: Any = client.get_versions()
    if (found := versions["scheduler"]["packages"]["distributed"]) != DASK:
        raise ClusterError(
            f"The scheduler has Dask {found}, but this machine {DASK}. Install the same on all."
        )


def _await_workers(client: Client, seconds: float) -> None:
    try:
        client.wait_for_workers(1, timeout=seconds)
    except TimeoutError as error:
        raise ClusterError(
            f"The scheduler has no workers, and none came within {seconds:g} s. Start some:"
            f" dask worker {client.scheduler_info()['address']}"
        ) from error


def _check_workers(client: Client, recipe: Recipe) -> None:
    try:
        client.run(check, software(), recipe)
    except ClusterError:
        raise
    except Exception as error:  # one lacks our package, or understands another Dask
        raise ClusterError(f"The workers are not as this machine: {error}") from error


class _Waiting:
    """Photos that are not sent out yet; towards the end chunks get smaller, so that workers end together."""

    def __init__(self, jobs: Iterable[Job]) -> None:
        self._jobs, self._ahead = iter(jobs), deque[Job]()

    def take(self, seats: int) -> list[Job]:
        """Return the next chunk, where so many may be out at once; an empty one at the end."""
        self._ahead.extend(islice(self._jobs, max(0, CHUNK * seats - len(self._ahead))))
        size = math.ceil(len(self._ahead) / seats)
        return [self._ahead.popleft() for _ in range(size)]


class _Seats:
    """How many chunks may be out at once; asked seldom, for the scheduler has better to do."""

    def __init__(self, client: Client) -> None:
        self._client, self._number, self._next_asking = client, 0, 0.0
        self._deserted_since: float | None = None
        self.look()

    def number(self) -> int:
        return AHEAD * max(1, self._number)

    def look(self) -> None:
        """Ask how many workers there are, where that is due; raises ClusterError after long without any."""
        if time.monotonic() < self._next_asking:
            return
        with suppress(OSError):  # a scheduler that is gone is told by its futures
            threads: dict[str, int] = self._client.nthreads()
            self._number = sum(threads.values())
            self._note_desertion()
        self._next_asking = time.monotonic() + ASKING_SECONDS

    def _note_desertion(self) -> None:
        minutes = DESERTED_SECONDS / 60
        if self._number:
            self._deserted_since = None
        elif self._deserted_since is None:
            complain(DESERTED.format(minutes=minutes))
            self._deserted_since = time.monotonic()
        elif time.monotonic() - self._deserted_since > DESERTED_SECONDS:
            raise ClusterError(LEFT.format(minutes=minutes))


def _ended(sent: as_completed, seats: _Seats) -> Iterator[Future[list[Outcome]]]:
    """Yield each chunk that was sent once it has ended, and look meanwhile whether anybody is there."""
    while not sent.is_empty():
        seats.look()
        batch = sent.next_batch(block=False)
        yield from batch
        if not batch:
            time.sleep(WAITING_SECONDS)


def _given_up(chunk: Sequence[Job]) -> list[Outcome]:
    return [Outcome(job.photo, "failed", problem=KILLED) for job in chunk]
