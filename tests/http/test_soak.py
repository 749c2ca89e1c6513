"""Many photos through the real server: its memory and its descriptors stay what they were.

A hundred by default; `make soak` sends 10,000 and prints a table.
"""

import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from serving import gray_photo, resident_mib, serve

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
    with serve(tmp_path, WEB_CONCURRENCY="2") as server, ThreadPoolExecutor(CLIENTS) as pool:
        workers = server.wait_for_workers(2)
        server.wait_until_loaded(2)  # or one may do all of the first steps alone, and the other grow later
        for step in range(1, STEPS + 1):
            batch = [photos[number % len(photos)] for number in range(PHOTOS // STEPS)]
            statuses = {answer.status for answer in pool.map(server.colorize, batch)}
            assert statuses == {200}
            memory.append([resident_mib(worker) for worker in workers])
            with capfd.disabled():
                if LONG:
                    held = " ".join(f"{mebibytes:6.1f} MiB" for mebibytes in memory[-1])
                    print(f"{step * PHOTOS // STEPS:6,} photos  {held}")  # noqa: T201
        assert server.workers() == workers
        assert all(len(os.listdir(f"/proc/{worker}/fd")) < 60 for worker in workers)
    for held in zip(*memory, strict=True):
        assert max(held) - max(held[: STEPS // 3]) < GROWTH_MIB
