"""What a worker does: a chunk of photos, each in a child process of the worker.

A photo that kills its process costs its chunk nothing; a worker that dies costs it what was under way, for
what is done before is seen by its results.
"""

from collections.abc import Sequence
from functools import cache

from distributed import get_worker

from colorizer import __version__
from colorizer.album.crew import Crew
from colorizer.album.outcome import Outcome
from colorizer.album.recipe import Recipe
from colorizer.album.result_names import Job
from colorizer.album.run import color_one
from colorizer.album.tasks import load
from colorizer.errors import ClusterError


def check_version(expected: str) -> None:
    """Raise ClusterError where this worker has another version than who sends the work."""
    if __version__ != expected:
        raise ClusterError(
            f"A worker has Image Colorizer {__version__}, this machine {expected}. Install the same on all."
        )


def color_chunk(version: str, recipe: Recipe, jobs: Sequence[Job]) -> list[Outcome]:
    """Colour photos one after the other, and return what became of each.

    Raises ClusterError where the versions differ, WeightsError where this machine has no intact network.
    """
    check_version(version)
    crew = _crew(recipe)
    return [color_one(crew, recipe, job) for job in jobs]


@cache
def _crew(recipe: Recipe) -> Crew:
    """Return this worker's children, one a thread; they verify the network once, and end with it."""
    crew = Crew(get_worker().state.nthreads, share=1)  # other workers have the other processors
    crew.everyone(load, recipe)
    return crew
