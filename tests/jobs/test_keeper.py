"""The worker that `image-colorizer serve` keeps beside a service with a store."""

import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest
from processes import is_running
from serving import ROOT, free_port, gray_photo, running

SECONDS = 30


@pytest.fixture
def server(tmp_path):
    """The service as `make run` starts it, with a store."""
    with serving(tmp_path) as server:
        yield server


@contextmanager
def serving(folder, *options: str):
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COLORIZER_")}
    environ = clean | {"COLORIZER_STRATEGY": "colornet", "COLORIZER_STORE_URL": f"file://{folder}/kept"}
    line = [sys.executable, "-m", "colorizer", "serve", "--port", str(port), *options]
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(line, cwd=ROOT, env=environ, stdout=log, stderr=log)
    with running(process, port, folder / "server.log") as server:
        yield server


def child_of(parent: int, command: str) -> int | None:
    """Return the child of a process that runs a command, or None."""
    found = subprocess.run(["pgrep", "-P", str(parent), "-f", command], capture_output=True, check=False)
    return int(found.stdout) if found.stdout else None


def wait_for(find):
    """Return what `find` returns as soon as that is true."""
    end = time.monotonic() + SECONDS
    while not (found := find()):
        assert time.monotonic() < end
        time.sleep(0.1)
    return found


def test_a_worker_runs_beside_the_service_follows_one_that_died_outlives_a_terminal_and_ends_with_it(server):
    keeper = wait_for(lambda: child_of(server.process.pid, "jobs.keeper"))
    first = wait_for(lambda: child_of(keeper, "worker"))
    os.kill(first, signal.SIGKILL)
    second = wait_for(lambda: child_of(keeper, "worker") not in (None, first) and child_of(keeper, "worker"))
    assert "The worker ended with status -9; another one follows." in server.log
    for process in (keeper, second):  # as all of a terminal that is closed, where the service goes on
        os.kill(process, signal.SIGHUP)

    started = server.request("POST", "/api/v1/jobs", gray_photo())
    address, cookie = started.headers["Location"], started.headers["Set-Cookie"].partition(";")[0]
    wait_for(lambda: server.request("GET", address, Cookie=cookie).json["state"] == "done")
    assert (child_of(server.process.pid, "jobs.keeper"), child_of(keeper, "worker")) == (keeper, second)

    server.process.terminate()
    server.process.wait(SECONDS)
    wait_for(lambda: not is_running(second) and not is_running(keeper))
    assert "Traceback" not in server.log


def test_it_stays_away_where_workers_run_elsewhere(tmp_path):
    with serving(tmp_path, "--no-worker") as server:
        assert child_of(server.process.pid, "jobs.keeper") is None
        assert server.request("POST", "/api/v1/jobs", gray_photo()).json["state"] == "queued"
