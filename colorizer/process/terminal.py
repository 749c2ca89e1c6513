"""How the commands speak: results on stdout, everything else as single lines on stderr."""

import sys
from typing import Any, NoReturn

from tqdm import tqdm

PROGRAM = "image-colorizer"


def say(text: str) -> None:
    """Write a line to stdout, above a progress bar where there is one."""
    tqdm.write(text, file=sys.stdout)


def complain(message: str) -> None:
    """Write one line to stderr, whatever the message holds."""
    tqdm.write(f"{PROGRAM}: {message}".replace("\n", "\\n"), file=sys.stderr)


def progress_bar(total: int | None, **look: Any) -> "tqdm[NoReturn]":
    """Return a progress bar on stderr; it shows itself only on a terminal, and not for one thing alone."""
    hidden = True if total == 1 else None  # None: where stderr is no terminal
    bar: tqdm[NoReturn] = tqdm(total=total, file=sys.stderr, disable=hidden, dynamic_ncols=True, **look)
    return bar
