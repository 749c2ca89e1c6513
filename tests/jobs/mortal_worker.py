"""A worker that one photo kills, as a bug in a decoder would: `python mortal_worker.py DEADLY.jpg`."""

import os
import signal
import sys
from pathlib import Path

from colorizer.cli import main
from colorizer.pipeline import ImageColorizer

deadly, colorize = Path(sys.argv[1]).read_bytes(), ImageColorizer.colorize


def colorize_or_die(self, photo, **options):
    if photo == deadly:
        os.kill(os.getpid(), signal.SIGKILL)
    return colorize(self, photo, **options)


ImageColorizer.colorize = colorize_or_die
main(["worker"])
