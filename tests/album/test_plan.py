from pathlib import Path

import pytest

from colorizer.album.batch import STDIN
from colorizer.album.plan import Plan, Target

BESIDE = Target()


@pytest.fixture(autouse=True)
def _album(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("album/a.jpg", "album/a.png", "album/sub/b.jpg", "other/a.jpg"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(b"")


def planned(*photos: str, target: Target = BESIDE, recursive: bool = False) -> dict[str, str]:
    plan = Plan([Path(photo) for photo in photos], target, recursive, ["colornet"])
    return {str(job.photo): str(job.result(".jpg")) for job in plan.jobs}


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
    assert plan.jobs == []
    assert [str(outcome.photo) for outcome in plan.refused] == ["album/a.jpg", "other/a.jpg"]


def test_a_named_result_of_a_named_photo_is_left_out():
    assert list(planned("other/a.jpg", "other/a-colorized.jpg")) == ["other/a.jpg"]
