"""What an archive costs beside its colouring: the command against the folder command; scheduler; manifest.

python -m benchmarks.archive [--json]
"""

import ctypes
import logging
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib import import_module
from operator import itemgetter
from pathlib import Path

from distributed import Client, LocalCluster

from benchmarks.photos import photo_file
from benchmarks.report import argument_parser, show
from colorizer.album.manifest import Manifest
from colorizer.album.outcome import Outcome, Result
from colorizer.album.places import Disk
from colorizer.album.recipe import Recipe
from colorizer.album.result_names import MARK, Job
from colorizer.archive import cluster

PHOTOS, MEGAPIXELS = 400, 0.1
TURNS = 3  # of each command with two processes; whatever else a machine does only adds
PRETENDED, WORKERS = 8_000, 2
KNOWN, FOLDER = 100_000, 1_000  # photos in a manifest, and in each of their folders
PR_SET_CHILD_SUBREAPER = 36  # of prctl(2): whoever outlives its parent is ours to wait for
STAMP = "12345678 1234567 1795747000123456789 1795747000123456789"  # as `Disk` has them
RECIPE = Recipe(("colornet",))
MACHINES = {"threads_per_worker": 1, "dashboard_address": "127.0.0.1:0", "silence_logs": logging.CRITICAL}


def main(arguments: list[str]) -> None:
    """Print the tables."""
    options = argument_parser(__doc__).parse_args(arguments)
    show("archive", _command_rows(), options.json)
    show("archive-scheduler", [_scheduler_row()], options.json)
    show("archive-manifest", [_manifest_row()], options.json)


# The command against the folder command, the start of both included, and on a cluster of one and two workers.


def _command_rows() -> list[dict]:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    photo = photo_file(MEGAPIXELS, "gray jpg")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name, "photos")
        folder.mkdir()
        for number in range(PHOTOS):
            (folder / f"scan-{number:04d}.jpg").write_bytes(photo)
        rows = _least_rows(2, folder, TURNS) + _least_rows(1, folder, 1)
        return rows + [_run_on_workers(size, folder) for size in (1, 2)]


def _least_rows(size: int, folder: Path, turns: int) -> list[dict]:
    """Return a row of each command, of several in turn that which took the processors least."""
    options = [folder, "--jobs", str(size)]
    pairs = [[_run(way, size, options) for way in ("colorize", "archive")] for _ in range(turns)]
    return [min(rows, key=itemgetter("s of processors")) for rows in zip(*pairs, strict=True)]


def _run_on_workers(size: int, folder: Path) -> dict[str, object]:
    with LocalCluster(n_workers=size, **MACHINES) as machines:
        row = _run("archive", size, [folder, "--cluster", machines.scheduler_address])
        return row | {"command": "archive --cluster", "s of processors": "-"}  # the workers' are not known


def _run(way: str, size: int, arguments: list[Path | str]) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as output:
        command = [sys.executable, "-m", "colorizer", way, *arguments, "--output", output]
        start, before = time.time(), _seconds_of(resource.RUSAGE_CHILDREN)
        subprocess.run(command, check=True, capture_output=True)
        seconds = time.time() - start
        if way == "archive" and "--cluster" not in arguments:
            _wait_for_all()
        times = sorted(path.stat().st_mtime - start for path in Path(output).glob("*.jpg"))
    return {
        "command": way,
        "processes": size,
        "s to the first": times[0],
        "s in all": seconds,
        "photos a second": (PHOTOS - 1) / (times[-1] - times[0]),
        "s of processors": _seconds_of(resource.RUSAGE_CHILDREN) - before,
    }


def _wait_for_all() -> None:
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return


def _seconds_of(whose: int) -> float:
    usage = resource.getrusage(whose)
    return usage.ru_utime + usage.ru_stime


# The scheduler and the client, with workers that do nothing.


def pretend(version: str, recipe: Recipe, jobs: list[Job]) -> list[Outcome]:
    """Say that photos were coloured, as `color_chunk` does once they are."""
    return [_outcome(job) for job in jobs]


def _outcome(job: Job) -> Outcome:
    result = Result(job.result(".jpg"), "colornet", 0.8, ("landscape", 0.5), stamp=STAMP)
    return Outcome(job.photo, "colorized", (result,), source="0" * 64)


def _jobs(number: int) -> Iterator[Job]:
    for index in range(number):
        folder = Path(f"box {index // FOLDER:05d}")
        yield Job("in" / folder / f"scan {index:07d}.jpg", "out" / folder, f"scan {index:07d}", True)


def _scheduler_row() -> dict[str, object]:
    cluster.color_chunk = import_module("benchmarks.archive").pretend  # not __main__'s: workers import it
    with (
        LocalCluster(n_workers=WORKERS, **MACHINES) as machines,
        Client(machines, set_as_default=False) as client,
    ):
        start, before = time.time(), _seconds_of(resource.RUSAGE_SELF)
        told = sum(1 for _ in cluster.colorize_on(client, RECIPE, _jobs(PRETENDED)))
        seconds, used = time.time() - start, _seconds_of(resource.RUSAGE_SELF) - before
    return {
        "photos": told,
        "photos a second": told / seconds,
        "ms of scheduler and client a photo": 1000 * used / told,
        "their share at 100 photos a second, %": 100 * 100 * used / told,
    }


# The manifest, without the time of any store.


class Imagined(Disk):
    """A place that has every file that is asked for."""

    def stamps(self, folder: Path) -> dict[str, str]:
        """Return stamps for all photos of a folder, and for their results."""
        first = FOLDER * int(folder.name.removeprefix("box "))
        names = [f"scan {index:07d}{end}" for index in range(first, first + FOLDER) for end in ("", MARK)]
        return dict.fromkeys([f"{name}.jpg" for name in names], STAMP)


def _manifest_row() -> dict[str, object]:
    recipe = Recipe(("colornet",), source=Imagined(), target=Imagined())
    with tempfile.TemporaryDirectory() as name:
        file = Path(name, "manifest.sqlite")
        start = time.process_time()
        with Manifest(recipe, file) as manifest:
            told = sum(1 for _ in manifest.noted(map(_outcome, manifest.due(_jobs(KNOWN)))))
            noted = time.process_time()
        saved = time.process_time()
        with Manifest(recipe, file) as manifest:
            read = time.process_time()
            known = sum(1 for _ in manifest.done(_jobs(KNOWN)))
            looked_up = time.process_time()
        assert known == told == KNOWN
        return {
            "photos": KNOWN,
            "us of a processor a photo to keep": 1e6 * (noted - start) / KNOWN,
            "us of a processor a photo to look up": 1e6 * (looked_up - read) / KNOWN,
            "s to save": saved - noted,
            "s to read": read - saved,
            "bytes a photo": file.stat().st_size / KNOWN,
        }


if __name__ == "__main__":
    main(sys.argv[1:])
