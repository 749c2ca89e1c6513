"""The coloured film while it is not finished: pieces of some seconds in a folder beside the result.

A piece that is there is whole: it is written under another name, and its list of moments is moved into place
last. So work that was stopped, even by kill -9, goes on after the last piece. A piece's name has its place in
the film and the digest of all that it was made from, so that one of other options is never taken for it.
"""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from colorizer.errors import OutputError
from colorizer.process.files import PART_PREFIX, PART_SUFFIX, lock, write_whole

LOCK = "lock"
READ_AT_ENDS = 1 << 20  # bytes of the film that tell it from another


class Moment(NamedTuple):
    """What is noted of a frame, by which a later run knows it again.

    time: in ticks from the start of the cut. trace: a checksum of its luma, as it was read.
    """

    time: int
    trace: int


@dataclass(frozen=True)
class Piece:
    """Some seconds of coloured film: its file, and the moment of each frame."""

    path: Path
    moments: list[Moment]

    @property
    def times(self) -> list[int]:
        """The time of each frame, in ticks."""
        return [moment.time for moment in self.moments]


class Pieces:
    """The pieces of one film, whatever options they were made with."""

    def __init__(self, folder: Path, suffix: str) -> None:
        """folder: where they are, which exists; suffix: of their files."""
        self.folder = folder
        self._suffix = suffix

    def find(self, name: str) -> Piece | None:
        """Return a piece of this name, if it is whole."""
        try:
            moments = json.loads(self._moments(name).read_bytes())
            return Piece(self._file(name), [Moment(*moment) for moment in moments])
        except (OSError, ValueError, TypeError):
            return None

    def draft(self) -> Path:
        """Return where to write the next piece."""
        return self.folder / f"draft.{self._suffix}"

    def keep(self, name: str, moments: list[Moment]) -> Piece:
        """Take over the draft, which is whole, under a name."""
        self.draft().replace(self._file(name))
        write_whole(self._moments(name), json.dumps(moments).encode())
        return Piece(self._file(name), moments)

    def _file(self, name: str) -> Path:
        return self.folder / f"{name}.{self._suffix}"

    def _moments(self, name: str) -> Path:
        return self.folder / f"{name}.json"


@contextmanager
def pieces_for(target: Path, suffix: str) -> Iterator[Pieces]:
    """Keep the folder of a result's pieces while it is worked on; it goes when the work ends well.

    Raises OutputError where the folder cannot be made, or somebody else is at the same result.
    """
    folder = target.parent / f"{PART_PREFIX}{target.name}{PART_SUFFIX}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / LOCK).open("a+b") as note:
            _lock(note.fileno(), target)
            try:
                yield Pieces(folder, suffix)
                shutil.rmtree(folder)
            finally:
                if not any(folder.glob("*.json")):  # there is nothing to go on with
                    shutil.rmtree(folder, ignore_errors=True)
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
