import cv2
import numpy as np
import pytest
from skimage import data

from colorizer.color.chroma import lightness_shown
from colorizer.color.jpeg_planes import color_luma, darkening_of, gray_luma
from colorizer.color.lab import gray_level_of, gray_lightness, lightness_of, rgb_to_lab
from colorizer.color.plane_code import JFIF, PlaneCode, shown_grays, shown_lightness

BT601 = PlaneCode(black=16, white=235, chroma=224)
BT709 = PlaneCode(0.2126, 0.0722, 16, 235, 224)
BT709_FULL = PlaneCode(0.2126, 0.0722)
CODES = {"JFIF": JFIF, "BT.601": BT601, "BT.709": BT709, "BT.709, full range": BT709_FULL}
codes = pytest.mark.parametrize("code", CODES.values(), ids=CODES)


def decoded(planes, code):
    """RGB, float 0 to 1, by the definition of Y, Cb and Cr."""
    y, cb, cr = (plane.astype(float) for plane in planes)
    cb, cr = (cv2.resize(plane, (2 * plane.shape[1], 2 * plane.shape[0])) for plane in (cb, cr))
    y = (y - code.black) / (code.white - code.black)
    cb, cr = (plane[: y.shape[0], : y.shape[1]] / code.chroma - 128 / code.chroma for plane in (cb, cr))
    red, blue = y + (2 - 2 * code.red) * cr, y + (2 - 2 * code.blue) * cb
    green = (y - code.red * red - code.blue * blue) / (1 - code.red - code.blue)
    return np.dstack([red, green, blue]).clip(0, 1).astype(np.float32)


def coded(gray, code):
    return np.rint(code.black + gray * code.contrast).astype(np.uint8)


@codes
def test_lightness_and_colors_are_the_same_in_every_code(code):
    photo = data.coffee()
    gray = gray_level_of(photo)
    ab = np.ascontiguousarray(rgb_to_lab(cv2.resize(photo, (64, 64), interpolation=cv2.INTER_AREA))[..., 1:])
    shown = lightness_shown(np.rint(gray).astype(np.uint8), 256, 256)
    lab = rgb_to_lab(decoded(color_luma(coded(gray, code), ab, shown, code), code))
    reference = rgb_to_lab(decoded(color_luma(coded(gray, JFIF), ab, shown), JFIF))
    assert np.abs(lab[..., 0] - rgb_to_lab(photo)[..., 0]).mean() < 0.5
    assert np.abs(lab - reference).mean(axis=(0, 1)).max() < 0.8


@codes
def test_a_color_picture_becomes_gray_of_the_same_lightness(code):
    photo = cv2.GaussianBlur(data.coffee(), (0, 0), 2)
    half = cv2.resize(photo, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    luma = coded(cv2.transform(photo.astype(np.float32), code.luma_weights), code)
    gray = gray_luma(luma, darkening_of(half, code))
    error = np.abs(shown_lightness(code)[gray] - lightness_of(photo))
    assert error.mean() < 0.5


def test_levels_beyond_black_and_white_are_left_as_they_are():
    luma = np.tile(np.array([0, 8, 240, 255], np.uint8), (8, 2))
    shown = np.full((8, 8), 50, np.float32)
    y, cb, cr = color_luma(luma.copy(), np.zeros((4, 4, 2), np.float32), shown, BT709)
    assert (y == luma).all()
    assert {*np.unique(cb), *np.unique(cr)} == {128}


def test_the_levels_of_jfif_are_those_of_srgb():
    assert (shown_grays(JFIF) == np.arange(256)).all()
    assert np.abs(shown_lightness(JFIF) - gray_lightness(np.uint8)).max() < 1e-3
    assert shown_lightness(BT709)[[16, 235]].tolist() == pytest.approx([0, 100], abs=1e-3)
