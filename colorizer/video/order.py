"""What is asked of the process that colours a film apart (apart.py), and what it says, as JSON has them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

PIECES, FRAMES, RESULT = "pieces", "frames.jpg", "result"  # in the folder of an order
# What is said, a line each, {what: ...}: the film as it was found, how many frames are done, of how many,
# the name of a piece that is whole, the end, or why there is none.
FILM, DONE, PIECE, END, PROBLEM, NO_ROOM = "film", "done", "piece", "end", "problem", "no room"
LAST = (END, PROBLEM, NO_ROOM)


@dataclass(frozen=True)
class Order:
    """A film that is to be coloured.

    source: its file; folder: of the pieces, the frames and the result; strategy, models_dir, device: as
    `create_strategy` takes them. saturation, warmth, hints: as `FilmOptions` and `parse_timed_hints` do.
    longest: seconds that are taken; most_pixels: of a frame. niceness: more than that of the caller.
    """

    source: str
    folder: str
    strategy: str
    models_dir: str | None
    device: str
    saturation: float
    warmth: float
    hints: list[dict[str, Any]]
    longest: float
    most_pixels: int
    niceness: int

    @property
    def pieces(self) -> Path:
        """The folder of the pieces, which the caller makes; those that are there already are used."""
        return Path(self.folder) / PIECES
