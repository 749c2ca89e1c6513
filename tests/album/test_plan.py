import os
import socket
import tracemalloc
from pathlib import Path

import pytest

from colorizer.album.plan import STDIN, Plan, Target

BESIDE = Target()


@pytest.fixture(autouse=True)
def _album(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("album/a.jpg", "album/a.png", "album/sub/b.jpg", "other/a.jpg"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"")


def planned(*photos: str, target: Target = BESIDE, recursive: bool = False) -> dict[str, str]:
    plan = Plan([Path(photo) for photo in photos], target, recursive, ["colornet"])
    return {str(job.photo): str(job.result(".jpg")) for job in plan}


def test_results_lie_beside_the_photos():
    assert planned("album", recursive=True) == {
        "album/a.jpg": "album/a-jpg-colorized.jpg",
        "album/a.png": "album/a-png-colorized.jpg",
        "album/sub/b.jpg": "album/sub/b-colorized.jpg",
    }


def test_the_only_folder_is_the_root_of_the_output():
    target = Target(folder=Path("out"))
    assert planned("album", target=target, recursive=True)["album/sub/b.jpg"] == "out/sub/b-colorized.jpg"


def test_several_folders_keep_their_names():
    target = Target(folder=Path("out"))
    assert planned("album/sub", "other", target=target) == {
        "album/sub/b.jpg": "out/sub/b-colorized.jpg",
        "other/a.jpg": "out/other/a-colorized.jpg",
    }


def test_the_current_folder_has_a_name_too():
    target = Target(folder=Path("out"))
    assert planned("other", "album/sub/../sub", target=target)["other/a.jpg"] == "out/other/a-colorized.jpg"


def test_a_named_file_is_the_result():
    assert planned("other/a.jpg", target=Target(file=Path("b.png"))) == {"other/a.jpg": "b.png"}


def test_stdin_is_called_photo():
    assert planned(str(STDIN), target=Target(folder=Path("out"))) == {"-": "out/photo-colorized.jpg"}


def test_the_output_folder_inside_is_not_searched():
    target = Target(folder=Path("album/sub"))
    assert "album/sub/b.jpg" not in planned("album", target=target, recursive=True)


def test_what_shares_a_result_is_refused_by_name():
    plan = Plan([Path("album/a.jpg"), Path("other/a.jpg")], Target(folder=Path("out")), False, [])
    assert (len(plan), list(plan)) == (0, [])
    assert [str(outcome.photo) for outcome in plan.refused] == ["album/a.jpg", "other/a.jpg"]


def test_a_named_result_of_a_named_photo_is_left_out():
    assert list(planned("other/a.jpg", "other/a-colorized.jpg")) == ["other/a.jpg"]


def test_a_photo_that_is_named_beside_its_folder_is_one_photo():
    assert list(planned("album", "album/a.jpg")) == ["album/a.jpg", "album/a.png"]


def test_names_that_differ_only_by_case_get_two_results():
    Path("other/A.JPG").write_bytes(b"")
    assert len({name.casefold() for name in planned("other").values()}) == 2


def test_the_same_folder_by_two_names_is_not_colored_twice():
    plan = Plan([Path("other"), Path("album/../other")], BESIDE, False, [])
    assert len(plan) == 0
    assert len(plan.refused) == 2


def test_what_is_no_file_is_left_out_with_a_word_and_other_files_are_counted():
    os.mkfifo("album/pipe.jpg")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("album/socket.png")
    Path("album/device.tif").symlink_to("/dev/zero")
    Path("album/link.jpg").symlink_to("pipe.jpg")
    Path("album/notes.txt").write_bytes(b"")
    plan = Plan([Path("album")], BESIDE, False, [])
    assert len(plan) == 2
    assert plan.others == 1
    assert {str(outcome.photo): outcome.problem.split(",")[0] for outcome in plan.refused} == {
        "album/device.tif": "This is a device",
        "album/link.jpg": "This is a pipe",
        "album/pipe.jpg": "This is a pipe",
        "album/socket.png": "This is a socket",
    }
    assert {outcome.state for outcome in plan.refused} == {"left out"}


def test_a_plan_of_many_photos_takes_little_memory():
    """A fiftieth of what a path, a job and every name that its results could have took for each."""
    folder = Path("many")
    folder.mkdir()
    for number in range(2000):
        (folder / f"scan-{number:06d}.jpg").write_bytes(b"")
    tracemalloc.start()
    plan = Plan([folder], BESIDE, False, ["colornet", "richzhang"])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(plan) == 2000
    assert peak / 2000 < 1500  # bytes a photo
