"""A worker that waits at one photo for as long as its file is there: `python patient_worker.py HELD`."""

import sys
import time
from contextlib import suppress
from pathlib import Path

from colorizer.cli import main
from colorizer.pipeline import ImageColorizer

held, colorize = Path(sys.argv[1]), ImageColorizer.colorize


def colorize_when_let(self, photo, **options):
    with suppress(FileNotFoundError):  # it may go
        while photo == held.read_bytes():
            time.sleep(0.02)
    return colorize(self, photo, **options)


ImageColorizer.colorize = colorize_when_let
main(["worker"])
