"""How the commands speak: results on stdout, everything else as single lines on stderr."""

import sys

from tqdm import tqdm

PROGRAM = "image-colorizer"


def say(text: str) -> None:
    """Write a line to stdout, above a progress bar where there is one."""
    tqdm.write(text, file=sys.stdout)


def complain(message: str) -> None:
    """Write one line to stderr, whatever the message holds."""
    tqdm.write(f"{PROGRAM}: {message}".replace("\n", "\\n"), file=sys.stderr)


def progress_bar(total: int | None, **look: object) -> tqdm:
    """Return a progress bar on stderr; it shows itself only where stderr is a terminal."""
    return tqdm(total=total, file=sys.stderr, disable=None, dynamic_ncols=True, **look)
