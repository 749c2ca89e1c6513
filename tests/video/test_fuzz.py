"""Random changes of small films, for FUZZ_SECONDS: 2 unless set; `make fuzz` takes ten minutes.

The films are coloured in a child process, since what FFmpeg does with a broken file may end the process. A
file that ends wrongly is kept in tests/data/fuzz-films/, where every later run of the tests finds it.
"""

import hashlib
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest
from films import Clip

ROOT = Path(__file__).parents[2]
FOUND = ROOT / "tests" / "data" / "fuzz-films"
SECONDS = float(os.environ.get("FUZZ_SECONDS", "2"))
LONGEST = 30  # seconds for one small film
CHILD = """
import sys, warnings
from pathlib import Path
from photos import WarmCool
from colorizer.errors import ColorizerError
from colorizer.video.coloring import colorize_video
for line in sys.stdin:
    path = Path(line.strip())
    try:
        outcome = "film" if colorize_video(path, path.with_suffix(".mp4"), WarmCool()).frames else "nothing"
    except ColorizerError as error:
        outcome = error.code
    print("OUTCOME", outcome, flush=True)
"""


class Child:
    """A process that colours the films whose paths it is sent."""

    def __init__(self):
        environ = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen([sys.executable, "-c", CHILD], env=environ, text=True, **pipes)

    def judge(self, path):
        """What became of a film; anything but an outcome is a fault."""
        start = time.monotonic()
        self.process.stdin.write(f"{path}\n")
        self.process.stdin.flush()
        timer = threading.Timer(LONGEST, self.process.kill)
        timer.start()
        while (line := self.process.stdout.readline()) and not line.startswith("OUTCOME"):
            pass
        timer.cancel()
        assert line.split()[1:] != ["output-failed"], "the disk is blamed for what is wrong with the film"
        assert line, f"the process ended with {self.process.wait()}, after {time.monotonic() - start:.0f} s"
        return line.split()[1]

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def child():
    child = Child()
    yield child
    child.close()


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    """One small film of each kind of container."""
    folder = tmp_path_factory.mktemp("seeds")
    ms = {"time_base": Fraction(1, 1000), "times": range(0, 480, 40)}
    ticks = {"options": {}, "time_base": Fraction(1, 25), "times": range(12)}
    clips = {
        "a.mp4": Clip(audio=("aac",)),
        "a.mkv": Clip(subtitles=("subrip",)),
        "a.webm": Clip(codec="libvpx-vp9", options={}, **ms),
        "a.avi": Clip(codec="mpeg4", **ticks),
        "a.mpg": Clip(codec="mpeg2video", **ticks),
        "a.wmv": Clip(codec="wmv2", **ticks),
        "a.ts": Clip(audio=("aac",), time_base=Fraction(1, 25), times=range(12)),
    }
    return [clip.write(folder / name).read_bytes() for name, clip in clips.items()]


def changed(data, other, chance):
    """A film after a few changes, most of them near its ends, where the structure is."""
    data = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        reach = chance.choice((60, 400, 2000, len(data)))
        place = chance.randrange(min(reach, len(data)))
        at = place if chance.random() < 0.5 else len(data) - 1 - place
        kind = chance.randrange(7)
        if kind < 2:
            data[at : at + 1] = bytes([chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))])
        elif kind == 2:
            data[at : at + 4] = chance.choice((bytes(4), b"\xff" * 4, b"\x7f\xff\xff\xff"))
        elif kind == 3:
            del data[at : at + chance.randint(1, 300)]
        elif kind == 4:
            del data[max(1, at) :]
        elif kind == 5:  # as reception is bad
            for _ in range(chance.randint(5, 200)):
                data[chance.randrange(len(data))] = chance.randrange(256)
        else:
            data[at:at] = other[chance.randrange(len(other)) :][: chance.randint(1, 400)]
        data = data or bytearray(1)
    return bytes(data)


def test_random_changes(child, seeds, tmp_path):
    chance, outcomes, deadline = random.Random(0), Counter(), time.monotonic() + SECONDS
    while outcomes.total() < 12 or time.monotonic() < deadline:
        data = changed(chance.choice(seeds), chance.choice(seeds), chance)
        path = tmp_path / "film.bin"
        path.write_bytes(data)
        try:
            outcomes[child.judge(path)] += 1
        except AssertionError:
            FOUND.mkdir(parents=True, exist_ok=True)
            (FOUND / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
            raise
    print(f"{outcomes.total()} films: {dict(outcomes)}")  # noqa: T201
    assert outcomes["film"] > outcomes.total() / 20


@pytest.mark.parametrize("path", sorted(FOUND.glob("*")), ids=lambda path: path.name)
def test_what_was_found_before(path, child, tmp_path):
    copy = tmp_path / "film.bin"
    copy.write_bytes(path.read_bytes())
    child.judge(copy)
