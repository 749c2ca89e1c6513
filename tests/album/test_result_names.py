import os
from pathlib import Path

import pytest

from colorizer.album.result_names import Job, fitting, result_names, without_results

STRATEGIES = ("colornet", "richzhang", "richzhang-norebal")


def job(photo: str) -> Job:
    path = Path(photo)
    return Job(path, path.parent, path.stem)


def test_the_result_lies_beside_the_photo():
    assert job("old/grandma.jpg").result(".jpg") == Path("old/grandma-colorized.jpg")


def test_with_several_strategies_each_is_named():
    assert job("grandma.jpg").result(".png", "richzhang") == Path("grandma-colorized-richzhang.png")


def test_a_file_that_the_user_named_is_the_result():
    assert Job(Path("a.jpg"), Path(), "a", file=Path("b.png")).result(".png") == Path("b.png")


@pytest.mark.parametrize(
    ("photos", "names"),
    [
        (["a.jpg", "b.jpg"], ["a", "b"]),
        (["a.jpg", "a.png", "b.jpg"], ["a-jpg", "a-png", "b"]),
        (["A.jpg", "a.png"], ["A-jpg", "a-png"]),
        (["no-extension", "two.dots.jpg"], ["no-extension", "two.dots"]),
    ],
)
def test_the_extension_joins_where_two_photos_would_share_a_name(photos, names):
    assert result_names(photos) == names


@pytest.mark.parametrize(
    "photos", [["a.jpg", "A.JPG", "b.jpg"], ["a.jpg", "a.png", "a-png.jpg"], ["ß.jpg", "SS.jpg"]]
)
def test_what_the_extension_cannot_tell_apart_is_told_apart_by_a_digest(photos):
    names = result_names(photos)
    assert len({name.casefold() for name in names}) == len(photos)
    assert result_names(photos[::-1]) == names[::-1]


def test_the_same_file_name_of_two_folders_is_not_told_apart():
    first, second = result_names(["a.jpg", "a.jpg"])
    assert first == second


@pytest.mark.parametrize("letter", ["a", "ä", "あ", os.fsdecode(b"\xfc")])
@pytest.mark.parametrize("strategy", [None, "richzhang-norebal"])
def test_a_name_that_gets_too_long_is_cut_and_told_from_its_neighbour(tmp_path, letter, strategy):
    longest = letter * (251 // len(os.fsencode(letter)))
    paths = {
        Job(Path(), tmp_path, longest[:-1] + end).result(".webp", strategy) for end in (letter, "x", "y")
    }
    assert len(paths) == 3
    for path in paths:
        path.write_bytes(b"")  # the file system takes it
        assert path.name.endswith(f"-colorized{'-' + strategy if strategy else ''}.webp")


def test_a_name_that_fits_is_not_cut():
    assert fitting("a" * 241, "-colorized.jpg") == "a" * 241 + "-colorized.jpg"


@pytest.mark.parametrize(
    "result",
    [
        "a-colorized.jpg",
        "a-colorized.png",
        "a-jpg-colorized.jpg",
        "a-colorized-colornet.jpg",
        "a-colorized-richzhang-norebal.webp",
        "a-colorized-side-by-side.jpg",
    ],
)
def test_results_of_other_photos_are_left_out(result):
    assert without_results(["a.jpg", result], STRATEGIES) == ["a.jpg"]


def test_results_whose_names_have_a_digest_are_left_out_too():
    photos = ["A.JPG", "a.jpg"]
    results = [f"{name}-colorized.jpg" for name in result_names(photos)]
    assert without_results([*photos, *results], STRATEGIES) == photos


@pytest.mark.parametrize(
    "photo",
    [
        "b-colorized.jpg",
        "a-colorized-by-hand.jpg",
        "a-colorized.gif",
        "a-00000000-colorized.jpg",
        "-colorized.jpg",
    ],
)
def test_photos_with_similar_names_stay(photo):
    assert without_results(["a.jpg", photo], STRATEGIES) == ["a.jpg", photo]
