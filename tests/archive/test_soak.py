"""The long run: 20,000 photos on a cluster of which a worker is killed every minute (`make soak-archive`)."""

import json
import os
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from machines import kill, results_in, run, start
from photos import encode, gray_scene

from colorizer.album.run import colorize_folder
from colorizer.process.files import PART_PREFIX

PHOTOS = int(os.environ.get("SOAK_PHOTOS", "20000"))
KILL_SECONDS = float(os.environ.get("SOAK_KILL_SECONDS", "60"))
WORKERS = 2
BOX = 500  # photos a folder


@pytest.fixture
def archive(tmp_path):
    """Copies of one photo with small changes, so that no two are alike."""
    scene = gray_scene(128, 96)
    for number in range(PHOTOS):
        path = tmp_path / "in" / f"box {number // BOX}" / f"scan {number:05d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        changed = np.roll(scene, number % 128, axis=1) // 2 + np.uint8(number % 100)
        path.write_bytes(encode(changed, "JPEG") + b"%d" % number)
    return tmp_path


@pytest.mark.skipif("SOAK" not in os.environ, reason="takes some 15 minutes: make soak-archive")
def test_each_photo_comes_once_and_whole_while_workers_are_killed(archive, machines, capfd):
    for _ in range(WORKERS):
        machines.start_worker()
    told = archive / "told.jsonl"
    begun = time.monotonic()
    killed = color_while_workers_die(archive, machines, told)
    seconds = time.monotonic() - begun
    outcomes = [json.loads(line) for line in told.read_text().splitlines()]
    states = Counter(outcome["state"] for outcome in outcomes)
    with capfd.disabled():
        print(  # noqa: T201
            f"\n{PHOTOS:,} photos in {seconds:.0f} s, {PHOTOS / seconds:.1f} a second,"
            f" {killed} workers killed; told: {dict(states)}"
        )
    assert len({outcome["photo"] for outcome in outcomes}) == len(outcomes) == PHOTOS
    assert set(states) <= {"colorized", "done before"}  # the latter by a worker that died before it told
    assert_complete(archive, machines)


def color_while_workers_die(archive: Path, machines, told: Path) -> int:
    """Run the command to its end, and return how many workers were killed meanwhile."""
    options = ["--output", archive / "out", "--cluster", machines.address, "--json"]
    with told.open("wb") as file:
        process = start(archive / "in", *options, stdout=file)
    next_kill = time.monotonic() + KILL_SECONDS
    while process.poll() is None:
        time.sleep(0.2)
        if time.monotonic() > next_kill:
            kill(machines.workers[-WORKERS])
            machines.start_worker()
            next_kill += KILL_SECONDS
    _, err = process.communicate()
    assert process.returncode == 0, err
    return len(machines.workers) - WORKERS


def assert_complete(archive: Path, machines) -> None:
    """A rerun finds all done by the manifest, and the folder command by the results, each read whole."""
    status, _, err = run(archive / "in", "--output", archive / "out", "--cluster", machines.address)
    assert (status, f"0 colorized, {PHOTOS} done before, 0 failed" in err) == (0, True), err
    assert len(results_in(archive / "out")) == PHOTOS
    assert not [*(archive / "out").rglob(f"{PART_PREFIX}*")]
    states = Counter(
        each.state for each in colorize_folder(archive / "in", archive / "out", recursive=True, jobs=2)
    )
    assert states == {"done before": PHOTOS}
