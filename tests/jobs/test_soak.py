"""Many jobs while workers are killed, one after the other: nothing is lost, and nothing there twice.

Twenty jobs by default; `make soak` works off 1,000 and prints how far they are. It also looks how quick
photos over HTTP stay beside a job.
"""

import os
import time

import pytest
from offices import ANNA
from serving import gray_photo

from benchmarks import jobs
from colorizer.jobs.states import DONE

LONG = "SOAK" in os.environ
JOBS = 1000 if LONG else 20
PHOTOS = 2  # a job
KILL_SECONDS = 4.0  # or more, where a slow machine has not finished so many jobs since the last kill:
PACE = max(1, JOBS // 100)
WORKERS = 2
MOST_DELAY = 1.5  # of the 95th percentile of a photo's time, beside photos and beside a film


@pytest.mark.parametrize("office", ["sqlite"], indirect=True)
def test_jobs_survive_a_worker_killed_every_few_seconds(office, capfd):
    begun = time.monotonic()
    ids = [office.submit([gray_photo(seed=number), gray_photo(seed=JOBS + number)]) for number in range(JOBS)]
    for _ in range(WORKERS):
        office.hire()
    while left := office.records.unfinished():
        time.sleep(KILL_SECONDS)
        office.wait(lambda left=left: office.records.unfinished() <= max(0, left - PACE), 120)
        victim = office.workers[-WORKERS]
        victim.kill()
        victim.wait()
        office.hire()
        if LONG:
            with capfd.disabled():
                killed = len(office.workers) - WORKERS
                print(f"{time.monotonic() - begun:6.0f} s  {left:5} jobs left  {killed:3} killed")  # noqa: T201
    kept = [photo for id in ids for photo in office.job(id).photos]
    assert [photo.state for photo in kept] == [DONE] * JOBS * PHOTOS
    assert len({photo.image for photo in kept}) == len(kept)
    for photo in kept:
        assert sorted(office.store.images.find(ANNA, photo.image).files) == [
            "original",
            "result",
            "thumbnail",
        ]
    office.wait(lambda: office.queue.taken() == {})


@pytest.mark.skipif(not LONG, reason="what it measures wants a machine that does nothing else")
def test_photos_stay_quick_beside_a_job():
    ratios = [row["p95, times that without"] for row in jobs.measure(60.0)[1::2]]
    assert max(ratios) <= MOST_DELAY
