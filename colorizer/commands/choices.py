"""What the commands for photos have in common: which strategies, and how the results shall look."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from colorizer.album.recipe import MAX_BYTES, Recipe
from colorizer.options import QUALITY, SATURATION, Look, quality_for
from colorizer.photo.formats import format_of_suffix
from colorizer.photo.limits import Limits
from colorizer.settings import Settings
from colorizer.strategies.registry import default_strategy_name


def strategies_of(named: Sequence[str], settings: Settings) -> tuple[str, ...]:
    """Return the strategies that were named, each once, or else the default."""
    if named:
        return tuple(dict.fromkeys(named))
    return (settings.strategy or default_strategy_name(settings.models_dir),)


def recipe_of(
    options: argparse.Namespace, strategies: Sequence[str], settings: Settings, file: Path | None = None
) -> Recipe:
    """Return how photos are to be coloured; file: the result that the user named. Raises OptionError."""
    return Recipe(
        strategies=tuple(strategies),
        look=_look(options, file),
        device="cuda" if options.gpu else settings.device,
        models_dir=settings.models_dir,
        limits=Limits(max_bytes=MAX_BYTES, max_pixels=settings.max_pixels),
        force=options.force,
    )


def _look(options: argparse.Namespace, file: Path | None) -> Look:
    named = format_of_suffix(file.suffix) if file else None
    format = named.name if named else options.format
    quality = quality_for(format, options.quality, "--quality")
    saturation = SATURATION.check(options.saturation, "--saturation")
    return Look(format, QUALITY.check(quality, "--quality"), saturation)
