"""The stages one by one, with a strategy that needs no weights."""

from dataclasses import replace

import numpy as np
import photos
import pytest
from photos import WarmCool, color_scene, gray_scene

from colorizer.color.hints import Hint
from colorizer.errors import BadHints
from colorizer.options import FORMATS, Look
from colorizer.stages import encode, join, open_photo, predict, record_of, show
from image_colorizer import ImageColorizer


@pytest.mark.parametrize("target", FORMATS)
@pytest.mark.parametrize("scene", [gray_scene, color_scene])
def test_one_after_the_other_they_are_what_the_colorizer_does(scene, target):
    photo, strategy = photos.encode(scene(), "PNG"), WarmCool()
    opened = open_photo(photo, target=target)
    shown = show(opened, strategy)
    prediction = predict(opened, shown, strategy)
    colored = join(opened, prediction.ab, shown, target)
    record = record_of(opened.metadata.source, strategy, Look(target))
    data = encode(colored, target, 92, replace(opened.metadata, record=record), strategy.name)
    assert data == ImageColorizer(strategy).colorize(photo, format=target).data


def test_hints_are_drawn_where_the_photo_has_them():
    strategy, photo = WarmCool(), open_photo(gray_scene())
    predict(photo, show(photo, strategy), strategy, [Hint(0, 0, 20, -30)])
    np.testing.assert_array_equal(strategy.hints[0, 0], (20, -30, 1))
    with pytest.raises(BadHints, match="outside the photo"):
        predict(photo, show(photo, strategy), strategy, [Hint(1e6, 0, 0, 0)])


def test_one_opened_photo_becomes_files_of_several_formats():
    photo, strategy = open_photo(gray_scene(), target="array"), WarmCool()
    shown = show(photo, strategy)
    colored = join(photo, strategy.predict(shown).ab, shown, "array")
    for format in FORMATS:
        pixels = photos.decode(encode(colored.copy(), format))
        assert pixels.shape == colored.shape
