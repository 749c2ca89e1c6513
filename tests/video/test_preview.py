import io
from fractions import Fraction

import numpy as np
import pytest
from films import Clip, pan
from photos import WarmCool
from PIL import Image

from colorizer.errors import BadField, BadHints
from colorizer.video import preview
from colorizer.video.coloring import FilmOptions
from colorizer.video.preview import preview_film
from colorizer.video.timed_hints import parse_timed_hints

SIZE = (128, 96)


@pytest.fixture
def film(tmp_path):
    """A film of two shots of half a second and more; only their first frames stand alone."""
    pictures = pan(*SIZE, 15) + [255 - picture[::-1] for picture in pan(*SIZE, 15, top=150)]
    options = {"crf": "12", "x264-params": "keyint=15:scenecut=0"}
    return Clip(*SIZE, frames=30, pictures=pictures, options=options).write(tmp_path / "film.mp4")


@pytest.fixture
def sheet(film, monkeypatch):
    """What makes a preview with some options, and returns (picture, seconds) of all that is on it."""
    drawn = []
    draw = preview.draw_sheet

    def noted(pictures, strategy):
        drawn[:] = [(np.asarray(picture).astype(int), seconds) for picture, seconds in pictures]
        return draw(((Image.fromarray(p.astype(np.uint8)), seconds) for p, seconds in drawn), strategy)

    def make(**options):
        jpeg = preview_film(film, WarmCool(), FilmOptions(**options))
        Image.open(io.BytesIO(jpeg)).load()
        return list(drawn)

    monkeypatch.setattr(preview, "draw_sheet", noted)
    return make


def hint(time, **more):
    return {"time": time, "x": 60, "y": 40, "color": "#2a5ac8", **more}


def moments(panels):
    return [seconds for _, seconds in panels]


def test_a_frame_of_each_shot(sheet):
    assert moments(sheet()) == [0, Fraction(15, 25)]


@pytest.mark.parametrize(
    ("part", "shown"),
    [
        ({"start": 0.2}, [Fraction(5, 25), Fraction(15, 25)]),
        ({"end": 0.4}, [0]),
        ({"start": 0.2, "end": 0.4}, [Fraction(5, 25)]),  # no frame within stands alone
    ],
)
def test_a_part(part, shown, sheet):
    assert moments(sheet(**part)) == shown


def test_a_shot_is_shown_at_the_moments_of_its_hints(sheet):
    shown = sheet(hints=parse_timed_hints([hint(0.4), hint(0.2), hint(0.4, y=80)]), start=0.12)
    assert moments(shown) == [Fraction(5, 25), Fraction(10, 25), Fraction(15, 25)]


def test_a_hint_has_its_colour_at_its_spot(sheet):
    ((plain, _),) = sheet(start=0.4, end=0.42)
    ((corrected, _),) = sheet(start=0.4, end=0.42, hints=parse_timed_hints([hint(0.4)]))
    spot = np.s_[38:43, 58:63]
    assert corrected[spot][..., 2].mean() > plain[spot][..., 2].mean() + 20


def test_before_and_after_side_by_side(sheet):
    ((both, _), _) = sheet(compare=True)
    ((after, _), _) = sheet()
    assert np.array_equal(both[:, SIZE[0] :], after)
    assert np.ptp(both[:, : SIZE[0]], axis=2).max() == 0


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"start": 9}, BadField),
        ({"start": 0.4, "end": 0.2}, BadField),
        ({"saturation": 3}, BadField),
        ({"hints": parse_timed_hints([hint(9)])}, BadHints),
        ({"hints": parse_timed_hints([hint(0.8)]), "end": 0.6}, BadHints),
        ({"hints": parse_timed_hints([hint(0.2)]), "start": 0.6}, BadHints),
        ({"hints": parse_timed_hints([hint(0.2, x=500)])}, BadHints),
    ],
)
def test_what_makes_no_sense(options, error, sheet):
    with pytest.raises(error):
        sheet(**options)
