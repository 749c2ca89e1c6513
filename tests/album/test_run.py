"""Many photos from a program: what the library's users call."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from photos import encode, gray_scene
from PIL import Image

from colorizer.errors import BadField, DamagedPhoto, PhotoError, UnknownStrategy
from image_colorizer import (
    ColorizedArray,
    ColorizedImage,
    ColorizedPhoto,
    Failure,
    ImageColorizer,
    Look,
    colorize_folder,
    colorize_many,
)

ROOT = Path(__file__).parents[2]
PHOTO = encode(gray_scene(), "JPEG")


def test_every_kind_of_photo_comes_back_in_its_place_and_failures_are_values(tmp_path):
    (tmp_path / "a.jpg").write_bytes(PHOTO)
    photos = [
        PHOTO,
        tmp_path / "a.jpg",
        PHOTO[:300],
        gray_scene(),
        Image.fromarray(gray_scene()),
        io.BytesIO(PHOTO),
        str(tmp_path / "missing.jpg"),
    ]
    seen = []
    results = colorize_many(photos, jobs=2, on_result=seen.append)
    assert seen == results
    kinds = (ColorizedPhoto, ColorizedPhoto, Failure, ColorizedArray, ColorizedImage, ColorizedPhoto, Failure)
    assert tuple(map(type, results)) == kinds
    assert results[0].data == results[1].data == results[5].data == ImageColorizer().colorize(PHOTO).data
    assert (results[2].photo, type(results[2].error)) == (PHOTO[:300], DamagedPhoto)
    assert (results[6].photo, type(results[6].error)) == (photos[6], PhotoError)


def test_the_look_holds_for_all():
    (deep,) = colorize_many([encode(gray_scene(), "JPEG")], look=Look("png", saturation=0.0))
    pixels = np.asarray(Image.open(io.BytesIO(deep.data))).astype(int)
    assert deep.media_type == "image/png"
    assert np.ptp(pixels, axis=2).max() == 0


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"jobs": 0}, BadField),
        ({"look": Look(quality=101)}, BadField),
        ({"look": Look("gif")}, BadField),
        ({"strategy": "colourful"}, UnknownStrategy),
    ],
)
def test_options_that_make_no_sense_are_refused_before_the_first_photo(tmp_path, options, error):
    (tmp_path / "a.jpg").write_bytes(PHOTO)
    with pytest.raises(error):
        colorize_many([PHOTO], **options)
    with pytest.raises(error):
        colorize_folder(tmp_path, **options)
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]


def test_a_folder_is_colored_as_on_the_command_line(tmp_path):
    for name in ("a.jpg", "sub/b.jpg"):
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(PHOTO)
    (tmp_path / "in" / "c.jpg").write_bytes(b"not a photo")
    seen = []
    outcomes = colorize_folder(
        tmp_path / "in", tmp_path / "out", recursive=True, look=Look("png"), on_result=seen.append
    )
    assert outcomes == seen
    told = {
        outcome.photo.name: (outcome.state, [each.path for each in outcome.results]) for outcome in outcomes
    }
    assert told == {
        "a.jpg": ("colorized", [tmp_path / "out/a-colorized.png"]),
        "b.jpg": ("colorized", [tmp_path / "out/sub/b-colorized.png"]),
        "c.jpg": ("failed", []),
    }
    again = colorize_folder(str(tmp_path / "in"), str(tmp_path / "out"), recursive=True, look=Look("png"))
    assert [outcome.state for outcome in again] == ["done before", "failed", "done before"]


SCRIPT = """
from image_colorizer import Failure, colorize_many
results = colorize_many(["a.jpg", "b.jpg"])
print([isinstance(result, Failure) for result in results])
"""


def test_a_script_needs_no_guard_around_its_main_program(tmp_path):
    (tmp_path / "a.jpg").write_bytes(PHOTO)
    (tmp_path / "script.py").write_text(f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{SCRIPT}")
    ran = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert (ran.stdout, ran.stderr) == ("[False, True]\n", "")
