import json
import os

import pytest
from films import Clip, decoded, encrypted, pan, sound_only, times
from PIL import Image

from colorizer.cli import main
from colorizer.video.film import read_film


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


def test_a_preview_takes_the_options_of_the_film(film, capsys):
    spots = [{"time": 0.3, "x": 40, "y": 40, "color": "#804020"}]
    film.with_name("spots.json").write_text(json.dumps(spots))
    options = "--start 0:00.2 --end 0.4 --hints spots.json --compare --output out/one.jpeg"
    assert main(["video", "wedding.mp4", "--preview", *options.split()]) == 0
    with Image.open("out/one.jpeg") as sheet:
        assert sheet.width == 408


def test_a_preview_takes_no_other_files_place(film, capsys):
    Image.new("RGB", (60, 40)).save("mine.jpg")
    before = film.read_bytes(), film.with_name("mine.jpg").read_bytes()
    for target, status in (("wedding.mp4", 2), ("mine.jpg", 1), ("new.mp4", 2), ("new.png", 2)):
        assert main(["video", "wedding.mp4", "--preview", "--output", target, "--force"]) == status
    assert (film.read_bytes(), film.with_name("mine.jpg").read_bytes()) == before
    assert sorted(path.name for path in film.parent.iterdir()) == ["mine.jpg", "wedding.mp4"]
    for status in (0, 1):
        assert main(["video", "wedding.mp4", "--preview"]) == status
    assert main(["video", "wedding.mp4", "--preview", "--force"]) == 0


@pytest.mark.parametrize(
    "name",
    ["12:30.mp4", "file:a.mp4", "concat:a|b.mp4", "two\nlines.mp4", "-dash.mp4", "%03d.mp4", "noending"],
)
def test_a_film_of_any_name(name, film, capsys):
    named = film.rename(film.with_name(name))
    assert main(["video", "--end", "0.1", "--codec", "ffv1", "--", name]) == 0
    assert read_film(film.with_name(f"{named.stem}-colorized.mkv")).width == 128


@pytest.mark.parametrize(("option", "place"), [([], 0), (["--preview"], 0), (["--output"], 1)])
def test_what_is_no_regular_file(option, place, film, capsys):
    os.mkfifo("pipe.mp4")
    names = ["pipe.mp4", "wedding.mp4"]
    assert main(["video", names[place], *option, *names[:place], "--force"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_part_without_a_frame_leaves_nothing(film, capsys):
    assert main(["video", "wedding.mp4", "--start", "9"]) == 2
    assert capsys.readouterr().err == (
        "image-colorizer: There is no frame in the part of the film that is wanted.\n"
    )
    assert [path.name for path in film.parent.iterdir()] == ["wedding.mp4"]


@pytest.mark.parametrize(
    ("options", "status"),
    [
        (["--start", "soon"], 2),
        (["--crf", "99"], 2),
        (["--output", "film.gif"], 2),
        (["--hints", "nothing.json"], 2),
        (["--hints", "wedding.mp4"], 2),
        (["--hints", "deep.json"], 2),
        (["--output", "n" * 300 + ".mp4"], 1),
        (["--preview", "--codec", "h264"], 2),
        (["--preview", "--crf", "18"], 2),
        (["--preview", "--start", "2", "--end", "1"], 2),
        (["--strategy", "nobody"], 2),
    ],
)
def test_what_makes_no_sense_is_one_line(options, status, film, capsys):
    film.with_name("deep.json").write_text("[" * 100_000)
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
