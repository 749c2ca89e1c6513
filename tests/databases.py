"""A real PostgreSQL server, of Debian's package postgresql, on a socket of this test run's own."""

import os
import pwd
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest


def programs() -> Path | None:
    """Return the folder of the newest PostgreSQL server on this machine, or None."""
    return max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)


@contextmanager
def postgresql(folder: Path):
    """Run a server with its files in `folder`; yields its SQLAlchemy URL. Skips where there is none."""
    found = programs()
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL is missing; .ci/run installs it.")
        pytest.skip("PostgreSQL is not installed (Debian's package postgresql).")
    options = ["-A", "trust", "-U", "colorizer", "--encoding=UTF8", "--no-locale", "--no-sync"]
    _run(folder, found / "initdb", "-D", folder / "data", *options)
    _start(folder)
    try:
        yield f"postgresql://colorizer@/postgres?host={folder}"
    finally:
        _stop(folder)


@contextmanager
def without(url: str):
    """Stop the server behind a URL of `postgresql`, and start it again when the context ends."""
    folder = Path(url.partition("host=")[2])
    _stop(folder)
    try:
        yield
    finally:
        _start(folder)


def _start(folder: Path) -> None:
    options = f"-c listen_addresses='' -k {folder} -F"
    _control(folder, "-w", "-o", options, "-l", folder / "log", "start")


def _stop(folder: Path) -> None:
    """Let it die, as without power."""
    _control(folder, "-m", "immediate", "stop")


def _control(folder: Path, *arguments: str | Path) -> None:
    _run(folder, programs() / "pg_ctl", "-D", folder / "data", *arguments)


def _run(folder: Path, *command: str | Path) -> None:
    """Run as the user postgres where we are root, which the server refuses to be."""
    as_user = ()
    if os.geteuid() == 0:
        user = pwd.getpwnam("postgres")
        shutil.chown(folder, user.pw_uid, user.pw_gid)
        as_user = ("setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
    subprocess.run([*as_user, *map(str, command)], check=True, cwd=folder, stdout=subprocess.DEVNULL)
