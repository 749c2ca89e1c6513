import cv2
import numpy as np
import pytest
from skimage.color import rgb2lab

from colorizer.color.lab import lab_to_hex, lab_to_rgb, lightness_of, limit_chroma, rgb_to_lab


def random_colors(dtype=np.uint8):
    maximum = np.iinfo(dtype).max
    return np.random.default_rng(0).integers(0, maximum + 1, (200, 200, 3)).astype(dtype)


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [  # published values, D65: http://www.brucelindbloom.com and CIE 15:2004
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 255, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 255), (32.30, 79.19, -107.86)),
    ],
)
def test_published_values(rgb, lab):
    assert rgb_to_lab(np.array([[rgb]], np.uint8))[0, 0] == pytest.approx(lab, abs=0.03)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_agrees_with_scikit_image(dtype):
    rgb = random_colors(dtype)
    assert np.abs(rgb_to_lab(rgb) - rgb2lab(rgb)).max() < 0.05


def test_float_and_16_bit_agree_with_8_bit():
    rgb = random_colors()
    expected = rgb_to_lab(rgb)
    assert np.allclose(rgb_to_lab(rgb.astype(np.uint16) * 257), expected, atol=1e-3)
    assert np.allclose(rgb_to_lab(rgb.astype(np.float32) / 255), expected, atol=1e-3)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_gray_lightness_is_that_of_equal_channels(dtype):
    gray = np.linspace(0, 1 if dtype == np.float32 else np.iinfo(dtype).max, 256).astype(dtype).reshape(1, -1)
    assert np.allclose(lightness_of(gray), lightness_of(cv2.merge([gray] * 3)), atol=1e-4)


def test_gray_levels_come_back_unchanged():
    gray = np.arange(256, dtype=np.uint8).reshape(1, -1)
    rgb = lab_to_rgb(lightness_of(gray), np.zeros((1, 256, 2), np.float32))
    assert (rgb == gray[..., np.newaxis]).all()


def test_colors_that_srgb_can_show_come_back():
    # Away from the very edge of sRGB, where the table of largest chroma may take a little off.
    rgb = np.random.default_rng(0).integers(20, 236, (200, 200, 3)).astype(np.uint8)
    lab = rgb_to_lab(rgb)
    difference = np.abs(lab_to_rgb(lab[..., 0], lab[..., 1:]).astype(int) - rgb)
    assert difference.max() <= 1


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_lightness_is_kept_for_any_ab(dtype):
    random = np.random.default_rng(0)
    lightness = random.uniform(0, 100, (400, 400)).astype(np.float32)
    ab = random.uniform(-128, 128, (400, 400, 2)).astype(np.float32)
    error = np.abs(rgb2lab(lab_to_rgb(lightness, ab, dtype))[..., 0] - lightness)
    assert error.max() < 0.25
    assert error.mean() < 0.08


def test_limit_keeps_hue_and_never_adds_chroma():
    random = np.random.default_rng(0)
    lightness = random.uniform(0, 100, (100, 100)).astype(np.float32)
    ab = random.uniform(-128, 128, (100, 100, 2)).astype(np.float32)
    limited = limit_chroma(lightness, ab)
    before, after = np.hypot(*cv2.split(ab)), np.hypot(*cv2.split(limited))
    assert (after <= before + 1e-3).all()
    assert (after < before - 1).mean() > 0.3  # many of these colours do not exist in sRGB
    assert np.allclose(limited[..., 0] * ab[..., 1], limited[..., 1] * ab[..., 0], atol=0.1)


def test_black_and_white_carry_no_chroma():
    ab = np.full((1, 2, 2), 50, np.float32)
    assert lab_to_rgb(np.array([[0, 100]], np.float32), ab).tolist() == [[[0, 0, 0], [255, 255, 255]]]


def test_hex():
    assert lab_to_hex(0, 0, 0) == "#000000"
    assert lab_to_hex(53.24, 80.09, 0) == lab_to_hex(53.24, 80.09, 0).lower()
    red, green, blue = bytes.fromhex(lab_to_hex(60, 40, 40)[1:])
    assert red > green > blue
