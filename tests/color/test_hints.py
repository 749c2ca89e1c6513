import numpy as np
import pytest

from colorizer.color.hints import Hint, check_hints, parse_hints, rasterise_hints
from colorizer.errors import BadHints

SPOT = {"x": 120, "y": 80, "color": "#a0522d"}


def test_a_colour_becomes_its_a_and_b():
    (hint,) = parse_hints([SPOT])
    assert (hint.x, hint.y, hint.reach, hint.keep) == (120, 80, 1, False)
    assert (hint.a, hint.b) == pytest.approx((29.3, 35.6), abs=0.1)  # sienna


def test_a_reach_and_a_spot_to_keep():
    hints = parse_hints([{**SPOT, "reach": 0.25, "keep": False}, {"x": 1, "y": 2, "keep": True, "reach": 4}])
    assert [(hint.reach, hint.keep) for hint in hints] == [(0.25, False), (4, True)]
    assert hints == parse_hints(hints)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"reach": 0.2}, r"Hint 1: reach must be a number from 0\.25 to 4, not 0\.2"),
        ({"reach": 4.1}, "reach must be"),
        ({"reach": "1"}, "reach must be"),
        ({"reach": float("nan")}, "reach must be"),
        ({"reach": None}, "reach must be"),
        ({"keep": 1}, "keep must be true or false"),
        ({"keep": True}, "has a colour and is to keep its own"),
        ({"color": "red"}, "color must look like"),
        ({"color": None}, "color must look like"),
        ({"x": True}, "x must be a number of pixels"),
        ({"range": 1}, "and nothing else"),
    ],
)
def test_what_makes_no_sense_is_said(change, sentence):
    with pytest.raises(BadHints, match=sentence):
        parse_hints([SPOT | change])


def test_a_spot_needs_a_colour_or_is_to_keep_its_own():
    with pytest.raises(BadHints, match="color must look like"):
        parse_hints([{"x": 1, "y": 1}])


@pytest.mark.parametrize(("x", "y"), [(-0.1, 0), (64, 0), (0, 48)])
def test_a_spot_outside_the_photo(x, y):
    with pytest.raises(BadHints, match="outside the photo of 64x48"):
        check_hints([Hint(x, y)], 64, 48)


def test_a_spot_is_drawn_where_the_network_has_it():
    planes = rasterise_hints([Hint(48, 16, 20, -30)], (96, 64), (256, 256))
    assert planes[64, 128].tolist() == [20, -30, 1]
    assert np.count_nonzero(planes[..., 2]) == 9
