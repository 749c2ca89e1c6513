from pathlib import Path

import pytest

from colorizer.album.result_names import Job, sharing, tell_apart, without_results

STRATEGIES = ("colornet", "richzhang", "richzhang-norebal")


def jobs(*paths: str) -> list[Job]:
    return [Job(path, path.parent, path.stem) for path in map(Path, paths)]


def results(*paths: str) -> list[str]:
    return [str(job.result(".jpg")) for job in tell_apart(jobs(*paths))]


def test_the_result_lies_beside_the_photo():
    assert results("old/grandma.jpg") == ["old/grandma-colorized.jpg"]


def test_with_several_strategies_each_is_named():
    (job,) = jobs("grandma.jpg")
    assert job.result(".png", "richzhang") == Path("grandma-colorized-richzhang.png")


def test_a_file_that_the_user_named_is_the_result():
    assert Job(Path("a.jpg"), Path(), "a", file=Path("b.png")).result(".png") == Path("b.png")


def test_the_extension_joins_where_two_photos_would_share_a_name():
    assert results("a.jpg", "a.png", "b.jpg") == [
        "a-jpg-colorized.jpg",
        "a-png-colorized.jpg",
        "b-colorized.jpg",
    ]


def test_the_same_name_in_another_folder_is_no_clash():
    assert results("x/a.jpg", "y/a.jpg") == ["x/a-colorized.jpg", "y/a-colorized.jpg"]


def test_names_that_differ_only_by_case_clash():
    assert results("A.jpg", "a.png") == ["A-jpg-colorized.jpg", "a-png-colorized.jpg"]


def test_what_the_extension_cannot_tell_apart_is_reported():
    told = tell_apart(jobs("A.jpg", "a.jpg", "b.jpg"))
    assert sharing(told) == set(told[:2])


def test_a_joined_name_that_meets_another_photo_is_reported():
    told = tell_apart(jobs("a.jpg", "a.png", "a-png.jpg"))
    assert {str(job.photo) for job in sharing(told)} == {"a.png", "a-png.jpg"}


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
    assert without_results(jobs("a.jpg", result), STRATEGIES) == jobs("a.jpg")


@pytest.mark.parametrize(
    "photo", ["b-colorized.jpg", "a-colorized-by-hand.jpg", "a-colorized.tiff", "x/a-colorized.jpg"]
)
def test_photos_with_similar_names_stay(photo):
    assert without_results(jobs("a.jpg", photo), STRATEGIES) == jobs("a.jpg", photo)
