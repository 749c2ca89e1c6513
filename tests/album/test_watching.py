"""A folder in which photos arrive, and the command that colours them: real files, real signals."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from machines import eventually
from photos import encode, gray_scene
from processes import children_of, is_running

from colorizer.album import watching
from colorizer.album.plan import Target
from colorizer.album.recipe import Recipe
from colorizer.album.run import colorize_folder

PHOTO = encode(gray_scene(400, 300), "JPEG")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "in").mkdir()
    return tmp_path


@pytest.fixture
def watcher(folder):
    """Start the command; whatever still runs at the end is killed."""
    started = []

    def start() -> subprocess.Popen:
        command = [sys.executable, "-m", "colorizer", "watch", "in", "--output", "out", "--jobs", "1"]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        pipe = subprocess.PIPE
        started.append(
            subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True)
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def arrives(folder: Path, name: str, data: bytes = PHOTO) -> None:
    path = folder / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data + name.encode())


def results(folder: Path) -> set[str]:
    return {str(path.relative_to(folder / "out")) for path in (folder / "out").rglob("*.jpg")}


def stop(process: subprocess.Popen, number: int) -> str:
    """Stop a watcher as a terminal or a service manager does; returns what it said."""
    children = children_of(process.pid)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    eventually(lambda: not any(map(is_running, children)), "its children run on")
    return err


def test_what_arrives_is_colored_and_what_arrived_meanwhile_too(folder, watcher):
    arrives(folder, "there before.jpg")
    process = watcher()
    eventually(lambda: results(folder), "what was there was not coloured")
    arrives(folder, "box/new.jpg")
    expected = {"there before-colorized.jpg", "box/new-colorized.jpg"}
    eventually(lambda: results(folder) == expected, "what arrived was not coloured")
    assert " 0 failed" in stop(process, signal.SIGTERM)
    times = {name: (folder / "out" / name).stat().st_mtime_ns for name in expected}
    arrives(folder, "while it was off.jpg")
    process = watcher()
    eventually(lambda: len(results(folder)) == 3, "what arrived meanwhile was not coloured")
    assert " 0 failed" in stop(process, signal.SIGINT)
    assert {name: (folder / "out" / name).stat().st_mtime_ns for name in expected} == times
    assert {each.state for each in colorize_folder(folder / "in", folder / "out", recursive=True)} == {
        "done before"
    }


def test_killed_at_any_moment_it_goes_on_with_its_next_start(folder, watcher):
    for number in range(12):
        arrives(folder, f"{number}.jpg")
    process = watcher()
    eventually(lambda: results(folder), "nothing was coloured")
    process.kill()
    process.communicate()
    process = watcher()
    eventually(lambda: len(results(folder)) == 12, "it did not go on")
    assert " 0 failed" in stop(process, signal.SIGTERM)
    states = [outcome.state for outcome in colorize_folder(folder / "in", folder / "out")]
    assert states == ["done before"] * 12


class Watch:
    """The same without a command around it, for waits that are short; a context."""

    def __init__(self, folder: Path) -> None:
        self.told, self._stop = [], threading.Event()
        arguments = folder / "in", Target(folder=folder / "out"), Recipe(("colornet",)), 1, self._stop
        self._thread = threading.Thread(target=lambda: self.told.extend(self._noting(arguments)))

    def _noting(self, arguments):
        for outcome in watching.color_arrivals(*arguments):
            self.told.append(outcome)
        return ()

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def states(self) -> dict[str, list[str]]:
        """What was told of each photo."""
        told: dict[str, list[str]] = {}
        for outcome in self.told:
            told.setdefault(outcome.photo.name, []).append(outcome.state)
        return told


@pytest.fixture
def short_waits(monkeypatch):
    monkeypatch.setattr(watching, "WAITS", (0.4, 4.0))


def test_a_file_that_is_still_being_copied_is_waited_for(folder, short_waits):
    with Watch(folder) as watch:
        with (folder / "in" / "slow.jpg").open("wb", buffering=0) as file:
            for start in range(0, len(PHOTO), len(PHOTO) // 12):
                file.write(PHOTO[start : start + len(PHOTO) // 12])
                time.sleep(0.2)
        eventually(lambda: watch.told, "it was not coloured")
    assert watch.states() == {"slow.jpg": ["colorized"]}


def test_a_copy_that_stalls_is_no_bad_photo(folder, short_waits):
    with Watch(folder) as watch:
        with (folder / "in" / "stalls.jpg").open("wb", buffering=0) as file:
            file.write(PHOTO[: len(PHOTO) // 2])
            time.sleep(2)
            file.write(PHOTO[len(PHOTO) // 2 :])
        eventually(lambda: watch.told, "it was not coloured")
    assert watch.states() == {"stalls.jpg": ["colorized"]}


def test_a_bad_photo_is_told_once_until_it_changes(folder, short_waits):
    with Watch(folder) as watch:
        arrives(folder, "bad.jpg", b"no photo")
        eventually(lambda: "bad.jpg" in watch.states(), "it was not told")
        arrives(folder, "good.jpg")
        eventually(lambda: "good.jpg" in watch.states(), "nothing else was coloured")
        arrives(folder, "bad.jpg")
        eventually(lambda: len(watch.states()["bad.jpg"]) == 2, "it was not tried again")
    assert watch.states() == {"bad.jpg": ["failed", "colorized"], "good.jpg": ["colorized"]}


def test_beside_the_photos_results_are_not_taken_for_photos(folder, short_waits):
    stop = threading.Event()
    outcomes = watching.color_arrivals(folder / "in", Target(), Recipe(("colornet",)), 1, stop)
    arrives(folder, "a.jpg")
    assert next(outcomes).state == "colorized"
    arrives(folder, "a.png")
    assert {next(outcomes).photo.name for _ in range(2)} == {"a.jpg", "a.png"}
    threading.Timer(3, stop.set).start()
    assert [*outcomes] == []
    names = {"a-colorized.jpg", "a-jpg-colorized.jpg", "a-png-colorized.jpg"}
    assert {path.name for path in (folder / "in").iterdir()} == {"a.jpg", "a.png", *names}


def test_a_share_that_tells_nothing_is_looked_through_all_the_same(folder, short_waits, monkeypatch):
    def tells_nothing(*_, stop_event: threading.Event, **__):
        while not stop_event.wait(0.2):
            yield set()

    monkeypatch.setattr(watching, "watch", tells_nothing)
    monkeypatch.setattr(watching, "LOOK_SECONDS", 1.0)
    with Watch(folder) as watch:
        time.sleep(0.5)
        arrives(folder, "a.jpg")
        eventually(lambda: watch.told, "it was not found")
    assert watch.states() == {"a.jpg": ["colorized"]}


@pytest.mark.parametrize("arguments", [["nowhere"], ["in", "--jobs", "0"]])
def test_what_makes_no_sense_is_refused_at_once(folder, arguments):
    command = [sys.executable, "-m", "colorizer", "watch", *arguments]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1), ran.stderr
