"""image-colorizer video: a film."""

import argparse
import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from colorizer.errors import BadField, BadHints, OutputError
from colorizer.options import FILM_CODECS
from colorizer.process.own import set_up_process
from colorizer.process.terminal import complain, progress_bar, say
from colorizer.settings import Settings
from colorizer.strategies.base import Strategy
from colorizer.strategies.registry import create_strategy, default_strategy_name

if TYPE_CHECKING:
    from colorizer.video.coloring import FilmOptions
    from colorizer.video.timed_hints import TimedHint

PREVIEW_SUFFIXES = (".jpg", ".jpeg")
TIME = re.compile(r"(?:(?:(\d+):)?([0-5]?\d):)?(\d+(?:\.\d*)?)")  # 75, 1:15 or 0:01:15.0


def run(options: argparse.Namespace) -> int:
    """Colour a film, or make a preview of it. Raises OptionError before any work begins."""
    set_up_process()
    strategy = _strategy(options)
    return _preview(options, strategy) if options.preview else _colorize(options, strategy)


def _strategy(options: argparse.Namespace) -> Strategy:
    settings = Settings.from_env(os.environ)
    name = options.strategy or settings.strategy or default_strategy_name(settings.models_dir)
    return create_strategy(name, settings.models_dir, "cuda" if options.gpu else settings.device)


def _colorize(options: argparse.Namespace, strategy: Strategy) -> int:
    from colorizer.video.coloring import colorize_video

    wanted, target = _wanted(options), _target(options)
    with progress_bar(None, unit=" frames") as bar:

        def show(done: int, total: int | None) -> None:
            bar.total = total
            bar.update(done - bar.n)

        result = colorize_video(options.film, target, strategy, wanted, show)
    for note in result.notes:
        complain(f"{options.film}: {note}")
    say(str(target))
    return 0


def _preview(options: argparse.Namespace, strategy: Strategy) -> int:
    from colorizer.album.result_format import is_result
    from colorizer.process.files import write_whole
    from colorizer.video.preview import preview_film

    if options.codec or options.crf is not None:
        raise BadField("--preview makes a picture, which has neither --codec nor --crf.")
    target = _named(options, f"{options.film.stem}-preview.jpg")
    if target.suffix.lower() not in PREVIEW_SUFFIXES:
        raise BadField(f"A preview becomes {' or '.join(PREVIEW_SUFFIXES)}; {target.name} is neither.")
    _protect(target, options, "makes it again", lambda path: is_result(path.read_bytes()))
    write_whole(target, preview_film(options.film, strategy, _wanted(options)))
    say(str(target))
    return 0


def _wanted(options: argparse.Namespace) -> "FilmOptions":
    from colorizer.video.coloring import FilmOptions

    return FilmOptions(
        codec=options.codec or FILM_CODECS[0],
        crf=options.crf,
        start=_seconds(options.start),
        end=_seconds(options.end),
        saturation=options.saturation,
        warmth=options.warmth,
        compare=options.compare,
        hints=_hints(options.hints),
    )


def _target(options: argparse.Namespace) -> Path:
    """Return where the result goes; raises where that would cost the user a file."""
    from colorizer.video.encoder import CODECS
    from colorizer.video.film import read_film
    from colorizer.video.joining import is_result, usual_suffix

    suffix = usual_suffix(read_film(options.film), CODECS[options.codec or FILM_CODECS[0]])
    target = _named(options, f"{options.film.stem}-colorized{suffix}")
    _protect(target, options, "colours the film again", is_result)
    return target


def _protect(target: Path, options: argparse.Namespace, again: str, is_ours: Callable[[Path], bool]) -> None:
    """Raise where what stands at the target is the film, or must not be replaced.

    again: what --force does; is_ours: tells whether a file is one that we made.
    """
    if not target.exists():
        return
    if options.film.exists() and target.samefile(options.film):
        raise BadField(f"--output {target} is the film itself, which is kept as it is.")
    if not options.force:
        raise OutputError(f"{target} exists already. --force {again}.")
    if not target.is_file() or not is_ours(target):
        raise OutputError(f"{target} is not one of our results, so it is kept. Choose another place.")


def _named(options: argparse.Namespace, name: str) -> Path:
    """Return the file that --output names, or `name` in the folder that it names, or beside the film."""
    if options.output is None:
        return Path(options.film.with_name(name))
    path = Path(options.output)
    is_folder = options.output.endswith("/") or path.is_dir() or not path.suffix
    return path / name if is_folder else path


def _hints(path: Path | None) -> "tuple[TimedHint, ...]":
    from colorizer.video.timed_hints import parse_timed_hints

    try:
        return parse_timed_hints(json.loads(path.read_bytes())) if path else ()
    except OSError as error:
        raise BadHints(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise BadHints(f"{path} is not JSON.") from error


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    match = TIME.fullmatch(text)
    if not match:
        raise BadField(f"A time looks like 75, 1:15 or 0:01:15.5, not {text!r}.")
    hours, minutes, seconds = (float(part or 0) for part in match.groups())
    return 3600 * hours + 60 * minutes + seconds
