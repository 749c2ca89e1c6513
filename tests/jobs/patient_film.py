"""Imported by a film's process: the film has short pieces, and something happens after each new one."""

import os
import signal
import time
from pathlib import Path

from colorizer.video import coloring


def wait_while(held: str) -> None:
    """Let the film wait after each new piece for as long as a file is there."""

    def wait():
        while Path(held).exists():
            time.sleep(0.02)

    after_each_piece(wait, frames=40)


def die_each_time() -> None:
    """Let the process end after each new piece; there are more of them than attempts in a row."""
    after_each_piece(lambda: os.kill(os.getpid(), signal.SIGKILL), frames=3)


def after_each_piece(act, frames: int) -> None:
    run, coloring.PIECE_FRAMES = coloring.FilmColoring.run, frames

    def run_and_act(self, pieces, progress, on_piece):
        def tell_and_act(piece):
            on_piece(piece)
            act()

        return run(self, pieces, progress, tell_and_act)

    coloring.FilmColoring.run = run_and_act
