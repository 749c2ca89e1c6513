"""How the commands speak: results on stdout, everything else as single lines on stderr."""

import re
import sys
from typing import Any, NoReturn

from tqdm import tqdm

PROGRAM = "image-colorizer"
LINE = (
    "{percentage:3.0f}%|{bar}| {n_fmt}/{total_fmt}"
    " [{a_second:.1f} photos a second, {remaining} left, {failures} failed]"
)
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def say(text: str) -> None:
    """Write a line to stdout, above a progress bar where there is one; as it is, but for terminals."""
    tqdm.write(visible(text) if sys.stdout.isatty() else text, file=sys.stdout)


def complain(message: str) -> None:
    """Write one line to stderr, whatever the message holds."""
    tqdm.write(f"{PROGRAM}: {visible(message)}", file=sys.stderr)


def visible(text: str) -> str:
    """Return a text in which what would move, colour or turn a terminal's letters is written as \\x1b."""
    return UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)


def progress_bar(total: int | None, **look: Any) -> "tqdm[NoReturn]":
    """Return a progress bar on stderr; it shows itself only on a terminal, and not for one thing alone."""
    hidden = True if total == 1 else None  # None: where stderr is no terminal
    bar: tqdm[NoReturn] = tqdm(total=total, file=sys.stderr, disable=hidden, dynamic_ncols=True, **look)
    return bar


class PhotoBar(tqdm):  # type: ignore[type-arg]
    """A progress bar of photos that knows how many there are a second, and how many failed so far."""

    failures = 0

    def __init__(self, total: int | None, hidden: bool) -> None:
        """Show progress on stderr where that is a terminal, and there is more than one photo.

        total: None where nobody knows, and nothing is shown.
        """
        super().__init__(
            total=total,
            file=sys.stderr,
            disable=True if hidden or total in (None, 1) else None,
            dynamic_ncols=True,
            bar_format=LINE,
        )

    @property
    def format_dict(self) -> dict[str, Any]:
        """Return what the line is made of."""
        known = super().format_dict
        rate = known["rate"] or (known["n"] / known["elapsed"] if known["elapsed"] else 0)
        return {**known, "a_second": rate, "failures": self.failures}
