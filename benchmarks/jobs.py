"""Photos over HTTP beside a running job: their times without it and with it, by turns in one run.

    python -m benchmarks.jobs [--seconds 60] [--json]

In every other turn the worker is stopped in its tracks (SIGSTOP), so that whatever else the machine does
strikes both alike. The job is over 300 photos of 1 megapixel, then over a film of 480 lines.
"""

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serving import ROOT, Server, multipart, serve

from benchmarks.clips import made_clip, write_gray
from benchmarks.photos import photo_file
from benchmarks.report import argument_parser, show
from benchmarks.server import Load, put_under_load

CLIENTS = 2
TURNS = 6  # of each kind
PHOTOS, FRAMES = 300, 1200
START_SECONDS = 60


def main(arguments: list[str]) -> None:
    """Measure beside each kind of job, and print the table."""
    parser = argument_parser(__doc__)
    parser.set_defaults(seconds=60.0)
    options = parser.parse_args(arguments)
    show("jobs", measure(options.seconds), options.json)


def measure(seconds: float) -> list[dict]:
    """Return the rows of both kinds of job, each put under load for so many seconds."""
    with tempfile.TemporaryDirectory() as folder, _keeping(Path(folder)) as (server, worker):
        rows = _beside(server, worker, "photos", _photos(), seconds)
        return rows + _beside(server, worker, "a film", _film(Path(folder)), seconds)


@contextmanager
def _keeping(folder: Path) -> Iterator[tuple[Server, subprocess.Popen]]:
    """Run the service with a store, and a worker beside it."""
    environ = {
        "COLORIZER_STRATEGY": "colornet",
        "COLORIZER_STORE_URL": f"file://{folder}/kept",
        "COLORIZER_MAX_JOB_MB": "1000",
        "COLORIZER_OWNER_QUOTA_MB": "2000",
    }
    with serve(folder, **environ) as server:
        line = [sys.executable, "-m", "colorizer", "worker"]
        worker = subprocess.Popen(line, cwd=ROOT, env=os.environ | environ, start_new_session=True)
        try:
            yield server, worker
        finally:
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()


def _photos() -> list[tuple[str, bytes, str]]:
    return [("image", photo_file(1, "gray jpg"), f"{number}.jpg") for number in range(PHOTOS)]


def _film(folder: Path) -> list[tuple[str, bytes, str]]:
    write_gray(made_clip(480, FRAMES), folder / "film.mp4", "libx264")
    return [("film", (folder / "film.mp4").read_bytes(), "film.mp4")]


def _beside(server: Server, worker: subprocess.Popen, kind: str, files: list, seconds: float) -> list[dict]:
    job, cookie = _start(server, files)
    loads = {"without": (signal.SIGSTOP, Load()), "beside": (signal.SIGCONT, Load())}
    photo = photo_file(1, "gray jpg")
    for number, load in itertools.chain.from_iterable([loads.values()] * TURNS):
        os.killpg(worker.pid, number)  # the process that colours a film is a child of it
        clients = [[photo]] * CLIENTS
        load.answers += asyncio.run(put_under_load(server.port, clients, 0, seconds / TURNS / 2)).answers
    assert server.request("GET", job, Cookie=cookie).json["state"] == "running", "Let the job be longer."
    server.request("DELETE", job, Cookie=cookie)
    rows = [load.row(f"{name} {kind}", seconds / 2) for name, (_, load) in loads.items()]
    ratio = rows[1]["p95 ms"] / rows[0]["p95 ms"]
    return [rows[0], rows[1] | {"p95, times that without": ratio}]


def _start(server: Server, files: list[tuple[str, bytes, str]]) -> tuple[str, str]:
    """Start a job and wait until it is under way; returns its address and its owner's cookie."""
    body, kind = multipart(*files)
    started = server.request("POST", "/api/v1/jobs", body, Content_Type=kind)
    address, cookie = started.headers["Location"], started.headers["Set-Cookie"].partition(";")[0]
    deadline = time.monotonic() + START_SECONDS
    while not server.request("GET", address, Cookie=cookie).json["progress"]["done"]:
        assert time.monotonic() < deadline, server.log
        time.sleep(0.1)
    return address, cookie


if __name__ == "__main__":
    main(sys.argv[1:])
