import math

import numpy as np
import pytest

from colorizer.errors import BadField
from colorizer.options import FORMATS, QUALITY, SATURATION, check_choice, quality_for


@pytest.mark.parametrize("value", [1, 100, np.uint8(92), np.int64(1)])
def test_whole_numbers_of_every_kind(value):
    found = QUALITY.check(value, "quality")
    assert found == value
    assert type(found) is int


@pytest.mark.parametrize("value", [0, 101, 92.0, True, np.bool_(True), "92", None, math.nan, np.float32(9)])
def test_what_is_no_quality_is_refused_in_one_sentence(value):
    with pytest.raises(BadField, match=r"^--quality must be a whole number from 1 to 100, not .+\.$"):
        QUALITY.check(value, "--quality")


@pytest.mark.parametrize("value", [0, 2, 1.5, np.float32(0.5), np.float16(2), np.int8(1)])
def test_numbers_of_every_kind(value):
    found = SATURATION.check(value, "saturation")
    assert found == value
    assert type(found) is float


@pytest.mark.parametrize("value", [-0.1, 2.1, math.nan, math.inf, False, "1", None, 1j])
def test_what_is_no_saturation_is_refused_in_one_sentence(value):
    with pytest.raises(BadField, match=r"^saturation must be a number from 0 to 2, not .+\.$"):
        SATURATION.check(value, "saturation")


@pytest.mark.parametrize("value", ["jpg", "", None, 1, ["jpeg"]])
def test_what_is_no_choice_is_refused_with_the_choices(value):
    assert check_choice("webp", FORMATS, "format") == "webp"
    with pytest.raises(BadField, match=r"^format must be one of jpeg, png, webp, tiff, not "):
        check_choice(value, FORMATS, "format")


def test_quality_is_for_formats_that_lose_something():
    assert quality_for("jpeg", None) == quality_for("png", None) == 92
    assert quality_for("webp", 1) == 1
    with pytest.raises(BadField, match=r"^--quality is for jpeg and webp; a png loses nothing"):
        quality_for("png", 92, "--quality")


def test_a_long_value_is_cut_short():
    with pytest.raises(BadField) as caught:
        QUALITY.parse("9" * 5000, "quality")
    assert len(str(caught.value)) < 200
