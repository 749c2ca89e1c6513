"""The photos of folders, file by file."""

from collections.abc import Callable, Generator, Iterable, Iterator
from itertools import chain
from os import PathLike
from pathlib import Path

from colorizer.album.crew import Crew, size_for
from colorizer.album.outcome import Outcome
from colorizer.album.places import Place
from colorizer.album.plan import Plan, Target
from colorizer.album.recipe import Recipe
from colorizer.album.result_names import Job
from colorizer.album.tasks import color_file, load
from colorizer.errors import ChildDied
from colorizer.options import DEFAULT_LOOK, DEFAULT_STRATEGY, Look
from colorizer.strategies.registry import strategy_names


def nothing(_: object) -> None:
    """Do nothing with a result."""


def colorize_jobs(recipe: Recipe, jobs: Iterable[Job], size: int) -> Generator[Outcome]:
    """Colour photos in `size` processes and yield what became of each in turn.

    Ends early, after an outcome that is fatal, where no other could succeed. Raises WeightsError,
    OptionError or DeviceUnavailable before the first photo where a network cannot be loaded.
    """
    with Crew(size) as crew:
        if not recipe.dry_run:
            crew.everyone(load, recipe)
        jobs = in_tidy_folders(jobs, recipe.target)
        for outcome in crew.map(lambda job: color_one(crew, recipe, job), jobs):
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
    for outcome in chain(plan.refused, colorize_jobs(recipe, plan, size_for(jobs, len(plan)))):
        on_result(outcome)
        outcomes.append(outcome)
    return outcomes


def color_one(crew: Crew, recipe: Recipe, job: Job) -> Outcome:
    """Colour one photo in a process of the crew; even one that kills it is no more than a failure."""
    try:
        return crew.call(color_file, recipe, job)
    except ChildDied as error:
        return Outcome(job.photo, "failed", problem=str(error))


def in_tidy_folders(jobs: Iterable[Job], target: Place) -> Iterator[Job]:
    """Yield the jobs; what killed runs left in the folder of a result is gone by then."""
    tidied = set()
    for job in jobs:
        if job.folder not in tidied:
            target.tidy(job.folder)
            tidied.add(job.folder)
        yield job
