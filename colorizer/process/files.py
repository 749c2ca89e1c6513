"""Files written whole or not at all, whatever interrupts us."""

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from colorizer.errors import DiskFull, OutputError

try:
    import fcntl
except ImportError:  # Windows, where a file that is open cannot be removed anyway
    fcntl = None  # type: ignore[assignment]

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
MAKE_ROOM = "Make room and run the same command again; it goes on where this one stopped."
PART_PREFIX, PART_SUFFIX = ".image-colorizer-", ".part"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that at every moment it is either as before or complete; makes missing folders.

    Raises DiskFull, or OutputError where the folder is read-only and the like; nothing stays behind.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_and_move(path, data)
    except OSError as error:
        if error.errno in NO_ROOM:
            raise DiskFull(
                f"There is no room left in {path.parent}: {error.strerror}. {MAKE_ROOM}"
            ) from error
        raise OutputError(f"{path} cannot be written: {error.strerror}. Choose another place.") from error


def remove_abandoned_parts(folder: Path) -> None:
    """Remove what killed runs left in a folder; parts that a running process still writes are locked."""
    for part in folder.glob(f"{PART_PREFIX}*{PART_SUFFIX}"):
        with suppress(OSError), part.open("rb") as file:
            lock(file)
            part.unlink()


def _write_and_move(path: Path, data: bytes) -> None:
    file = _locked_part(path.parent)
    part = Path(file.name)
    try:
        with file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            if fcntl:
                part.replace(path)  # while it is locked
        if not fcntl:
            part.replace(path)
    except BaseException:  # Ctrl-C included
        part.unlink(missing_ok=True)
        raise


def _locked_part(folder: Path) -> BinaryIO:
    """Return a new file that is ours alone; a process that tidies may meet it before it is locked."""
    while True:
        file = (folder / f"{PART_PREFIX}{uuid4().hex}{PART_SUFFIX}").open("xb")
        with suppress(BlockingIOError):
            lock(file)
            if os.fstat(file.fileno()).st_nlink:  # it was not taken for abandoned
                return file
        file.close()
        Path(file.name).unlink(missing_ok=True)


def lock(file: BinaryIO | int) -> None:
    """Lock an open file, or its descriptor, for this process; raises BlockingIOError where another has it.

    On Windows nothing happens.
    """
    if fcntl:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
