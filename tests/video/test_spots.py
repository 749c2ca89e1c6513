import json

import numpy as np
import pytest
from films import Clip, decoded, pan
from photos import WarmCool

from colorizer.color.lab import rgb_to_lab
from colorizer.errors import BadHints
from colorizer.video.coloring import FilmOptions, colorize_video
from colorizer.video.film import Cut, read_film
from colorizer.video.frames import FrameReader
from colorizer.video.shots import find_shots
from colorizer.video.spots import track
from colorizer.video.timed_hints import parse_timed_hints

SIZE = (192, 128)
STEP = 2


def two_shots(path):
    """A pan of 30 frames, and another shot of 20."""
    first = pan(*SIZE, 30, STEP)
    second = [255 - picture[::-1] for picture in pan(*SIZE, 20, 0, top=120)]
    return Clip(*SIZE, pictures=first + second, frames=50, codec="ffv1", options={}).write(path)


def tracks(film, *hints):
    glimpses = find_shots(FrameReader(film, Cut(), (256, 128)).read(), (64, 32))
    return track(parse_timed_hints(hints), film, glimpses)


def test_a_spot_is_followed_both_ways_through_its_shot(tmp_path):
    film = read_film(two_shots(tmp_path / "film.mkv"))
    found = tracks(film, {"time": 0.6, "x": 100, "y": 60, "color": "#804020"})
    assert sorted(number for number, hints in found.items() if hints) == list(range(30))
    for number in range(30):
        ((_, place),) = found[number]
        assert place.x * SIZE[0] == pytest.approx(100.5 - STEP * (number - 15), abs=3)
        assert place.y * SIZE[1] == pytest.approx(60.5, abs=2)


@pytest.mark.parametrize("time", [1.99, 2.5])
def test_after_the_last_frame_a_player_stands_at_it(time, tmp_path):
    film = read_film(two_shots(tmp_path / "film.mkv"))
    found = tracks(film, {"time": time, "x": 100, "y": 60, "color": "#804020"})
    assert sorted(number for number, hints in found.items() if hints) == list(range(30, 50))


def test_a_track_ends_where_its_thing_leaves_the_picture(tmp_path):
    film = read_film(two_shots(tmp_path / "film.mkv"))
    found = tracks(film, {"time": 0, "x": 20, "y": 60, "color": "#804020"})
    last = max(number for number, hints in found.items() if hints)
    assert 6 <= last <= 12


def test_the_spot_gets_its_color_in_its_shot_alone(tmp_path):
    source = two_shots(tmp_path / "film.mkv")
    hint = {"time": 0.6, "x": 100, "y": 60, "color": "#5a7d2a"}
    (timed,) = parse_timed_hints([hint])
    plain, corrected = (tmp_path / f"{name}.mkv" for name in ("plain", "corrected"))
    colorize_video(source, plain, WarmCool(), FilmOptions(codec="ffv1"))
    colorize_video(source, corrected, WarmCool(), FilmOptions(codec="ffv1", hints=(timed,)))
    before, after = (np.stack([rgb_to_lab(f) for f in decoded(path, "rgb24")]) for path in (plain, corrected))
    for number in (5, 15, 25):
        x = 100 - STEP * (number - 15)
        spot = after[number, 58:63, x - 2 : x + 3, 1:].mean(axis=(0, 1))
        unasked = before[number, 58:63, x - 2 : x + 3, 1:].mean(axis=(0, 1))
        asked = np.array([timed.hint.a, timed.hint.b])
        assert np.linalg.norm(spot - asked) < 0.35 * np.linalg.norm(unasked - asked)
    assert np.abs(after[30:] - before[30:]).max() < 0.01


@pytest.mark.parametrize(
    "items",
    [
        {"time": 1},
        [{"x": 1, "y": 1, "color": "#ffffff"}],
        [{"time": -1, "x": 1, "y": 1, "color": "#ffffff"}],
        [{"time": "1", "x": 1, "y": 1, "color": "#ffffff"}],
        [{"time": 1, "x": 1, "y": 1}],
        [{"time": 1, "x": 1, "y": 1, "color": "#ffffff"}] * 101,
        ["red"],
    ],
)
def test_what_is_no_list_of_hints(items):
    with pytest.raises(BadHints):
        parse_timed_hints(json.loads(json.dumps(items)))


def test_a_hint_before_the_part(tmp_path):
    hints = parse_timed_hints([{"time": 0.5, "x": 1, "y": 1, "color": "#ffffff"}])
    options = FilmOptions(codec="ffv1", start=1, hints=hints)
    with pytest.raises(BadHints, match="outside the part"):
        colorize_video(two_shots(tmp_path / "film.mkv"), tmp_path / "result.mkv", WarmCool(), options)


@pytest.mark.parametrize("wrong", [{"x": 500}, {"time": 9}])
def test_hints_beside_the_film(wrong, tmp_path):
    film = read_film(two_shots(tmp_path / "film.mkv"))
    with pytest.raises(BadHints):
        tracks(film, {"time": 0.1, "x": 1, "y": 1, "color": "#ffffff"} | wrong)
