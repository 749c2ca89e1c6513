"""image-colorizer verify: are the installed weights still the ones that they were?"""

import argparse
import os

from colorizer.process.terminal import say
from colorizer.settings import Settings
from colorizer.weights.download import DAMAGED, verify


def run(options: argparse.Namespace) -> int:
    """Print the state of each strategy's weights; returns 1 where some are damaged."""
    states = verify(Settings.from_env(os.environ).models_dir)
    for name, state in states:
        say(f"{name}: {state}")
    return 1 if DAMAGED in dict(states).values() else 0
