"""What a worker does: a chunk of photos, each in a child process of the worker.

A photo that kills its process costs its chunk nothing; a worker that dies costs it what was under way, for
what is done before is seen by its results.
"""

import sys
from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from threading import Lock

from distributed import Reschedule, Status, Worker, get_worker

from colorizer import __version__
from colorizer.album.crew import Crew
from colorizer.album.outcome import Outcome
from colorizer.album.recipe import Recipe
from colorizer.album.result_names import Job
from colorizer.album.run import color_one
from colorizer.album.tasks import load
from colorizer.errors import ClusterError, WeightsError

LEAVING = (Status.closing, Status.closed)
MAKING = Lock()
DASK = version("distributed")


def software() -> str:
    """Return, in words, what must be the same on all machines."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    return f"Image Colorizer {__version__}, Python {python} and Dask {DASK}"


def color_chunk(wanted: str, recipe: Recipe, jobs: Sequence[Job]) -> list[Outcome]:
    """Colour photos one after the other, and return what became of each; raises what `prepare` raises.

    A worker that is told to go leaves after the photo that it is at: Dask gives the chunk to another. After
    an outcome that is fatal nothing more is begun.
    """
    worker, outcomes = get_worker(), []
    crew = prepare(wanted, recipe, worker)
    for job in jobs:
        if worker.status in LEAVING:
            raise Reschedule
        outcomes.append(color_one(crew, recipe, job))
        if outcomes[-1].fatal:
            break
    return outcomes


def check(wanted: str, recipe: Recipe, dask_worker: Worker) -> None:
    """Do `prepare` ahead of the first photo, on each worker that Dask calls this on."""
    prepare(wanted, recipe, dask_worker)


def prepare(wanted: str, recipe: Recipe, worker: Worker) -> Crew:
    """Return a worker's children, whose networks are verified and loaded.

    wanted: the `software` of who sends the work. Raises ClusterError where the worker has another, or a
    network that is missing or damaged.
    """
    if software() != wanted:
        raise ClusterError(
            f"The worker {worker.address} has {software()}, but this machine {wanted}."
            " Install the same on all."
        )
    try:
        with MAKING:  # one crew for all threads
            return _crew(worker, recipe)
    except WeightsError as error:
        raise ClusterError(f"On the worker {worker.address}: {error}") from error


@cache
def _crew(worker: Worker, recipe: Recipe) -> Crew:
    """Return a child for each thread of a worker; they end with it."""
    is_alone = worker.address.startswith("inproc:")  # elsewhere other workers have the other processors
    crew = Crew(worker.state.nthreads, share=None if is_alone else 1)
    crew.everyone(load, recipe)
    return crew
