"""A worker that needs a second for a photo on any machine, for tests that act while a job is under way."""

import time

from colorizer.cli import main
from colorizer.pipeline import ImageColorizer

colorize = ImageColorizer.colorize


def colorize_slowly(self, photo, **options):
    time.sleep(1)
    return colorize(self, photo, **options)


ImageColorizer.colorize = colorize_slowly
main(["worker"])
