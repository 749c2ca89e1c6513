"""Folders that belong to a running program, and are cleared away after it even where it was killed."""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path


def make_own_folder(parent: Path, prefix: str) -> Path:
    """Return a new folder, which is ours until this process and its children have ended.

    What programs that are no more left in `parent` under the same prefix is deleted.
    """
    for left in parent.glob(f"{prefix}*"):
        _delete_if_left(left)
    hidden = Path(tempfile.mkdtemp(prefix=f".{prefix}", dir=parent))
    _lock(hidden)  # before anybody can take it for left behind
    return hidden.rename(parent / hidden.name.removeprefix("."))


def _delete_if_left(folder: Path) -> None:
    with suppress(OSError):  # it is in use, or another user's
        os.close(_lock(folder))
        shutil.rmtree(folder)


def _lock(folder: Path) -> int:
    """Lock a folder for this process and those that it forks; raises BlockingIOError where others hold it."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    return handle
