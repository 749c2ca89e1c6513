import json

import pytest
from films import Clip, decoded, encrypted, pan, sound_only, times
from PIL import Image

from colorizer.cli import main


@pytest.fixture
def film(tmp_path, monkeypatch):
    """A film of two shots in the current folder."""
    monkeypatch.chdir(tmp_path)
    pictures = pan(128, 96, 12) + [255 - picture[::-1] for picture in pan(128, 96, 12, top=150)]
    return Clip(128, 96, frames=24, pictures=pictures, options={"crf": "12", "g": "12"}).write(
        tmp_path / "wedding.mp4"
    )


def test_a_film_is_colored_beside_itself(film, capsys):
    assert main(["video", "wedding.mp4"]) == 0
    assert capsys.readouterr().out == "wedding-colorized.mp4\n"
    assert times("wedding-colorized.mp4") == times(film)


def test_a_result_is_replaced_only_when_asked(film, capsys):
    assert main(["video", "wedding.mp4"]) == 0
    assert main(["video", "wedding.mp4"]) == 1
    assert "--force" in capsys.readouterr().err
    assert main(["video", "wedding.mp4", "--force"]) == 0


def test_nobodys_own_film_is_replaced(film, capsys):
    Clip().write(film.with_name("mine.mp4"))
    before = film.with_name("mine.mp4").read_bytes()
    assert main(["video", "wedding.mp4", "--output", "mine.mp4", "--force"]) == 1
    assert main(["video", "wedding.mp4", "--output", "wedding.mp4", "--force"]) == 2
    assert film.with_name("mine.mp4").read_bytes() == before
    assert "not one of our results" in capsys.readouterr().err


def test_the_options(film, capsys):
    spots = [{"time": 0.3, "x": 40, "y": 40, "color": "#804020", "reach": 2}]
    film.with_name("spots.json").write_text(json.dumps(spots))
    options = "--start 0:00.2 --end 0.8 --codec hevc --crf 30 --saturation 0.5 --compare --output out/"
    assert main(["video", "wedding.mp4", *options.split(), "--hints", "spots.json"]) == 0
    assert len(times("out/wedding-colorized.mp4")) == 15
    assert decoded("out/wedding-colorized.mp4", "gray")[0].shape == (96, 256)


def test_a_preview_shows_each_shot(film, capsys):
    assert main(["video", "wedding.mp4", "--preview"]) == 0
    assert capsys.readouterr().out == "wedding-preview.jpg\n"
    with Image.open("wedding-preview.jpg") as sheet:
        assert sheet.width > 2 * 400


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--start", "soon"], 2),
        (["--crf", "99"], 2),
        (["--output", "film.gif"], 2),
        (["--hints", "nothing.json"], 2),
        (["--hints", "wedding.mp4"], 2),
        (["--strategy", "nobody"], 2),
    ],
)
def test_what_makes_no_sense_is_one_line(options, status, film, capsys):
    assert main(["video", "wedding.mp4", *options]) == status
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda path: path.write_bytes(b"not a film" * 100), "This is not a film that we can read"),
        (sound_only, "There is no moving picture in this file, only sound or text."),
        (encrypted, "The film is encrypted (DRM)"),
    ],
)
def test_what_is_no_film_is_one_line(make, sentence, film, capsys):
    make(film)
    assert main(["video", "wedding.mp4"]) == 1
    told = capsys.readouterr().err
    assert told.startswith(f"image-colorizer: {sentence}")
    assert told.count("\n") == 1
