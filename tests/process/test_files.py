import fcntl
import os
import stat

import pytest

from colorizer.errors import OutputError
from colorizer.process import files
from colorizer.process.files import PART_PREFIX, PART_SUFFIX, remove_abandoned_parts, write_whole


def test_a_file_is_written_with_the_folders_above_it(tmp_path):
    write_whole(tmp_path / "new" / "deep" / "a.jpg", b"whole")
    assert (tmp_path / "new" / "deep" / "a.jpg").read_bytes() == b"whole"
    assert os.listdir(tmp_path / "new" / "deep") == ["a.jpg"]


def test_a_new_file_has_the_usual_mode(tmp_path):
    write_whole(tmp_path / "a.jpg", b"whole")
    (tmp_path / "b.jpg").write_bytes(b"")
    assert stat.S_IMODE((tmp_path / "a.jpg").stat().st_mode) == stat.S_IMODE(
        (tmp_path / "b.jpg").stat().st_mode
    )


def test_a_link_is_replaced_and_what_it_points_to_is_kept(tmp_path):
    (tmp_path / "original.jpg").write_bytes(b"original")
    (tmp_path / "link.jpg").symlink_to("original.jpg")
    write_whole(tmp_path / "link.jpg", b"result")
    assert (tmp_path / "original.jpg").read_bytes() == b"original"


def test_where_it_cannot_be_moved_nothing_stays(tmp_path):
    (tmp_path / "a.jpg").mkdir()
    with pytest.raises(OutputError, match=r"a\.jpg cannot be written: Is a directory"):
        write_whole(tmp_path / "a.jpg", b"whole")
    assert os.listdir(tmp_path) == ["a.jpg"]


def test_a_name_that_is_too_long_is_an_output_error(tmp_path):
    with pytest.raises(OutputError, match="too long"):
        write_whole(tmp_path / ("a" * 300 + ".jpg"), b"whole")
    assert os.listdir(tmp_path) == []


def test_a_file_in_place_of_the_folder_is_an_output_error(tmp_path):
    (tmp_path / "folder").write_bytes(b"")
    with pytest.raises(OutputError, match="cannot be written"):
        write_whole(tmp_path / "folder" / "a.jpg", b"whole")


def test_abandoned_parts_are_removed_and_those_being_written_are_not(tmp_path):
    abandoned, busy = (tmp_path / f"{PART_PREFIX}{name}{PART_SUFFIX}" for name in ("abandoned", "busy"))
    abandoned.write_bytes(b"half")
    (tmp_path / "photo.part").write_bytes(b"somebody else's")
    with busy.open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        remove_abandoned_parts(tmp_path)
        assert sorted(os.listdir(tmp_path)) == [busy.name, "photo.part"]
    remove_abandoned_parts(tmp_path)
    assert os.listdir(tmp_path) == ["photo.part"]


def test_a_missing_folder_has_no_parts(tmp_path):
    remove_abandoned_parts(tmp_path / "missing")


@pytest.mark.parametrize("meets", ["before it is locked", "while it is locked"])
def test_a_file_that_a_tidying_process_meets_is_written_all_the_same(tmp_path, monkeypatch, meets):
    lock, met = files.lock, []

    def meet_once(file):
        if not met:
            met.append(file.name)
            if meets == "while it is locked":
                raise BlockingIOError
            remove_abandoned_parts(tmp_path)
        lock(file)

    monkeypatch.setattr(files, "lock", meet_once)
    write_whole(tmp_path / "result.jpg", b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["result.jpg"]
    assert (tmp_path / "result.jpg").read_bytes() == b"whole"
