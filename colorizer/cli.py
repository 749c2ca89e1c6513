"""The terminal edge: what can be typed after image-colorizer, and what its exit status says.

0 all done; 1 a photo or a download failed; 2 the command makes no sense; 130 Ctrl-C. What a command does
is in colorizer/commands/, imported when it runs: `--version` need not wait for OpenCV.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import NoReturn

from colorizer import __version__
from colorizer.errors import BadField, ColorizerError
from colorizer.options import (
    DEFAULT_QUALITY,
    DEFAULT_SATURATION,
    DEFAULT_WARMTH,
    FILM_CODECS,
    FORMATS,
    QUALITY,
    SATURATION,
    WARMTH,
)
from colorizer.process.extras import require
from colorizer.process.terminal import PROGRAM, complain

INTERRUPTED = 130
COMMAND = "COMMAND"  # what stands for one in help and complaints
EXTRAS_OF = {"archive": "cluster", "serve": "server", "video": "video", "watch": "watch", "worker": "jobs"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; every error becomes one line on stderr."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")  # file names need not be valid text
    options = build_parser().parse_args(arguments)
    try:
        if options.command in EXTRAS_OF:
            require(EXTRAS_OF[options.command], f"{PROGRAM} {options.command}")
        command = importlib.import_module(f"colorizer.commands.{options.command}")
        status: int = command.run(options)
        sys.stdout.flush()
        return status
    except ColorizerError as error:
        complain(str(error))
        return error.exit_status
    except KeyboardInterrupt:
        complain("Stopped. The same command goes on where this one stopped.")
        return INTERRUPTED
    except BrokenPipeError:  # whoever read our stdout has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ColorizerError.exit_status
    except OSError as error:  # a name too long for this system, a folder that may not be entered
        complain(f"{error.filename or 'A file'}: {error.strerror}.")
        return ColorizerError.exit_status


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are one line, as all of ours."""

    def error(self, message: str) -> NoReturn:
        """Complain about the command line and exit; who names no command mostly has a photo to colour."""
        usual = f". To colour a photo, type {PROGRAM} colorize PHOTO" if COMMAND in message else ""
        complain(f"{message}{usual} (see {self.prog} --help)")
        sys.exit(BadField.exit_status)


def build_parser() -> Parser:
    """Return the parser of all commands; docs/cli.md describes each of them."""
    parser = Parser(prog=PROGRAM, description="Colour for black-and-white photos, on your own machine.")
    parser.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = parser.add_subparsers(title="commands", dest="command", metavar=COMMAND, required=True)
    _add_colorize(commands.add_parser("colorize", help="colour photos, or the photos of folders"))
    _add_archive(commands.add_parser("archive", help="colour folders or buckets, on one machine or many"))
    _add_watch(commands.add_parser("watch", help="colour what arrives in a folder"))
    commands.add_parser("strategies", help="list the ways to colour a photo")
    _add_video(commands.add_parser("video", help="colour a film"))
    _add_fetch(commands.add_parser("fetch", help="download the weights of a strategy and check them"))
    commands.add_parser("verify", help="check the installed weights against their digests")
    _add_serve(commands.add_parser("serve", help="serve the page and the HTTP API"))
    commands.add_parser("worker", help="work off the service's jobs (where COLORIZER_STORE_URL is set)")
    return parser


def _add_colorize(parser: Parser) -> None:
    add = parser.add_argument
    add("photos", nargs="*", metavar="PHOTO|FOLDER|-", help="what to colour; - reads stdin")
    add("--output", metavar="DIR|FILE|-", help="where results go (default: beside the photo); - is stdout")
    _add_choices(parser)
    add("--recursive", action="store_true", help="enter the folders inside folders too")
    add("--jobs", type=int, metavar="N", help="photos at once (default: as many as processors, at most 4)")
    add("--hints", type=Path, metavar="FILE", help="colours that are known, as JSON")
    add("--reference", type=Path, metavar="FILE", help="a photo in colour, whose colours are wanted")
    add("--all-pages", action="store_true", help="colour all pages of a TIFF into one TIFF")
    _add_force(parser)
    add("--dry-run", action="store_true", help="only say what would be coloured")
    add("--log", type=Path, metavar="FILE", help="add the failures to this file too")


def _add_archive(parser: Parser) -> None:
    add = parser.add_argument
    add("source", metavar="DIR|URL", help="the archive: a folder, or s3://bucket/prefix")
    add("--output", required=True, metavar="DIR|URL", help="where results go, in the same tree")
    add("--cluster", metavar="URL", help="a Dask scheduler, as tcp://10.0.0.5:8786 (default: this machine)")
    _add_choices(parser)
    _add_force(parser)
    add("--sample", type=int, metavar="N", help="colour so many, chosen at random, to see before the rest")
    add("--report", type=Path, metavar="FILE", help="tell of the run in an HTML file with pictures")
    add("--jobs", type=int, metavar="N", help="photos at once, without --cluster (default: as for colorize)")


def _add_watch(parser: Parser) -> None:
    add = parser.add_argument
    add("folder", type=Path, metavar="FOLDER", help="where photos arrive")
    add("--output", type=Path, metavar="DIR", help="where results go (default: beside the photo)")
    _add_choices(parser)
    add("--jobs", type=int, metavar="N", help="photos at once (default: as for colorize)")
    add("--log", type=Path, metavar="FILE", help="add the failures to this file too")
    parser.set_defaults(force=False)  # it would colour everything again at every start


def _add_choices(parser: Parser) -> None:
    """Add what all commands for photos have; colorizer/commands/choices.py reads it."""
    add = parser.add_argument
    add("--strategy", nargs="+", action="extend", metavar="NAME", help="one or several ways to colour")
    add("--gpu", action="store_true", help="compute on a CUDA GPU")
    add("--format", choices=FORMATS, help="default: jpeg, but png for 16 bit and alpha")
    add("--quality", type=int, help=f"{QUALITY}, for jpeg and webp (default: {DEFAULT_QUALITY})")
    add("--saturation", type=float, default=DEFAULT_SATURATION, help=f"{SATURATION} (default: %(default)g)")
    add("--name-suffix", metavar="TEXT", help="what follows the photo's name (default: -colorized)")
    add("--sidecar", action="store_true", help="write an XMP file beside each result")
    add("--json", action="store_true", help="print an object a photo instead of paths")
    add("--quiet", action="store_true", help="print failures only")


def _add_video(parser: Parser) -> None:
    add = parser.add_argument
    add("film", type=Path, metavar="FILM", help="the film to colour")
    add("--strategy", metavar="NAME", help="the way to colour")
    add("--output", metavar="DIR|FILE", help="where the result goes (default: beside the film)")
    add("--gpu", action="store_true", help="compute on a CUDA GPU")
    add("--codec", choices=FILM_CODECS, help=f"default: {FILM_CODECS[0]}")
    add("--crf", type=int, help="quality, smaller is better (default: the codec's own, 18 for h264)")
    add("--start", metavar="TIME", help="where to begin, as 75, 1:15 or 0:01:15.5")
    add("--end", metavar="TIME", help="where to end")
    add("--saturation", type=float, default=DEFAULT_SATURATION, help=f"{SATURATION} (default: %(default)g)")
    add("--warmth", type=float, default=DEFAULT_WARMTH, help=f"of the light, {WARMTH} (default: %(default)g)")
    add("--hints", type=Path, metavar="FILE", help="a JSON file of colours at times and places")
    add("--preview", action="store_true", help="only a sheet of one coloured frame a shot, in seconds")
    add("--compare", action="store_true", help="before and after, side by side")
    _add_force(parser)


def _add_force(parser: Parser) -> None:
    parser.add_argument("--force", action="store_true", help="colour again what has been coloured before")


def _add_fetch(parser: Parser) -> None:
    parser.add_argument("strategy", metavar="NAME", help="the strategy whose weights to install")
    parser.add_argument("--from", dest="source", type=Path, metavar="FILE", help="take them from this file")


def _add_serve(parser: Parser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, help="the port to listen on (default: $PORT, or else 5000)")
    help = "start no worker beside it: they run elsewhere"
    parser.add_argument("--no-worker", dest="worker", action="store_false", help=help)
