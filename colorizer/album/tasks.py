"""What a crew's processes are asked to do: `coloring`, which is imported there and not where they are asked.

Whoever plans a run and tells of it names these functions, and stays small: no network, no decoder.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from colorizer.album.outcome import Outcome
from colorizer.album.recipe import Recipe
from colorizer.album.result_names import Job

if TYPE_CHECKING:
    from colorizer.color.hints import Hint
    from colorizer.photo.sources import Source
    from colorizer.results import Colorized


def load(recipe: Recipe) -> None:
    """Do `coloring.load`."""
    from colorizer.album import coloring

    coloring.load(recipe)


def color_source(recipe: Recipe, source: "Source", hints: "Sequence[Hint]" = ()) -> "Colorized":
    """Do `coloring.color_source`."""
    from colorizer.album import coloring

    return coloring.color_source(recipe, source, hints)


def color_file(recipe: Recipe, job: Job) -> Outcome:
    """Do `coloring.color_file`."""
    from colorizer.album import coloring

    return coloring.color_file(recipe, job)
