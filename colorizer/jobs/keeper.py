"""Keeps one worker beside the service, as a child of it: `python -m colorizer.jobs.keeper LOG_FORMAT`.

The service itself cannot: gunicorn's leading process has its own children to look after.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from colorizer.process.logs import set_up_logs

WORKER = (sys.executable, "-m", "colorizer", "worker")
LOOK_SECONDS = 0.5  # how often we look whether both still live
PAUSE_SECONDS = 1.0  # before another worker follows one that ended by itself
END_SECONDS = 30  # for a worker that was told to stop

log = logging.getLogger("colorizer")


def keep(command: Sequence[str], parent: int) -> None:
    """Run a command, and again whenever it ends with a failure, until the process `parent` is gone.

    A command that ends well was told to stop by somebody, and stays so.
    """
    status: int | None = None
    while status != 0 and os.getppid() == parent:
        worker = subprocess.Popen(command)
        status = _wait(worker, parent)
        if status:
            log.warning("The worker ended with status %d; another one follows.", status)
            time.sleep(PAUSE_SECONDS)


def _wait(worker: subprocess.Popen[bytes], parent: int) -> int:
    """Return the status of a worker that ended, or 0 when it was stopped because its parent is gone."""
    while os.getppid() == parent:
        try:
            return worker.wait(LOOK_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    _stop(worker)
    return 0


def _stop(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        worker.kill()


if __name__ == "__main__":
    set_up_logs(sys.argv[1])
    signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C reaches service and worker; we follow them
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # a terminal that closes ends no service
    keep(WORKER, os.getppid())
