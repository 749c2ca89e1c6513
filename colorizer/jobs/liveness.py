"""Which workers live: each holds a lock under its name, which the system takes back when its process ends.

Beside an SQLite file the locks are files; in PostgreSQL they are advisory locks of a session.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text


@contextmanager
def lock_of(name: str, engine: Engine) -> Iterator[bool]:
    """Try to take the lock of a worker; yields whether it was free, and lets go of it at the end.

    name: letters and digits of ours. A worker takes its own for as long as it lives. Whoever gets another's
    knows that it is dead, and is the only one to know while holding it.
    """
    if engine.dialect.name == "postgresql":
        with _advisory_lock(name, engine) as free:
            yield free
    else:
        with _file_lock(Path(f"{engine.url.database}.workers") / name) as free:
            yield free


@contextmanager
def _advisory_lock(name: str, engine: Engine) -> Iterator[bool]:
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        query = text("SELECT pg_try_advisory_lock(:number)")
        free = bool(connection.execute(query, {"number": number}).scalar_one())
        try:
            yield free
        finally:
            if free:
                connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": number})


@contextmanager
def _file_lock(path: Path) -> Iterator[bool]:
    path.parent.mkdir(exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        free = True
    except BlockingIOError:
        free = False
    try:
        yield free
        if free:
            path.unlink(missing_ok=True)
    finally:
        os.close(file)
