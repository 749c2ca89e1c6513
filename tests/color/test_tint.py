"""A tint is one colour for each lightness; a coloured photo has several."""

import cv2
import numpy as np
import photos
import pytest

from colorizer.color.lab import lab_to_rgb, lightness_of
from colorizer.color.tint import is_colored


def tinted(chroma, hue, stain=0.0):
    """The scene in one hue, as much as the paper took up, with stains of the same hue."""
    lightness = lightness_of(photos.gray_scene(128, 96))
    random = np.random.default_rng(3).normal(0, 1, lightness.shape).astype(np.float32)
    blots = cv2.GaussianBlur(random, (0, 0), 12)
    strength = chroma * (1 - np.abs(lightness - 60) / 90) * (1 + stain * blots / blots.std())
    angle = np.radians(hue)
    return lab_to_rgb(
        lightness, np.dstack([strength * np.cos(angle), strength * np.sin(angle)]).astype(np.float32)
    )


@pytest.mark.parametrize("hue", [20, 70, 110, 250])
@pytest.mark.parametrize("chroma", [0, 5, 15, 35])
@pytest.mark.parametrize("quality", [40, 90])
def test_a_tint_is_no_colour(chroma, hue, quality):
    jpeg = photos.encode(tinted(chroma, hue), "JPEG", quality=quality)
    assert not is_colored(photos.decode(jpeg))


@pytest.mark.parametrize("hue", [60, 80])
def test_a_stained_print_is_no_colour(hue):
    assert not is_colored(tinted(20, hue, stain=0.1))


def test_split_toning_is_no_colour():
    """Blue shadows and yellow lights: a curve through ab, but one colour for each lightness."""
    lightness = lightness_of(photos.gray_scene(128, 96))
    b = (lightness - 50) / 2
    assert not is_colored(lab_to_rgb(lightness, np.dstack([np.zeros_like(b), b])))


def test_a_scene_in_colour_is_colour():
    assert is_colored(photos.color_scene(128, 96))


def test_faded_colours_are_colours():
    faded = photos.color_scene(128, 96).astype(np.float32)
    faded = 0.4 * faded + 0.6 * faded.mean(axis=2, keepdims=True)
    assert is_colored(np.rint(faded).astype(np.uint8))


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 9, 3), (3, 2, 3)])
def test_tiny_pictures(shape):
    assert not is_colored(np.full(shape, 100, np.uint8))
