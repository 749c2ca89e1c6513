"""Many photos: those of folders, file by file, and those that a program holds in memory."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from os import PathLike
from pathlib import Path
from typing import cast

import numpy as np
from PIL import Image

from colorizer.album.coloring import Recipe, color_file, color_source, load
from colorizer.album.crew import Crew, usual_size
from colorizer.album.outcome import Outcome
from colorizer.album.plan import Plan, Target
from colorizer.album.result_names import Job
from colorizer.errors import ChildDied, ColorizerError
from colorizer.options import DEFAULT_LOOK, DEFAULT_STRATEGY, JOBS, Look
from colorizer.photo.sources import FileSource, Source, read_source
from colorizer.process.files import remove_abandoned_parts
from colorizer.results import Colorized
from colorizer.strategies.registry import strategy_names

MANY = 2**20  # photos, where nobody has counted them


@dataclass(frozen=True)
class Failure:
    """A photo of `colorize_many` that could not be coloured, and why."""

    photo: Source
    error: ColorizerError


def nothing(_: object) -> None:
    """Do nothing with a result."""


def colorize_jobs(recipe: Recipe, jobs: Iterable[Job], size: int) -> Iterator[Outcome]:
    """Colour photos in `size` processes and yield what became of each in turn.

    Ends early, after an outcome that is fatal, where no other could succeed. Raises WeightsError,
    OptionError or DeviceUnavailable before the first photo where a network cannot be loaded.
    """
    with Crew(size) as crew:
        if not recipe.dry_run:
            crew.everyone(load, recipe)
        for outcome in crew.map(lambda job: _color(crew, recipe, job), _in_tidy_folders(jobs)):
            yield outcome
            if outcome.fatal:
                return


def colorize_folder(  # noqa: PLR0913  all but two are options by name
    folder: str | PathLike[str],
    output: str | PathLike[str] | None = None,
    *,
    strategy: str = DEFAULT_STRATEGY,
    look: Look = DEFAULT_LOOK,
    recursive: bool = False,
    force: bool = False,
    jobs: int | None = None,
    on_result: Callable[[Outcome], object] = nothing,
) -> list[Outcome]:
    """Colour the photos of a folder as `image-colorizer colorize FOLDER` does; docs/cli.md has the rules.

    output: where results go; None: beside the photos. look: format, quality and saturation of the results.
    recursive: enter the folders inside it too. force: colour again what is done. jobs: photos at once; None:
    as many as there are processors, four at most. on_result: is called with each outcome as it comes.
    Returns what became of each photo; what failed is among them, and raises nothing. Raises OptionError,
    WeightsError or DeviceUnavailable before the first photo is begun.
    """
    target = Target(folder=None if output is None else Path(output))
    plan = Plan([Path(folder)], target, recursive, strategy_names())
    recipe = Recipe((strategy,), look.checked(), force=force)
    outcomes = []
    for outcome in chain(plan.refused, colorize_jobs(recipe, plan, _size(jobs, len(plan)))):
        on_result(outcome)
        outcomes.append(outcome)
    return outcomes


def colorize_many(
    photos: Iterable[Source],
    *,
    strategy: str = DEFAULT_STRATEGY,
    look: Look = DEFAULT_LOOK,
    jobs: int | None = None,
    on_result: Callable[[Colorized | Failure], object] = nothing,
) -> list[Colorized | Failure]:
    """Colour photos, several at once, each as `ImageColorizer.colorize` does.

    photos: of any kind that it takes. look, jobs: as `colorize_folder`. on_result: is called with each result
    as it comes, in the photos' order.
    Returns for each photo its result, or a Failure; even one that kills its process is no more than that.
    Raises OptionError, WeightsError or DeviceUnavailable before the first photo is begun.
    """
    recipe = Recipe((strategy,), look.checked())
    results = []
    with Crew(_size(jobs, MANY)) as crew:
        crew.everyone(load, recipe)
        for result in crew.map(lambda photo: _try(crew, recipe, photo), photos):
            on_result(result)
            results.append(result)
    return results


def _size(jobs: int | None, photos: int) -> int:
    """Return how many processes there are to be, for so many photos."""
    wanted = usual_size() if jobs is None else JOBS.check(jobs, "jobs")
    return max(1, min(wanted, photos))


def _color(crew: Crew, recipe: Recipe, job: Job) -> Outcome:
    try:
        return crew.call(color_file, recipe, job)
    except ChildDied as error:
        return Outcome(job.photo, "failed", problem=str(error))


def _try(crew: Crew, recipe: Recipe, photo: Source) -> Colorized | Failure:
    try:
        travels = isinstance(photo, str | PathLike | np.ndarray | Image.Image)
        return crew.call(color_source, recipe, photo if travels else read_source(cast(FileSource, photo)))
    except ColorizerError as error:
        return Failure(photo, error)
    except Exception as error:  # whatever one photo brings up, the others are still to be coloured
        return Failure(photo, ColorizerError(f"Unexpected {type(error).__name__}: {error}"))


def _in_tidy_folders(jobs: Iterable[Job]) -> Iterator[Job]:
    """Yield the jobs; what killed runs left in the folder of a result is gone by then."""
    tidied = set()
    for job in jobs:
        if job.folder not in tidied:
            remove_abandoned_parts(job.folder)
            tidied.add(job.folder)
        yield job
