from pathlib import Path

import pytest

from colorizer.album.find import is_photo_name, list_folder, list_photos


def make_tree(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def found(folder: Path, **options: object) -> list[str]:
    listings = list_photos(folder, list_folder, refuse=fail, **options)
    return [str((each.folder / name).relative_to(folder)) for each in listings for name in each.photos]


def fail(error: OSError) -> None:
    raise error


@pytest.mark.parametrize(
    "name", ["a.jpg", "A.JPG", "b.jpeg", "c.png", "d.webp", "e.tif", "f.tiff", "ä b.Png"]
)
def test_photo_names(name):
    assert is_photo_name(name)


@pytest.mark.parametrize(
    "name", ["notes.txt", "jpg", "a.gif", ".a.jpg", "a.jpg.part", ".image-colorizer-1.part"]
)
def test_other_names(name):
    assert not is_photo_name(name)


def test_only_the_folder_itself_without_recursion(tmp_path):
    make_tree(tmp_path, "b.jpg", "a.png", "notes.txt", "sub/c.jpg")
    assert found(tmp_path, recursive=False) == ["a.png", "b.jpg"]


def test_recursion_keeps_a_steady_order_and_leaves_hidden_folders_alone(tmp_path):
    make_tree(tmp_path, "z.jpg", "b/2.jpg", "b/1.jpg", "a/c/3.jpg", ".thumbnails/t.jpg")
    assert found(tmp_path, recursive=True) == ["z.jpg", "a/c/3.jpg", "b/1.jpg", "b/2.jpg"]


def test_the_output_folder_is_not_entered(tmp_path):
    make_tree(tmp_path, "a.jpg", "out/a-colorized.jpg", "out/deep/b.jpg")
    assert found(tmp_path, recursive=True, leave_out=tmp_path / "out") == ["a.jpg"]


def test_links_to_folders_are_not_followed(tmp_path):
    make_tree(tmp_path, "sub/a.jpg")
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    assert found(tmp_path, recursive=True) == ["sub/a.jpg"]


def test_a_folder_that_cannot_be_read_is_reported(tmp_path):
    errors = []
    assert list(list_photos(tmp_path / "missing", list_folder, recursive=True, refuse=errors.append)) == []
    assert [error.filename for error in errors] == [str(tmp_path / "missing")]


def test_other_files_are_counted_and_hidden_ones_are_not(tmp_path):
    make_tree(tmp_path, "a.jpg", "notes.txt", "b.gif", ".hidden", "sub/c.jpg")
    (tmp_path / "folder").symlink_to("sub")
    (listing,) = list_photos(tmp_path, list_folder, recursive=False, refuse=fail)
    assert (listing.photos, listing.others) == (["a.jpg"], 2)


def test_a_dead_link_stays_a_photo_that_will_be_missed(tmp_path):
    (tmp_path / "a.jpg").symlink_to("nowhere.jpg")
    assert found(tmp_path, recursive=False) == ["a.jpg"]
