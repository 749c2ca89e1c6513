"""Real schedulers and workers on loopback, and the command beside them, each a process that can be killed."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

DASK = [sys.executable, "-m", "dask"]
COMMAND = [sys.executable, "-m", "colorizer", "archive"]


class Machines:
    """A scheduler and its workers."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.address, self.scheduler = "", None
        self.workers: list[subprocess.Popen] = []

    def start_scheduler(self) -> None:
        """Start a scheduler, where the last one was if there was one."""
        port = self.address.rpartition(":")[2] or "0"
        options = ["--host", "127.0.0.1", "--port", port, "--no-dashboard"]
        log = self._folder / f"scheduler-{time.monotonic_ns()}.log"
        self.scheduler = self._start([*DASK, "scheduler", *options], log)
        (self.address,) = eventually(
            lambda: re.findall(r"Scheduler at:\s*(tcp://\S+)", log.read_text()), "no scheduler"
        )

    def start_worker(self, program: Path | None = None) -> subprocess.Popen:
        """Start a worker of one thread; program: where its copy of ours lies, if it is another one."""
        options = ["--host", "127.0.0.1", "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        folder = ["--local-directory", str(self._folder)]
        log = self._folder / f"worker-{len(self.workers)}.log"
        command = [*DASK, "worker", self.address, *options, *folder]
        self.workers.append(self._start(command, log, {"PYTHONPATH": str(program)} if program else {}))
        return self.workers[-1]

    def log(self) -> str:
        """Return what the newest worker said."""
        return (self._folder / f"worker-{len(self.workers) - 1}.log").read_text()

    def close(self) -> None:
        """Kill whatever still runs."""
        for process in filter(None, [*self.workers, self.scheduler]):
            process.kill()
            process.wait()

    def _start(self, command: list[str], log: Path, variables: Mapping[str, str] = {}) -> subprocess.Popen:
        with log.open("wb") as file:
            environment = {**os.environ, **variables}
            return subprocess.Popen(command, stdout=file, stderr=file, cwd=self._folder, env=environment)


def start(*arguments: str | Path, stdout: int | BinaryIO = subprocess.PIPE) -> subprocess.Popen:
    """Start the command."""
    return subprocess.Popen(
        [*COMMAND, *map(str, arguments)], stdout=stdout, stderr=subprocess.PIPE, text=True
    )


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Run the command to its end; returns exit status, stdout and stderr."""
    process = start(*arguments)
    out, err = process.communicate(timeout=180)
    return process.returncode, out, err


def results_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*-colorized.jpg"))


def eventually(look: Callable[[], object], otherwise: str, seconds: float = 60) -> object:
    """Return what `look` finds as soon as it finds something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(otherwise)


def kill(process: subprocess.Popen) -> None:
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
