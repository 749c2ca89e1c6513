"""image-colorizer colorize: photos, folders of photos, or a stream."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain
from pathlib import Path

from colorizer.album.batch import Batch, Outcome, read_file
from colorizer.album.plan import Plan, Target
from colorizer.errors import BadField, OutputError
from colorizer.options import QUALITY, SATURATION, Look, quality_for
from colorizer.photo.formats import format_of_suffix
from colorizer.photo.image_io import Limits
from colorizer.pipeline import ImageColorizer
from colorizer.process.own import set_up_process
from colorizer.process.terminal import complain, progress_bar, say
from colorizer.results import ColorizedPhoto
from colorizer.settings import Settings
from colorizer.strategies.registry import default_strategy_name, strategy_names

STREAM = "-"  # stdin among the photos, stdout as the output


def run(options: argparse.Namespace) -> int:
    """Colour what was named; returns 1 where a photo failed. Raises OptionError before any work begins."""
    set_up_process()
    settings = Settings.from_env(os.environ)
    names = strategy_names(settings.models_dir)
    photos, strategies = _tell_apart_arguments(options.photos, options.strategy or [], names)
    strategies = strategies or [settings.strategy or default_strategy_name(settings.models_dir)]
    target = _target(options, photos, strategies)
    batch = Batch(_load(strategies, options, settings), _look(options, target.file), options.force)
    if options.output == STREAM or (photos == [STREAM] and options.output is None):
        return _write_stdout(batch.colorize(read_file(Path(photos[0])), strategies[0]))
    plan = Plan([Path(photo) for photo in photos], target, options.recursive, names)
    return _report(chain(plan.refused, batch.run(plan.jobs)), len(plan.refused) + len(plan.jobs))


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
    return list(dict.fromkeys([*photos, *swallowed])), list(dict.fromkeys(strategies))


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
        raise BadField(f"--output {file} is no jpg, png or webp; end the name of a new folder with a slash.")
    if format not in (None, named.name):
        raise BadField(f"--output {file} and --format {format} disagree.")
    if file.exists() and os.path.exists(photo) and file.samefile(photo):
        raise BadField(f"--output {file} is the photo itself, which is kept as it is.")


def _look(options: argparse.Namespace, file: Path | None) -> Look:
    named = format_of_suffix(file.suffix) if file else None
    format = named.name if named else options.format
    quality = quality_for(format, options.quality, "--quality")
    saturation = SATURATION.check(options.saturation, "--saturation")
    return Look(format, QUALITY.check(quality, "--quality"), saturation)


def _load(
    strategies: Sequence[str], options: argparse.Namespace, settings: Settings
) -> dict[str, ImageColorizer]:
    device = "cuda" if options.gpu else settings.device
    limits = Limits(max_pixels=settings.max_pixels)
    colorizers = {
        name: ImageColorizer(name, device=device, models_dir=settings.models_dir, limits=limits)
        for name in strategies
    }
    for colorizer in colorizers.values():
        colorizer.load()
    return colorizers


def _write_stdout(result: ColorizedPhoto) -> int:
    if sys.stdout.isatty():
        raise BadField("stdout is a terminal; send it to a file or a program, or use --output.")
    try:
        sys.stdout.buffer.write(result.data)
        sys.stdout.buffer.flush()
    except OSError as error:
        raise OutputError(f"The result cannot be written to stdout: {error.strerror}.") from error
    return 0


def _report(outcomes: Iterable[Outcome], total: int) -> int:
    """Tell what became of each photo as it happens, and the sum at the end; return the exit status."""
    counts: Counter[str] = Counter()
    with progress_bar(total, unit=" photos") as bar:
        for outcome in outcomes:
            counts[_tell(outcome)] += 1
            bar.update()
    if total != 1:
        complain(", ".join(f"{counts[word]} {word}" for word in ("colorized", "done before", "failed")))
    return 1 if counts["failed"] else 0


def _tell(outcome: Outcome) -> str:
    """Print what became of one photo and return it in a word."""
    if outcome.problem:
        complain(f"{outcome.photo}: {outcome.problem}")
        return "failed"
    if outcome.already_colored:
        complain(f"{outcome.photo}: The photo was in colour already; only its lightness was used.")
    for path in outcome.written:
        say(str(path))
    return "colorized" if outcome.written else "done before"
