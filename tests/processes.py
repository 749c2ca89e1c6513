"""Other processes, as the system tells of them."""

import os
import signal
import subprocess
import time
from contextlib import contextmanager


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, check=False)
    return [int(line) for line in found.stdout.split()]


def is_running(pid: int) -> bool:
    """Return whether a process runs; one that has ended does not, though nobody has waited for it yet."""
    return _state(pid) not in ("", "Z")


@contextmanager
def suspended(pid: int):
    """Let a process stand still while the context lasts."""
    os.kill(pid, signal.SIGSTOP)
    try:
        while _state(pid) != "T":
            time.sleep(0.01)
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def _state(pid: int) -> str:
    """Return the letter that ps has for a process, or "" where there is none."""
    found = subprocess.run(
        ["ps", "-o", "state=", "-p", str(pid)], capture_output=True, check=False, text=True
    )
    return found.stdout.strip()
