"""image-colorizer fetch: bring a strategy's weights to this machine."""

import argparse
import os
from pathlib import Path

from colorizer.options import DEFAULT_STRATEGY
from colorizer.process.terminal import complain, progress_bar, say
from colorizer.settings import Settings
from colorizer.strategies.registry import default_strategy_name
from colorizer.weights.download import fetch, install
from colorizer.weights.manifest import default_models_dir

WAITING = "Another process is fetching {name}; waiting for it."


def run(options: argparse.Namespace) -> int:
    """Download weights, or install a file, and say what changes by that."""
    settings = Settings.from_env(os.environ)
    models_dir = settings.models_dir or default_models_dir()
    default_before = default_strategy_name(models_dir)
    path = _bring(options.strategy, options.source, models_dir)
    say(f"{options.strategy} is installed: {path}")
    default = default_strategy_name(models_dir)
    if settings.strategy is None and default != default_before:
        say(f"From its next start on, the service uses {default} where a request names no strategy.")
        say(f"To keep {DEFAULT_STRATEGY}, set COLORIZER_STRATEGY={DEFAULT_STRATEGY}")
    return 0


def _bring(name: str, source: Path | None, models_dir: Path) -> Path:
    if source:
        return install(name, source, models_dir)
    with progress_bar(None, unit="B", unit_scale=True, desc=name) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        return fetch(name, models_dir, show, lambda: complain(WAITING.format(name=name)))
