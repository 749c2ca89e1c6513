"""The files of a run, which may be anything that a folder can hold."""

import os
from pathlib import Path

from colorizer.album.find import kind_of
from colorizer.errors import NotAPhoto, PhotoError
from colorizer.photo.limits import DEFAULT_LIMITS, Limits

NO_WAITING = getattr(os, "O_NONBLOCK", 0)  # Windows has no pipes among its files


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


def identity(path: Path) -> tuple[int, int] | None:
    """Return device and inode, which two names of the same file have in common; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino
