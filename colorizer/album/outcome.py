"""What became of one photo of a run."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

State = Literal["colorized", "done before", "failed", "left out"]


@dataclass(frozen=True)
class Result:
    """One file with a photo's colours, and what is known about it; None where it was made by an earlier run.

    confidence: 0 to 1. scene: (name, share). strategy: None for the picture that compares several. stamp: of
    the file as it was written, or found valid (see `places.Place`).
    """

    path: Path
    strategy: str | None = None
    confidence: float | None = None
    scene: tuple[str, float] | None = None
    stamp: str = ""


@dataclass(frozen=True)
class Outcome:
    """What became of one photo.

    results: the files that hold its colours. again: whether they replace results that were no longer valid.
    already_colored: whether it was in colour before. frames: how many pictures its file holds, of which the
    first was coloured. source: the SHA-256 of the photo's file, in hexadecimal digits.
    problem: why it failed or was left out. fatal: whether every other photo would fail for that too.
    """

    photo: Path
    state: State
    results: tuple[Result, ...] = ()
    again: bool = False
    already_colored: bool = False
    frames: int = 1
    source: str = ""
    problem: str = ""
    fatal: bool = False
