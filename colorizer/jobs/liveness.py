"""Which workers live: each holds a lock under its name, which the system takes back when its process ends.

Beside an SQLite file the locks are files; in PostgreSQL they are advisory locks of a session.
"""

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

STARTING_SECONDS = 3600.0  # within which a worker surely has taken the lock whose file it has made

Held = Callable[[], bool]  # whether a lock is held


@contextmanager
def lock_of(name: str, engine: Engine) -> Iterator[Held]:
    """Try to take the lock of a worker; yields what tells whether it is held, and lets go of it at the end.

    name: letters and digits of ours. A worker takes its own for as long as it lives. Whoever gets another's
    knows that it is dead, and is the only one to know while holding it.
    """
    if engine.dialect.name == "postgresql":
        with _advisory_lock(name, engine) as held:
            yield held
    else:
        with _file_lock(_folder(engine) / name) as held:
            yield held


def sweep_locks(engine: Engine) -> None:
    """Delete the files of workers that died; a lock in PostgreSQL leaves nothing."""
    if engine.dialect.name == "postgresql":
        return
    for path in _folder(engine).glob("*"):
        with suppress(FileNotFoundError):  # another sweeps too
            if path.stat().st_mtime < time.time() - STARTING_SECONDS:
                with lock_of(path.name, engine):
                    pass  # who gets it deletes the file


class OwnLock:
    """A worker's own lock, from entering the context to leaving it."""

    def __init__(self, name: str, engine: Engine) -> None:
        self._name, self._engine = name, engine
        self._holding = ExitStack()

    def __enter__(self) -> Self:
        self._take()
        return self

    def __exit__(self, *_: object) -> None:
        self._holding.close()

    def renew(self) -> bool:
        """Take the lock again where the database lost it, as when it was started anew.

        Returns whether it was held all the time. If not, others may have lost theirs too, and not have taken
        them again yet: whoever seems dead now may be alive.
        """
        if self._is_held():
            return True
        self._holding.close()
        self._take()
        return False

    def _take(self) -> None:
        self._is_held: Held = lambda: False
        self._is_held = self._holding.enter_context(lock_of(self._name, self._engine))


@contextmanager
def _advisory_lock(name: str, engine: Engine) -> Iterator[Held]:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # closed at the end, not used again: its lock ends with it
        query = text("SELECT pg_try_advisory_lock(:number)")
        free = bool(connection.execute(query, {"number": number}).scalar_one())
        yield lambda: free and _is_alive(connection)


def _is_alive(connection: Connection) -> bool:
    """Return whether a connection has not been lost. Asking also keeps firewalls from forgetting it."""
    try:
        connection.execute(text("SELECT 1"))
    except DBAPIError:
        return False
    return True


def _folder(engine: Engine) -> Path:
    """Return where the locks beside an SQLite file are."""
    return Path(f"{engine.url.database}.workers")


@contextmanager
def _file_lock(path: Path) -> Iterator[Held]:
    path.parent.mkdir(exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        free = True
    except BlockingIOError:
        free = False
    try:
        yield lambda: free
        if free:
            path.unlink(missing_ok=True)
    finally:
        os.close(file)
