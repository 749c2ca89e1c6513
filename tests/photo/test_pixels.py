"""Operations on whole pictures, whatever their size, kind and depth."""

import numpy as np
import photos
import pytest
from PIL import Image

from colorizer.color.lab import lightness_of
from colorizer.photo.pixels import (
    equal_grays,
    lay_on_white,
    split_alpha,
    swap_red_and_blue,
    thinned,
    to_8_bit,
    to_srgb_levels,
    without_hidden,
)


def test_rounding_to_8_bits():
    levels = np.array([[0, 128, 129, 65406, 65407, 65535]], np.uint16)
    assert list(to_8_bit(levels)[0]) == [0, 0, 1, 254, 255, 255]
    assert to_8_bit(photos.gray_scene()) is photos.gray_scene()


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("size", [(1, 1), (1, 700), (700, 1), (601, 503)])
def test_swapping_red_and_blue(size, dtype, channels):
    pixels = np.random.default_rng(0).integers(0, 255, (*size, channels)).astype(dtype)
    swapped = pixels.copy()
    swap_red_and_blue(swapped)
    assert (swapped[..., :3] == pixels[..., 2::-1]).all()
    assert (swapped[..., 3:] == pixels[..., 3:]).all()


@pytest.mark.parametrize("kind", ["image", "uint8", "uint16"])
@pytest.mark.parametrize("size", [(1, 1), (96, 64), (1, 3000), (997, 800)])
def test_equal_grays(kind, size):
    colors = photos.color_scene(*size)
    given = {"image": Image.fromarray(colors), "uint8": colors, "uint16": colors.astype(np.uint16) * 257}[
        kind
    ]
    gray = equal_grays(given)
    assert gray.dtype == np.uint8
    assert np.abs(lightness_of(gray) - lightness_of(colors)).max() < 0.3


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("kind", [photos.gray_scene, photos.color_scene])
def test_hidden_pixels_have_the_mean_of_the_others(kind, dtype):
    pixels = kind().astype(dtype)
    alpha = np.zeros(pixels.shape[:2], dtype)
    alpha[10:20, 10:20] = 7
    shown = without_hidden(pixels, alpha)
    assert (shown[10:20, 10:20] == pixels[10:20, 10:20]).all()
    assert (shown[0, 0] == pixels[10:20, 10:20].reshape(100, -1).mean(0).round()).all()
    alpha[:] = 1
    assert without_hidden(pixels, alpha) is pixels


@pytest.mark.parametrize("gamma", [1.0, 1 / 1.8])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_samples_of_another_gamma(dtype, gamma):
    maximum = np.iinfo(dtype).max
    light = np.array([[0.0, 0.01, 0.18, 0.5, 1.0]])
    coded = np.rint(light**gamma * maximum).astype(dtype)
    levels = to_srgb_levels(coded, gamma)
    assert lightness_of(levels)[0] == pytest.approx(
        [0, 8.99, 49.5, 76.07, 100], abs=0.6 if dtype == np.uint16 else 1.5
    )


@pytest.mark.parametrize("channels", [0, 2, 3, 4])
def test_splitting_alpha(channels):
    pixels = np.random.default_rng(0).integers(0, 255, (5, 7, channels) if channels else (5, 7), np.uint8)
    color, alpha = split_alpha(pixels)
    assert color.shape == ((5, 7) if channels in (0, 2) else (5, 7, 3))
    assert color.flags.c_contiguous
    assert (alpha is None) if channels in (0, 3) else (alpha == pixels[..., -1]).all()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3])
def test_laying_on_white(dtype, channels):
    white = np.iinfo(dtype).max
    pixels = np.full((1, 3, channels) if channels > 1 else (1, 3), white // 5, dtype)
    alpha = np.array([[0, white // 2, white]], dtype)
    laid = lay_on_white(pixels, alpha).reshape(3, channels)
    assert (laid[0] == white).all()
    assert laid[1] == pytest.approx(0.6 * white, rel=0.01)
    assert (laid[2] == white // 5).all()


@pytest.mark.parametrize("size", [(1, 1), (2000, 3), (1500, 1200)])
def test_thinned_pictures_are_small_and_show_all_of_it(size):
    colors = photos.color_scene(*size)
    for given in (colors, Image.fromarray(colors)):
        few = thinned(given)
        assert max(few.shape[:2]) <= 512
        assert few.mean(axis=(0, 1)) == pytest.approx(colors.mean(axis=(0, 1)), abs=6)
