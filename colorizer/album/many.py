"""Many photos that a program holds in memory."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from os import PathLike
from typing import cast

import numpy as np
from PIL import Image

from colorizer.album.crew import Crew, size_for
from colorizer.album.recipe import Recipe
from colorizer.album.run import nothing
from colorizer.album.tasks import color_source, load
from colorizer.errors import ColorizerError
from colorizer.options import DEFAULT_LOOK, DEFAULT_STRATEGY, Look
from colorizer.photo.sources import FileSource, Source, read_source
from colorizer.results import Colorized


@dataclass(frozen=True)
class Failure:
    """A photo of `colorize_many` that could not be coloured, and why."""

    photo: Source
    error: ColorizerError


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
    with Crew(size_for(jobs)) as crew:
        crew.everyone(load, recipe)
        for result in crew.map(lambda photo: _try(crew, recipe, photo), photos):
            on_result(result)
            results.append(result)
    return results


def _try(crew: Crew, recipe: Recipe, photo: Source) -> Colorized | Failure:
    try:
        travels = isinstance(photo, str | PathLike | np.ndarray | Image.Image)
        return crew.call(color_source, recipe, photo if travels else read_source(cast(FileSource, photo)))
    except ColorizerError as error:
        return Failure(photo, error)
    except Exception as error:  # whatever one photo brings up, the others are still to be coloured
        return Failure(photo, ColorizerError(f"Unexpected {type(error).__name__}: {error}"))
