"""image-colorizer watch: colours what arrives in a folder."""

import argparse
import os
import signal
import threading

from colorizer.album.crew import size_for
from colorizer.album.plan import Target
from colorizer.album.telling import Manner, Telling
from colorizer.album.watching import color_arrivals
from colorizer.commands.choices import mark_of, recipe_of, strategies_of
from colorizer.errors import BadField
from colorizer.settings import Settings


def run(options: argparse.Namespace) -> int:
    """Watch until SIGTERM or Ctrl-C; returns 1 where a full disk ended it. Raises OptionError before."""
    settings = Settings.from_env(os.environ)
    recipe = recipe_of(options, strategies_of(options.strategy or (), settings), settings)
    if not options.folder.is_dir():
        raise BadField(f"{options.folder} is no folder.")
    size_for(options.jobs, name="--jobs")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    target = Target(folder=options.output, mark=mark_of(options))
    arrivals = color_arrivals(options.folder, target, recipe, options.jobs, stop)
    try:
        with Telling(None, Manner(options.json, options.quiet, log=options.log)) as telling:
            for outcome in arrivals:
                telling.tell(outcome)
            telling.sum_up(0)
    except OSError as error:
        raise BadField(f"{options.folder} cannot be watched: {error}.") from error
    return 0 if stop.is_set() else 1
