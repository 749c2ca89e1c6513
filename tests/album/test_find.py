from pathlib import Path

import pytest

from colorizer.album.find import find_photos, is_photo_name


def make_tree(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def found(folder: Path, **options: object) -> list[str]:
    return [str(path.relative_to(folder)) for path in find_photos(folder, refuse=fail, **options)]


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
    assert find_photos(tmp_path / "missing", recursive=True, refuse=errors.append) == []
    assert [error.filename for error in errors] == [str(tmp_path / "missing")]
