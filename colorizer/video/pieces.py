"""The coloured film while it is not finished: pieces of some seconds in a folder beside the result.

A piece that is there is whole: it is written under another name, and its list of times is moved into place
last. So work that was stopped, even by kill -9, goes on after the last piece; what was asked for is noted in
the folder too, and pieces of another film or of other options are thrown away.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from colorizer.errors import OutputError
from colorizer.process.files import PART_PREFIX, PART_SUFFIX, lock, write_whole

ORDER = "order.json"
READ_AT_ENDS = 1 << 20  # bytes of the film that tell it from another


@dataclass(frozen=True)
class Piece:
    """Some seconds of coloured film: its file, and the time of each frame, in ticks."""

    path: Path
    times: list[int]


class Pieces:
    """The pieces of one film that is being coloured."""

    def __init__(self, folder: Path, suffix: str) -> None:
        """folder: what `pieces_for` keeps; suffix: of the pieces' files."""
        self.folder = folder
        self._suffix = suffix

    def finished(self) -> list[Piece]:
        """Return the pieces that are whole, in order, up to the first that is missing."""
        pieces: list[Piece] = []
        while (piece := self._read(len(pieces))) is not None:
            pieces.append(piece)
        return pieces

    def draft(self, number: int) -> Path:
        """Return where to write piece `number`."""
        return self.folder / f"draft-{number:05}.{self._suffix}"

    def keep(self, number: int, times: list[int]) -> None:
        """Take over the draft of piece `number`, which is whole."""
        self.draft(number).replace(self._file(number))
        write_whole(self._times(number), json.dumps(times).encode())

    def _read(self, number: int) -> Piece | None:
        try:
            return Piece(self._file(number), json.loads(self._times(number).read_bytes()))
        except (OSError, ValueError):
            return None

    def _file(self, number: int) -> Path:
        return self.folder / f"{number:05}.{self._suffix}"

    def _times(self, number: int) -> Path:
        return self.folder / f"{number:05}.json"


@contextmanager
def pieces_for(target: Path, order: dict[str, object], suffix: str) -> Iterator[Pieces]:
    """Keep the folder of a result's pieces while it is worked on; it goes when the work ends well.

    order: what is asked for, as JSON can hold it; pieces of another order are thrown away.
    Raises OutputError where the folder cannot be made, or somebody else is at the same result.
    """
    folder = target.parent / f"{PART_PREFIX}{target.name}{PART_SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / ORDER).open("a+b") as note:
            _lock(note.fileno(), target)
            _start_anew_unless(folder, order)
            yield Pieces(folder, suffix)
            shutil.rmtree(folder)
    except OSError as error:
        raise OutputError(f"{target} cannot be written: {error.strerror}. Choose another place.") from error


def film_digest(path: Path) -> str:
    """Return what tells a film's file from another: the digest of its size, its first and last megabyte."""
    size = path.stat().st_size
    digest = sha256(str(size).encode())
    with path.open("rb") as file:
        digest.update(file.read(READ_AT_ENDS))
        file.seek(max(0, size - READ_AT_ENDS))
        digest.update(file.read(READ_AT_ENDS))
    return digest.hexdigest()


def _lock(file: int, target: Path) -> None:
    try:
        lock(file)
    except BlockingIOError as error:
        raise OutputError(f"Another run is writing {target} already.") from error


def _start_anew_unless(folder: Path, order: dict[str, object]) -> None:
    """Throw away pieces that were made to another order."""
    note = folder / ORDER
    wanted = json.dumps(order, sort_keys=True)
    if note.read_text() == wanted:
        return
    for path in folder.iterdir():
        if path != note:
            path.unlink()
    note.write_text(wanted)  # the same file, since it is locked
