"""image-colorizer colorize: photos, folders of photos, or a stream."""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias, cast

from colorizer.album.crew import Crew, size_for
from colorizer.album.find import is_photo_name
from colorizer.album.places import identity, read_file
from colorizer.album.plan import STDIN, Plan, Target
from colorizer.album.recipe import MAX_BYTES, Recipe
from colorizer.album.result_names import MARK, Job
from colorizer.album.run import colorize_jobs
from colorizer.album.tasks import color_source, load
from colorizer.album.telling import Manner, Telling
from colorizer.commands.choices import mark_of, recipe_of, strategies_of
from colorizer.errors import BadField, BadHints, BadReference, OutputError, PhotoError
from colorizer.photo.formats import format_of_suffix
from colorizer.photo.limits import Limits
from colorizer.settings import Settings
from colorizer.strategies.registry import strategy_names

if TYPE_CHECKING:
    from colorizer.color.hints import Hint
    from colorizer.results import ColorizedPhoto

STREAM = "-"  # stdin among the photos, stdout as the output
Hints: TypeAlias = "Mapping[str, tuple[Hint, ...]]"  # by the photo's path, as it is told


def run(options: argparse.Namespace) -> int:
    """Colour what was named; returns 1 where a photo failed. Raises OptionError before any work begins."""
    settings = Settings.from_env(os.environ)
    names = strategy_names(settings.models_dir)
    photos, named = _tell_apart_arguments(options.photos, options.strategy or [], names)
    strategies = strategies_of(named, settings)
    target = replace(_target(options, photos, strategies), mark=mark_of(options))
    recipe = recipe_of(options, strategies, settings, target.file)
    if options.reference:
        recipe = replace(recipe, reference=_read_reference(options.reference))
    if options.all_pages:
        _check_all_pages(recipe.look.format, options)
        recipe = replace(recipe, all_pages=True)
    hints = _read_hints(options.hints, photos) if options.hints else {}
    if options.output == STREAM or (photos == [STREAM] and options.output is None):
        return _write_stdout(recipe, Path(photos[0]), hints.get(photos[0], ()))
    plan = Plan([Path(photo) for photo in photos], target, options.recursive, names)
    recipe = replace(recipe, originals=_originals(photos, target.mark), dry_run=options.dry_run)
    return _run(recipe, plan, hints, options)


def _run(recipe: Recipe, plan: Plan, hints: Hints, options: argparse.Namespace) -> int:
    _check_hints(hints, plan)
    jobs = (_with_hints(job, hints) for job in map(_with_data, plan))
    outcomes = chain(plan.refused, colorize_jobs(recipe, jobs, size_for(options.jobs, len(plan), "--jobs")))
    with Telling(len(plan.refused) + len(plan), _manner(options)) as telling:
        for outcome in outcomes:
            telling.tell(outcome)
        return telling.sum_up(plan.others)


def _tell_apart_arguments(
    photos: Sequence[str], named: Sequence[str], known: Sequence[str]
) -> tuple[list[str], list[str]]:
    """Return the photos and the strategies; in `--strategy colornet a.jpg` the last word is a photo.

    A word that is neither a strategy nor a file stays a strategy, and is refused as one.
    """
    swallowed = [word for word in named if word not in known and (word == STREAM or os.path.lexists(word))]
    strategies = [word for word in named if word not in swallowed]
    if named and not strategies:
        raise BadField(f"--strategy needs the name of a strategy: {', '.join(known)}.")
    if not photos and not swallowed:
        raise BadField("Name a photo or a folder to colour, or - for stdin.")
    return list(dict.fromkeys([*photos, *swallowed])), strategies


def _target(options: argparse.Namespace, photos: Sequence[str], strategies: Sequence[str]) -> Target:
    """Return what --output means: a file where it looks like one, else a folder."""
    single = len(photos) == 1 and len(strategies) == 1 and not os.path.isdir(photos[0])
    if STREAM in (*photos, options.output) and not single:
        raise BadField("With - there can be only one photo and one strategy.")
    if options.output in (None, STREAM):
        return Target()
    path = Path(options.output)
    if options.output.endswith("/") or path.is_dir() or not (path.suffix or path.exists()):
        return Target(folder=path)
    if not single:
        raise BadField(f"--output {path} is one file, but there may be several results; name a folder.")
    _check_file(path, photos[0], options.format)
    return Target(file=path)


def _check_file(file: Path, photo: str, format: str | None) -> None:
    named = format_of_suffix(file.suffix)
    if named is None:
        raise BadField(
            f"--output {file} is no jpg, png, webp or tif; end the name of a new folder with a slash."
        )
    if format not in (None, named.name):
        raise BadField(f"--output {file} and --format {format} disagree.")
    if file.exists() and os.path.exists(photo) and file.samefile(photo):
        raise BadField(f"--output {file} is the photo itself, which is kept as it is.")


def _check_all_pages(format: str | None, options: argparse.Namespace) -> None:
    if format != "tiff":
        raise BadField("--all-pages makes a TIFF of all pages: add --format tiff, or name --output x.tif.")
    if options.hints:
        raise BadField("--hints are for one picture, so they do not go with --all-pages.")


def _manner(options: argparse.Namespace) -> Manner:
    if options.log and is_photo_name(options.log.name):
        raise BadField(f"--log {options.log} looks like a photo; name a file of text, as failures.log.")
    return Manner(options.json, options.quiet, options.dry_run, options.log)


def _read_reference(file: Path) -> bytes:
    try:
        return read_file(file, Limits(max_bytes=MAX_BYTES))
    except PhotoError as error:
        raise BadReference(f"--reference {file} cannot be used. {error}") from error


def _originals(photos: Iterable[str], mark: str) -> frozenset[tuple[int, int]]:
    """Return which files are photos of the run although their names are those of results."""
    named = (photo for photo in photos for each in {MARK, mark} if each in os.path.basename(photo))
    found = (identity(Path(photo)) for photo in named)
    return frozenset(each for each in found if each)


# Hints


def _read_hints(file: Path, photos: Sequence[str]) -> Hints:
    """Return the hints of a JSON file: a list for the one photo, or an object of lists by photo."""
    try:
        found = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise BadHints(f"--hints {file} cannot be read as JSON: {error}.") from error
    if isinstance(found, list) and len(photos) == 1:
        found = {photos[0]: found}
    if not isinstance(found, dict):
        raise BadHints(f'--hints {file} must be {{"a.jpg": [{{"x": 12, "y": 8, "color": "#a0522d"}}], ...}}.')
    from colorizer.color.hints import parse_hints  # numpy

    return {photo: parse_hints(items) for photo, items in found.items()}


def _check_hints(hints: Hints, plan: Plan) -> None:
    unknown = set(hints) - {str(job.photo) for job in plan} if hints else ()
    if unknown:
        raise BadHints(f"--hints names {min(unknown)}, which is none of the photos.")


def _with_hints(job: Job, hints: Hints) -> Job:
    return replace(job, hints=hints.get(str(job.photo), ())) if hints else job


# Streams


def _with_data(job: Job) -> Job:
    return replace(job, data=_read_stdin()) if job.photo == STDIN else job


def _read_stdin() -> bytes:
    data = sys.stdin.buffer.read(MAX_BYTES + 1)
    Limits(max_bytes=MAX_BYTES).check_bytes(len(data))
    return data


def _write_stdout(recipe: Recipe, photo: Path, hints: "Sequence[Hint]") -> int:
    if sys.stdout.isatty():
        raise BadField("stdout is a terminal; send it to a file or a program, or use --output.")
    with Crew(1) as crew:
        crew.everyone(load, recipe)
        data = _read_stdin() if photo == STDIN else read_file(photo, recipe.limits)
        result = cast("ColorizedPhoto", crew.call(color_source, recipe, data, hints))
    try:
        sys.stdout.buffer.write(result.data)
        sys.stdout.buffer.flush()
    except OSError as error:
        raise OutputError(f"The result cannot be written to stdout: {error.strerror}.") from error
    return 0
