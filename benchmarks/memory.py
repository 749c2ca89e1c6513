"""Memory of one process of the service, without a store, before photos and after 30 of 1 megapixel.

    python -m benchmarks.memory [CHECKOUT ...] [--json]

By turns in this checkout and in others, as those of older commits (`git worktree add FOLDER COMMIT`).
"""

import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from serving import ROOT, Server, free_port, resident_mib, running

from benchmarks.photos import photo_file
from benchmarks.report import TURNS, argument_parser, show

PHOTOS = 30
GUNICORN = [sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py", "app:app", "--bind"]


def main(arguments: list[str]) -> None:
    """Measure each checkout several times, and print the medians."""
    parser = argument_parser(__doc__)
    parser.add_argument("checkout", type=Path, nargs="*")
    options = parser.parse_args(arguments)
    found = {checkout: [] for checkout in (ROOT, *options.checkout)}
    for _ in range(TURNS):
        for checkout, pairs in found.items():
            pairs.append(_measure(checkout))
    show("memory", [_row(checkout, pairs) for checkout, pairs in found.items()], options.json)


def _measure(checkout: Path) -> tuple[float, float]:
    """Return the MiB of a fresh process, and of the same after its photos."""
    photo = photo_file(1, "gray jpg")
    with _serving(checkout) as server:
        (process,) = server.wait_for_workers(1)
        before = resident_mib(process)
        for _ in range(PHOTOS):
            server.colorize(photo, Accept="image/jpeg")
        return before, resident_mib(process)


@contextmanager
def _serving(checkout: Path) -> Iterator[Server]:
    port = free_port()
    ours = {"PYTHONPATH": str(checkout), "WEB_CONCURRENCY": "1", "COLORIZER_STRATEGY": "colornet"}
    with tempfile.NamedTemporaryFile() as log:
        process = subprocess.Popen(
            [*GUNICORN, f"127.0.0.1:{port}"], cwd=checkout, env=os.environ | ours, stdout=log, stderr=log
        )
        with running(process, port, Path(log.name)) as server:
            yield server


def _row(checkout: Path, pairs: list[tuple[float, float]]) -> dict:
    before, after = (statistics.median(values) for values in zip(*pairs, strict=True))
    return {
        "checkout": checkout.name,
        "at the start MiB": before,
        f"after {PHOTOS} photos MiB": after,
        "from": min(after for _, after in pairs),
        "to": max(after for _, after in pairs),
    }


if __name__ == "__main__":
    main(sys.argv[1:])
