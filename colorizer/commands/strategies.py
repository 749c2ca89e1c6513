"""image-colorizer strategies: a table of the ways to colour a photo."""

import argparse
import os
from collections.abc import Sequence

from colorizer.process.terminal import say
from colorizer.settings import Settings
from colorizer.strategies.registry import create_strategy, default_strategy_name, strategy_names


def run(options: argparse.Namespace) -> int:
    """Print one line a strategy: its name, whether it is installed or the default, its title."""
    settings = Settings.from_env(os.environ)
    default = settings.strategy or default_strategy_name(settings.models_dir)
    rows = [("NAME", "INSTALLED", "DEFAULT", "TITLE")]
    for name in strategy_names(settings.models_dir):
        strategy = create_strategy(name, settings.models_dir)
        rows.append((name, _yes(strategy.installed), _yes(name == default), strategy.title))
    for line in _table(rows):
        say(line)
    return 0


def _yes(truth: bool) -> str:
    return "yes" if truth else "-"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
