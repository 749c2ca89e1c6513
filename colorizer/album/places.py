"""Where photos come from and results go to: the folders of this machine, or what else keeps bytes by name.

Plan, names, validity and colouring know a Place and no more, so that all places are treated alike.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from filelock import FileLock

from colorizer.album.find import Listing, kind_of, list_folder
from colorizer.errors import NotAPhoto, PhotoError
from colorizer.photo.limits import DEFAULT_LIMITS, Limits
from colorizer.process.files import remove_abandoned_parts, write_whole

NO_WAITING = getattr(os, "O_NONBLOCK", 0)  # Windows has no pipes among its files


class Place(Protocol):
    """Files by path. One is named in messages and travels to other processes, so it pickles and hashes.

    A stamp is a short text that tells a file from any that takes its place: equal stamps, equal bytes.
    """

    def is_folder(self, path: Path) -> bool:
        """Whether a path is that of a folder."""

    def list(self, folder: Path) -> Listing:
        """Return what a folder holds; raises OSError where that cannot be read."""

    def read(self, path: Path, limits: Limits = DEFAULT_LIMITS) -> bytes:
        """Return the bytes of a file; raises PhotoError where there is none, or it is too large."""

    def stamp(self, path: Path) -> str | None:
        """Return the stamp of what has this name, readable or not; None where nothing has."""

    def stamps(self, folder: Path) -> dict[str, str]:
        """Return the stamps of a folder's files by name; none where it cannot be looked into."""

    def write(self, path: Path, data: bytes) -> str:
        """Write a file whole or not at all, and return its stamp; raises OutputError, or DiskFull."""

    def replace(self, path: Path, data: bytes, stamp: str | None) -> str | None:
        """Do as `write` where the file still has this stamp (None: where there is none).

        Otherwise write nothing and return None: somebody else was quicker.
        """

    def tidy(self, folder: Path) -> None:
        """Remove what killed runs left in a folder."""


@dataclass(frozen=True)
class Disk:
    """The folders of this machine."""

    def is_folder(self, path: Path) -> bool:
        """See `Place`; a link to a folder is one."""
        return path.is_dir()

    def list(self, folder: Path) -> Listing:
        """See `Place`."""
        return list_folder(folder)

    def read(self, path: Path, limits: Limits = DEFAULT_LIMITS) -> bytes:
        """See `Place`."""
        return read_file(path, limits)

    def stamp(self, path: Path) -> str | None:
        """See `Place`; a dead link is something."""
        try:
            return _stamp(path.stat())
        except OSError:
            return "unreadable" if os.path.lexists(path) else None

    def stamps(self, folder: Path) -> dict[str, str]:
        """See `Place`."""
        try:
            found = {path.name: self.stamp(path) for path in folder.iterdir()}
        except OSError:
            return {}
        return {name: stamp for name, stamp in found.items() if stamp}

    def write(self, path: Path, data: bytes) -> str:
        """See `Place`; makes missing folders."""
        write_whole(path, data)
        return _stamp(path.stat())

    def replace(self, path: Path, data: bytes, stamp: str | None) -> str | None:
        """See `Place`; all who do this at once wait for one another at a lock beside the file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.with_name(f".{path.name}.lock")):
            return self.write(path, data) if self.stamp(path) == stamp else None

    def tidy(self, folder: Path) -> None:
        """See `Place`."""
        remove_abandoned_parts(folder)


DISK = Disk()


def read_file(path: Path, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Return the bytes of a regular file; raises PhotoError where it cannot be read, is none or too large.

    Opening a pipe would wait for somebody to write into it: hence the flag, which changes nothing for files.
    """
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | NO_WAITING)) as file:
            status = os.fstat(file.fileno())
            if kind := kind_of(status.st_mode):
                raise NotAPhoto(f"This is {kind}, not a file. To read from a stream, name - in its place.")
            limits.check_bytes(status.st_size)
            data = file.read(-1 if limits.max_bytes is None else limits.max_bytes + 1)
    except OSError as error:
        raise PhotoError(f"The file cannot be read: {error.strerror}.") from error
    limits.check_bytes(len(data))
    return data


def _stamp(status: os.stat_result) -> str:
    """Return the file's own number, its size and its times; ctime is none that a copying program can set."""
    return f"{status.st_ino} {status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}"


def identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode, which two names of the same file have in common; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
