"""Files written whole or not at all, whatever interrupts us."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from colorizer.errors import OutputError

PART_PREFIX, PART_SUFFIX = ".image-colorizer-", ".part"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that at every moment it is either as before or complete; makes missing folders.

    Raises OutputError where the disk is full, the folder is read-only and the like; nothing stays behind.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_and_move(path, data)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error.strerror}. Choose another place.") from error


def remove_abandoned_parts(folder: Path) -> None:
    """Remove what killed runs left in a folder; parts that a running process still writes are locked."""
    for part in folder.glob(f"{PART_PREFIX}*{PART_SUFFIX}"):
        with suppress(OSError), part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()


def _write_and_move(path: Path, data: bytes) -> None:
    part = path.parent / f"{PART_PREFIX}{uuid4().hex}{PART_SUFFIX}"
    try:
        with part.open("xb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            part.replace(path)
    except BaseException:  # Ctrl-C included
        part.unlink(missing_ok=True)
        raise
