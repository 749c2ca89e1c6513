"""Colours a film in a process of its own, which a hostile film may end without ending ours."""

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import IO, Any, cast

from colorizer.errors import ChildDied
from colorizer.video.order import LAST, Order

START = "import sys; sys.path[:] = {path!r}; from colorizer.video.child import main; main()"
LOOK_SECONDS = 0.5  # how often we look whether the film is still wanted
SILENT_SECONDS = 900.0  # without a word, as while it looks for its place in a long film; then it hangs
PIECE_BYTES = 65536


def color_apart(
    order: Order,
    environ: Mapping[str, str],
    on_word: Callable[[str, Any], None],
    look: Callable[[], None],
) -> tuple[str, Any]:
    """Colour a film; returns the last word of its process, as order.py has them.

    environ: all that the process is to know of ours. on_word: is told every other word. look: called twice a
    second, and may raise, as on_word may, to end the work at once. Raises ChildDied.
    """
    command = [sys.executable, "-W", "ignore", "-c", START.format(path=sys.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(environ)) as child:
        try:
            _give(order, cast(IO[bytes], child.stdin))
            for what, told in _words(cast(IO[bytes], child.stdout), look):
                if what in LAST:
                    return what, told
                on_word(what, told)
        except ValueError as error:
            raise ChildDied("Its process said what nobody understands.") from error
        finally:
            child.kill()
    raise ChildDied(f"Its process ended before it was done ({child.returncode}).")


def _give(order: Order, orders: IO[bytes]) -> None:
    with suppress(BrokenPipeError):  # it died already, which the answers tell
        orders.write(json.dumps(asdict(order)).encode() + b"\n")
        orders.flush()


def _words(answers: IO[bytes], look: Callable[[], None]) -> Iterator[tuple[str, Any]]:
    """Yield what is said, as it comes, until the pipe is closed or silent for too long."""
    rest, heard, looked = b"", time.monotonic(), 0.0
    with selectors.DefaultSelector() as selector:
        selector.register(answers, selectors.EVENT_READ)
        while time.monotonic() - heard < SILENT_SECONDS:
            if time.monotonic() - looked >= LOOK_SECONDS:
                look()
                looked = time.monotonic()
            if not selector.select(LOOK_SECONDS):
                continue
            piece = os.read(answers.fileno(), PIECE_BYTES)
            if not piece:
                return
            heard = time.monotonic()
            *lines, rest = (rest + piece).split(b"\n")
            for line in lines:
                yield from json.loads(line).items()
