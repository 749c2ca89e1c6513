"""Many photos through the real server: its memory and its descriptors stay what they were.

A hundred by default; `make soak` sends 10,000 and prints a table.
"""

import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from serving import gray_photo, serve

LONG = "SOAK" in os.environ
PHOTOS = 10_000 if LONG else 100
STEPS = 10
CLIENTS = 4
GROWTH_MIB = 24.0  # between the first steps, where caches fill, and the last
SIZES = [(640, 480), (1024, 768), (800, 1200), (333, 777)]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_is_flat(tmp_path, capfd):
    photos = [
        gray_photo(*size, seed, extension)
        for seed, size in enumerate(SIZES)
        for extension in (".jpg", ".png")
    ]
    memory = []
    with serve(tmp_path) as server, ThreadPoolExecutor(CLIENTS) as pool:
        (worker,) = server.workers()
        for step in range(1, STEPS + 1):
            batch = [photos[number % len(photos)] for number in range(PHOTOS // STEPS)]
            statuses = {answer.status for answer in pool.map(server.colorize, batch)}
            assert statuses == {200}
            memory.append(_resident_mib(worker))
            with capfd.disabled():
                if LONG:
                    print(f"{step * PHOTOS // STEPS:6,} photos  {memory[-1]:6.1f} MiB")  # noqa: T201
        assert server.workers() == [worker]
        assert len(os.listdir(f"/proc/{worker}/fd")) < 60
    settled = max(memory[: STEPS // 3])
    assert max(memory) - settled < GROWTH_MIB


def _resident_mib(process: int) -> float:
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024
