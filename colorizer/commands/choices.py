"""What the commands for photos have in common: which strategies, and how the results shall look."""

import argparse
import os
import re
from collections.abc import Sequence
from pathlib import Path

from colorizer.album.recipe import MAX_BYTES, Recipe
from colorizer.album.result_names import MARK
from colorizer.errors import BadField
from colorizer.options import QUALITY, SATURATION, Look, quality_for
from colorizer.photo.formats import format_of_suffix
from colorizer.photo.limits import Limits
from colorizer.settings import Settings
from colorizer.strategies.registry import default_strategy_name

LONGEST_MARK = 64  # bytes


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
        sidecars=options.sidecar,
    )


def mark_of(options: argparse.Namespace) -> str:
    """Return what follows photos' names in those of their results; raises BadField."""
    mark: str = MARK if options.name_suffix is None else options.name_suffix
    if not (1 <= len(os.fsencode(mark)) <= LONGEST_MARK) or re.search(r'[/\\:*?"<>|\x00-\x1f]', mark):
        raise BadField(f"--name-suffix {mark!r} cannot be part of a file's name; it may be as _edited.")
    return mark


def _look(options: argparse.Namespace, file: Path | None) -> Look:
    named = format_of_suffix(file.suffix) if file else None
    format = named.name if named else options.format
    quality = quality_for(format, options.quality, "--quality")
    saturation = SATURATION.check(options.saturation, "--saturation")
    return Look(format, QUALITY.check(quality, "--quality"), saturation)
