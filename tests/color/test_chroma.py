import threading

import cv2
import numpy as np
import pytest
from skimage import data
from skimage.color import deltaE_ciede2000, rgb2lab

from colorizer.color import chroma
from colorizer.color.chroma import Enlarger, color_pixels, for_each_strip, lightness_shown
from colorizer.color.lab import lightness_of, rgb_to_lab

GRID = (56, 56)


def strong_ab():
    return np.random.default_rng(0).uniform(-100, 100, (*GRID, 2)).astype(np.float32)


def gray_photo(width, height, dtype=np.uint8):
    small = np.random.default_rng(0).integers(0, 256, (12, 12), dtype=np.uint8)
    return cv2.resize(small, (width, height)).astype(dtype) * (np.iinfo(dtype).max // 255)


def color(pixels, ab):
    return color_pixels(pixels, ab, lightness_shown(pixels, 256, 256))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize(
    "size", [(1, 1), (1, 300), (300, 1), (2, 3), (57, 43), (640, 480), (65_535, 2), (2, 65_535)]
)
def test_every_size_keeps_its_lightness(size, dtype):
    photo = gray_photo(*size, dtype)
    rgb = color(photo, strong_ab())
    assert rgb.shape == (*photo.shape, 3)
    assert rgb.dtype == dtype
    error = np.abs(lightness_of(rgb) - lightness_of(photo))
    assert error.max() < 1
    assert error.mean() < 0.3


def test_a_color_photo_keeps_its_lightness():
    photo = data.astronaut()
    error = np.abs(rgb2lab(color(photo, strong_ab()))[..., 0] - rgb2lab(photo)[..., 0])
    assert error.max() < 1
    assert error.mean() < 0.3


def test_no_ab_leaves_a_gray_photo_as_it_is():
    photo = gray_photo(640, 480)
    assert (color(photo, np.zeros((*GRID, 2), np.float32)) == photo[..., np.newaxis]).all()


def test_even_ab_stays_even():
    ab = np.full((*GRID, 2), (10, -20), np.float32)
    shown = lightness_of(gray_photo(256, 256))
    lightness = lightness_of(gray_photo(333, 205))
    a, b = Enlarger(ab, shown, 333, 205).ab_at(lightness, slice(0, 205))
    assert np.allclose(a, 10, atol=0.01)
    assert np.allclose(b, -20, atol=0.01)


def test_strips_meet_without_a_seam():
    lightness = lightness_of(gray_photo(300, 200))
    enlarger = Enlarger(strong_ab(), lightness_of(gray_photo(256, 256)), 300, 200)
    whole = np.stack(enlarger.ab_at(lightness, slice(0, 200)))
    strips = [
        np.stack(enlarger.ab_at(lightness[top : top + 40], slice(top, top + 40))) for top in range(0, 200, 40)
    ]
    assert np.allclose(np.concatenate(strips, axis=1), whole, atol=1e-3)


def test_ab_lies_where_it_was_predicted():
    # A ramp over the grid is a ramp over the photo: enlargement shifts nothing.
    ramp = np.tile(np.linspace(-50, 50, 64, dtype=np.float32), (64, 1))
    a, b = Enlarger(cv2.merge([ramp, ramp.T.copy()]), np.full((64, 64), 50, np.float32), 1000, 600).ab_at(
        np.full((600, 1000), 50, np.float32), slice(0, 600)
    )
    expected = (np.arange(1000) + 0.5) * 64 / 1000 - 0.5
    assert np.abs(a[300, 20:-20] - (expected * 100 / 63 - 50)[20:-20]).max() < 0.2
    expected = (np.arange(600) + 0.5) * 64 / 600 - 0.5
    assert np.abs(b[20:-20, 500] - (expected * 100 / 63 - 50)[20:-20]).max() < 0.2


def test_colors_follow_edges_better_than_plain_enlargement():
    photo = data.astronaut()
    lab = rgb_to_lab(photo)
    lightness, ab = np.ascontiguousarray(lab[..., 0]), np.ascontiguousarray(lab[..., 1:])
    grid = cv2.resize(ab, GRID, interpolation=cv2.INTER_AREA)

    def error_of(enlarged):
        return deltaE_ciede2000(lab, np.dstack([lightness, enlarged])).mean()

    a_b = Enlarger(grid, lightness, 512, 512).ab_at(lightness, slice(0, 512))
    bilinear = cv2.resize(grid, (512, 512), interpolation=cv2.INTER_LINEAR)
    bicubic = cv2.resize(grid, (512, 512), interpolation=cv2.INTER_CUBIC)
    assert error_of(cv2.merge(a_b)) < 0.97 * error_of(bicubic) < error_of(bilinear)


def test_lightness_shown_is_that_of_the_whole_photo():
    photo = gray_photo(4001, 3003)
    direct = lightness_of(cv2.resize(photo, (256, 192), interpolation=cv2.INTER_AREA))
    assert np.abs(lightness_shown(photo, 256, 192) - direct).max() < 2
    assert lightness_shown(photo[:1, :1], 256, 192).shape == (192, 256)


@pytest.mark.parametrize("height", [1, 4, 47])
def test_strips_cover_each_row_once_and_start_at_blocks(height):
    seen, lock = [], threading.Lock()

    def see(rows):
        with lock:
            seen.append(rows)

    for_each_strip(see, 100_000, height)
    assert sorted(row for rows in seen for row in range(rows.start, rows.stop)) == list(range(height))
    assert all(rows.start % max(chroma.BLOCKS) == 0 for rows in seen)


@pytest.mark.parametrize("height", [10, 1000])
def test_what_a_strip_raises_is_raised(height):
    def fail(rows):
        raise ArithmeticError(rows.start)

    with pytest.raises(ArithmeticError):
        for_each_strip(fail, 100_000, height)
