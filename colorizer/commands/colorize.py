"""image-colorizer colorize: photos, folders of photos, or a stream."""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path

from colorizer.batch import STDIN, Batch, Look, Outcome, read_file
from colorizer.errors import BadField, OutputError
from colorizer.folder import find_photos
from colorizer.image_io import Limits
from colorizer.registry import default_strategy_name, strategy_names
from colorizer.result_names import Job, sharing, tell_apart, without_results
from colorizer.settings import Settings
from colorizer.terminal import complain, progress_bar, say
from image_colorizer import ColorizedPhoto, ImageColorizer

STREAM = "-"  # stdin among the photos, stdout as the output
CLASH = "Another photo would have the same result, {name}-colorized. Rename one, or name two folders."
RESULT_FORMATS = {".jpg": "jpeg", ".jpeg": "jpeg", ".png": "png", ".webp": "webp"}


def run(options: argparse.Namespace) -> int:
    """Colour what was named; returns 1 where a photo failed. Raises OptionError before any work begins."""
    settings = Settings.from_env(os.environ)
    names = strategy_names(settings.models_dir)
    photos, strategies = _tell_apart_arguments(options.photos, options.strategy or [], names)
    strategies = strategies or [settings.strategy or default_strategy_name(settings.models_dir)]
    file = _output_file(options, photos, strategies)
    batch = Batch(_load(strategies, options, settings), _look(options, file), options.force)
    if options.output == STREAM or (photos == [STREAM] and options.output is None):
        return _write_stdout(batch.colorize(read_file(Path(photos[0])), strategies[0]))
    jobs, refused = _plan(photos, options, file, names)
    return _report(chain(refused, batch.run(jobs)), len(refused) + len(jobs))


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


def _output_file(
    options: argparse.Namespace, photos: Sequence[str], strategies: Sequence[str]
) -> Path | None:
    """Return --output where it names a file, or None where it names a folder, stdout or nothing."""
    single = len(photos) == 1 and len(strategies) == 1 and not os.path.isdir(photos[0])
    if STREAM in (*photos, options.output) and not single:
        raise BadField("With - there can be only one photo and one strategy.")
    if options.output in (None, STREAM) or options.output.endswith("/") or os.path.isdir(options.output):
        return None
    file = Path(options.output)
    if not file.suffix and not file.exists():
        return None
    _check_output_file(file, single, options.format)
    if file.exists() and photos[0] != STREAM and file.samefile(photos[0]):
        raise BadField(f"--output {file} is the photo itself, which is kept as it is.")
    return file


def _check_output_file(file: Path, single: bool, format: str | None) -> None:
    named = RESULT_FORMATS.get(file.suffix.lower())
    if named is None:
        raise BadField(f"--output {file} is no jpg, png or webp; end the name of a new folder with a slash.")
    if not single:
        raise BadField(f"--output {file} is one file, but there may be several results; name a folder.")
    if format not in (None, named):
        raise BadField(f"--output {file} and --format {format} disagree.")


def _look(options: argparse.Namespace, file: Path | None) -> Look:
    format = RESULT_FORMATS[file.suffix.lower()] if file else options.format
    if options.quality is not None and format == "png":
        raise BadField("--quality is for jpeg and webp; png loses nothing.")
    if not 1 <= (options.quality or 1) <= 100 or options.quality == 0:
        raise BadField(f"--quality must be from 1 to 100, not {options.quality}.")
    if not 0 <= options.saturation <= 2:
        raise BadField(f"--saturation must be from 0 to 2, not {options.saturation:g}.")
    return Look(format, options.quality or Look.quality, options.saturation)


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


def _plan(
    photos: Sequence[str], options: argparse.Namespace, file: Path | None, strategies: Sequence[str]
) -> tuple[list[Job], list[Outcome]]:
    """Return what to colour, and what cannot be."""
    refused = []

    def refuse(error: OSError) -> None:
        refused.append(Outcome(error.filename, problem=f"The folder cannot be read: {error.strerror}."))

    found = [job for photo in photos for job in _jobs(Path(photo), options, file, len(photos) == 1, refuse)]
    jobs = tell_apart(without_results(found, strategies))
    clashing = sharing(jobs)
    refused += [Outcome(job.photo, problem=CLASH.format(name=job.name)) for job in jobs if job in clashing]
    return [job for job in jobs if job not in clashing], refused


def _jobs(
    photo: Path,
    options: argparse.Namespace,
    file: Path | None,
    alone: bool,
    refuse: Callable[[OSError], None],
) -> list[Job]:
    """Return the jobs of one argument; a folder's tree is kept, below its own name where it is not alone."""
    output = Path(options.output) if options.output and not file else None
    if photo == STDIN:
        return [Job(photo, output or Path(), "photo", file=file)]
    if not photo.is_dir():
        return [Job(photo, output or photo.parent, photo.stem, file=file)]
    root = photo if output is None else output if alone else output / photo.resolve().name
    return [
        Job(path, root / path.parent.relative_to(photo), path.stem, from_folder=True)
        for path in find_photos(photo, options.recursive, refuse, leave_out=output)
    ]


def _report(outcomes: Iterable[Outcome], total: int) -> int:
    """Tell what became of each photo as it happens, and the sum at the end; return the exit status."""
    counts = Counter()
    with progress_bar(total if total > 1 else None, unit=" photos") as bar:
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
