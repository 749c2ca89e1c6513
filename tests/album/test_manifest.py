"""The manifest: what it spares a rerun, what it must never hide, and several runs at once."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from photos import encode, gray_scene

from colorizer.album.manifest import Manifest
from colorizer.album.outcome import Outcome
from colorizer.album.places import DISK
from colorizer.album.plan import Plan, Target
from colorizer.album.recipe import Recipe
from colorizer.album.run import colorize_jobs
from colorizer.album.tasks import color_file
from colorizer.errors import OutputError
from colorizer.options import Look

PHOTOS = ("a.jpg", "b.jpg", "deep/c.jpg")
RECIPE = Recipe(("colornet",))


@pytest.fixture
def album(tmp_path):
    for name in PHOTOS:
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encode(gray_scene(60, 40), "JPEG") + name.encode())
    return tmp_path


def run(album: Path, recipe: Recipe = RECIPE) -> dict[str, str]:
    """Colour the album as a run does; returns what was asked of the workers, and what became of it."""
    plan = Plan([album / "in"], Target(folder=album / "out"), True, ["colornet", "richzhang"])
    with Manifest(recipe, album / "out" / "manifest.sqlite") as manifest:
        known = {outcome.photo for outcome in manifest.done(plan)}
        made = [*manifest.noted(color_file(recipe, job) for job in manifest.due(plan))]
    assert known.isdisjoint(outcome.photo for outcome in made)
    assert len(known) + len(made) == len(plan)
    return {outcome.photo.name: outcome.state for outcome in made}


def table(album: Path) -> list[sqlite3.Row]:
    connection = sqlite3.connect(album / "out" / "manifest.sqlite")
    connection.row_factory = sqlite3.Row
    rows = connection.execute("SELECT * FROM photos ORDER BY photo").fetchall()
    connection.close()
    return rows


def test_what_is_done_is_read_no_more(album):
    assert run(album) == dict.fromkeys(["a.jpg", "b.jpg", "c.jpg"], "colorized")
    assert run(album) == {}


def test_it_says_what_is_done_by_source_options_and_network(album):
    run(album)
    row, *_ = table(album)
    assert row["photo"] == str(album / "in" / "a.jpg")
    assert len(row["source"]) == len(json.loads(row["networks"])["colornet"]) == 64
    assert json.loads(row["options"])["saturation"] == 1.0
    ((path, strategy, _),) = json.loads(row["results"])
    assert (path, strategy) == (str(album / "out" / "a-colorized.jpg"), "colornet")


def replaced_in_place(path: Path) -> None:
    """Write other bytes of the same number and give them the old ones' time, as a copying program may."""
    status, data = path.stat(), path.read_bytes()
    path.write_bytes(data[:-1] + b"!")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


@pytest.mark.parametrize(
    ("change", "states"),
    [
        (lambda album: replaced_in_place(album / "in/a.jpg"), {"a.jpg": "colorized"}),
        (lambda album: (album / "out/a-colorized.jpg").unlink(), {"a.jpg": "colorized"}),
        (lambda album: (album / "out/a-colorized.jpg").write_bytes(b""), {"a.jpg": "colorized"}),
        (lambda album: os.utime(album / "in/a.jpg"), {"a.jpg": "done before"}),
        (lambda album: (album / "in/a.jpg").rename(album / "in/z.jpg"), {"z.jpg": "colorized"}),
        (
            lambda album: (album / "in/a.png").write_bytes((album / "in/a.jpg").read_bytes()),
            {"a.jpg": "colorized", "a.png": "colorized"},
        ),
    ],
    ids=["photo replaced", "result gone", "result emptied", "photo touched", "renamed", "names clash now"],
)
def test_what_changed_is_looked_at(album, change: Callable[[Path], object], states):
    run(album)
    change(album)
    assert run(album) == states
    assert run(album) == {}


@pytest.mark.parametrize(
    "other", [replace(RECIPE, look=Look(saturation=0.5)), replace(RECIPE, look=Look("png")), "network"]
)
def test_other_options_and_networks_ask_for_other_results(album, monkeypatch, other):
    run(album)
    if other == "network":
        monkeypatch.setattr(Manifest, "_networks", json.dumps({"colornet": "newer"}))
        assert set(run(album).values()) == {"done before"}  # by the results' own proof
    else:
        assert set(run(album, other).values()) == {"colorized"}
    assert set(run(album, replace(RECIPE, force=True)).values()) == {"colorized"}


def test_a_photo_that_failed_is_tried_again(album):
    (album / "in" / "bad.jpg").write_bytes(b"no photo")
    assert run(album)["bad.jpg"] == "failed"
    assert run(album) == {"bad.jpg": "failed"}


def test_without_a_manifest_the_results_tell(album):
    run(album)
    (album / "out" / "manifest.sqlite").unlink()
    assert set(run(album).values()) == {"done before"}
    assert run(album) == {}


@pytest.mark.parametrize("content", [b"notes of mine", b"SQLite format 3\0 and no more", b""])
def test_a_file_that_is_no_manifest_is_kept(album, content):
    path = album / "out" / "manifest.sqlite"
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(OutputError, match="is no manifest of this version"):
        Manifest(RECIPE, path)
    assert path.read_bytes() == content


def test_a_run_that_cannot_save_it_goes_on(album, monkeypatch, capfd):
    def refuse(*_):
        raise OutputError("It is read-only.")

    monkeypatch.setattr(type(DISK), "replace", refuse)
    assert len(run(album)) == 3
    assert "The manifest cannot be saved, so the next run reads what is done. It is read-only." in (
        capfd.readouterr().err
    )


def test_names_that_are_no_text_are_kept_too(album):
    name = os.fsdecode(b"caf\xe9.jpg")
    (album / "in" / "a.jpg").rename(album / "in" / name)
    assert run(album)[name] == "colorized"
    assert run(album) == {}


def test_one_that_is_kept_nowhere_serves_its_process(album):
    plan = Plan([album / "in"], Target(folder=album / "out"), True, ["colornet"])
    with Manifest(RECIPE) as manifest:
        assert len([*manifest.noted(colorize_jobs(RECIPE, manifest.due(plan), 1))]) == 3
        assert [outcome.state for outcome in manifest.done(plan)] == ["done before"] * 3
        assert [*manifest.due(plan)] == []
    assert not (album / "out" / "manifest.sqlite").exists()


WRITER = """
import sys
from pathlib import Path
from colorizer.album.manifest import _Table
from colorizer.album.places import DISK
table = _Table(DISK, Path(sys.argv[1]))
for number in range(20):
    table.insert(Path(f"{sys.argv[2]}-{number}.jpg"), "stamp", "source", "name", "{}", "{}", "[]")
    table.save()
"""


def test_runs_at_once_lose_no_row_of_each_other(tmp_path):
    path = tmp_path / "out" / "manifest.sqlite"
    runs = [
        subprocess.Popen([sys.executable, "-c", WRITER, path, name], cwd=Path(__file__).parents[2])
        for name in "abc"
    ]
    assert [run.wait() for run in runs] == [0, 0, 0]
    assert len(table(tmp_path)) == 60


def test_of_two_rows_of_a_photo_the_newer_stays(album):
    path = album / "out" / "manifest.sqlite"
    outcome = Outcome(album / "in" / "a.jpg", "colorized", source="first")
    with Manifest(RECIPE, path) as first, Manifest(RECIPE, path) as second:
        for manifest, source in ((second, "older"), (first, "newer")):
            job, *_ = manifest.due(Plan([album / "in"], Target(folder=album / "out"), True, []))
            list(manifest.noted([replace(outcome, source=source)]))
        assert job.photo == outcome.photo
    assert [row["source"] for row in table(album)] == ["newer"]
