import json

import pytest

from colorizer.errors import BadField, BadHints
from colorizer.http.options import parse_colorize_options, parse_suggest_options

HINT = {"x": 120, "y": 80, "color": "#a0522d"}


def test_no_fields_leave_everything_at_its_default():
    options = parse_colorize_options({})
    assert (options.strategy, options.format, options.quality) == (None, None, None)
    assert (options.saturation, options.confidence_map, options.hints) == (1.0, False, ())


def test_all_fields():
    options = parse_colorize_options(
        {
            "strategy": "richzhang",
            "format": "webp",
            "quality": "1",
            "saturation": "0.5",
            "confidence_map": "true",
            "hints": json.dumps([HINT]),
        }
    )
    assert (options.strategy, options.format, options.quality) == ("richzhang", "webp", 1)
    assert (options.saturation, options.confidence_map) == (0.5, True)
    assert (options.hints[0].x, options.hints[0].y) == (120, 80)


@pytest.mark.parametrize("text", ["0", "2", "2.0", "1e0", ".5", "5e-324"])
def test_a_saturation_in_range(text):
    assert parse_colorize_options({"saturation": text}).saturation == float(text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("format", "jpg"),
        ("format", "JPEG"),
        ("format", ""),
        ("turn", "-90"),
        ("turn", "360"),
        ("turn", ""),
        ("quality", "0"),
        ("quality", "101"),
        ("quality", "92.5"),
        ("quality", "-1"),
        ("quality", "1_0"),
        ("quality", "９"),
        ("quality", ""),
        ("quality", "9" * 5000),
        ("saturation", "2.1"),
        ("saturation", "-0.1"),
        ("saturation", "nan"),
        ("saturation", "inf"),
        ("saturation", "1e999"),
        ("saturation", "0x1"),
        ("saturation", " 1"),
        ("confidence_map", "yes"),
        ("confidence_map", ""),
    ],
)
def test_a_bad_value_is_named_and_cut_short(name, text):
    with pytest.raises(BadField, match=f"^{name} must be ") as caught:
        parse_colorize_options({name: text})
    assert len(str(caught.value)) < 200


def test_an_unknown_field_is_named():
    with pytest.raises(BadField, match="no field 'stratgy'; the fields are strategy, format"):
        parse_colorize_options({"stratgy": "colornet"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "nonsense",
        "{}",
        '"text"',
        "null",
        "1",
        "[" * 100_000,
        "[1]",
        "[[]]",
        '[{"x": 1, "y": 2}]',
        '[{"x": 1, "y": 2, "color": "red"}]',
        '[{"x": 1, "y": 2, "color": "#aabbcc", "z": 0}]',
        '[{"x": NaN, "y": 2, "color": "#aabbcc"}]',
        '[{"x": Infinity, "y": 2, "color": "#aabbcc"}]',
        '[{"x": 1e999, "y": 2, "color": "#aabbcc"}]',
        '[{"x": true, "y": 2, "color": "#aabbcc"}]',
        '[{"x": ' + "9" * 4000 + ', "y": 2, "color": "#aabbcc"}]',
        '[{"x": ' + "9" * 5000 + ', "y": 2, "color": "#aabbcc"}]',
        json.dumps([HINT] * 101),
        json.dumps([HINT] * 10_000),
    ],
)
def test_bad_hints(text):
    with pytest.raises(BadHints) as caught:
        parse_colorize_options({"hints": text})
    assert len(str(caught.value)) < 200


def test_a_hundred_hints_are_taken():
    assert len(parse_colorize_options({"hints": json.dumps([HINT] * 100)}).hints) == 100


def test_suggestions_need_a_pixel():
    options = parse_suggest_options({"x": "3", "y": "0", "strategy": "colornet"})
    assert (options.x, options.y, options.strategy) == (3, 0, "colornet")


@pytest.mark.parametrize(
    "fields", [{}, {"x": "1"}, {"x": "1", "y": "-1"}, {"x": "1", "y": "1.5"}, {"z": "1"}]
)
def test_a_pixel_that_makes_no_sense(fields):
    with pytest.raises(BadField):
        parse_suggest_options(fields)
