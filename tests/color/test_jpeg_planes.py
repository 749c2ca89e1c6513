import cv2
import numpy as np
import pytest
import simplejpeg
from skimage import data
from sklearn.datasets import load_sample_image

from colorizer.color.chroma import color_pixels, lightness_shown
from colorizer.color.jpeg_planes import color_luma, darkening_of, gray_luma
from colorizer.color.lab import gray_level_of, gray_lightness, lightness_of, rgb_to_lab

PHOTOS = {
    "astronaut": data.astronaut,
    "chelsea": data.chelsea,
    "coffee": data.coffee,
    "rocket": data.rocket,
    "china": lambda: load_sample_image("china.jpg"),
    "flower": lambda: load_sample_image("flower.jpg"),
}
QUALITY = 90


def gray_of(photo):
    return np.rint(gray_level_of(photo)).astype(np.uint8)


def true_ab(photo, side=64):
    lab = rgb_to_lab(cv2.resize(photo, (side, side), interpolation=cv2.INTER_AREA))
    return np.ascontiguousarray(lab[..., 1:])


def color(gray, ab):
    return color_luma(gray.copy(), ab, lightness_shown(gray, 256, 256))


def decoded(planes):
    """RGB as a decoder makes it of the planes, without the losses of encoding."""
    y, cb, cr = planes
    cb, cr = (
        cv2.resize(plane, (2 * plane.shape[1], 2 * plane.shape[0]))[: y.shape[0], : y.shape[1]]
        for plane in (cb, cr)
    )
    return cv2.cvtColor(cv2.merge([y, cr, cb]), cv2.COLOR_YCrCb2RGB)


def lightness_error(rgb, expected):
    error = np.abs(lightness_of(rgb) - expected)
    return error.mean(), np.percentile(error, 99)


def luma_and_darkening(photo_bytes):
    """The luma of a colour JPEG, and the darkening of its colours."""
    height, width, *_ = simplejpeg.decode_jpeg_header(photo_bytes)
    half = simplejpeg.decode_jpeg(photo_bytes, min_height=(height + 1) // 2, min_width=(width + 1) // 2)
    return simplejpeg.decode_jpeg(photo_bytes, "GRAY")[..., 0], darkening_of(half)


@pytest.mark.parametrize("name", PHOTOS)
def test_lightness_is_kept_before_the_encoder(name):
    photo = PHOTOS[name]()
    gray = gray_of(photo)
    mean, percentile_99 = lightness_error(decoded(color(gray, true_ab(photo))), lightness_of(gray))
    assert mean < 0.4
    assert percentile_99 < 1.5


@pytest.mark.parametrize("name", PHOTOS)
def test_the_encoder_adds_little_more_error_than_to_the_gray_photo(name):
    photo = PHOTOS[name]()
    gray = gray_of(photo)
    colored = simplejpeg.encode_jpeg_yuv_planes(*color(gray, true_ab(photo)), quality=QUALITY)
    alone = simplejpeg.encode_jpeg(gray[..., None], QUALITY, "GRAY", "Gray")
    mean, percentile_99 = lightness_error(simplejpeg.decode_jpeg(colored), lightness_of(gray))
    gray_mean, gray_percentile_99 = lightness_error(simplejpeg.decode_jpeg(alone), lightness_of(gray))
    assert mean < gray_mean + 0.1
    assert percentile_99 < gray_percentile_99 + 0.5


@pytest.mark.parametrize("name", PHOTOS)
def test_a_color_photo_keeps_its_lightness(name):
    photo = PHOTOS[name]()
    photo_bytes = simplejpeg.encode_jpeg(photo, 95, colorsubsampling="420")
    planes = color(gray_luma(*luma_and_darkening(photo_bytes)), true_ab(photo))
    mean, percentile_99 = lightness_error(decoded(planes), lightness_of(simplejpeg.decode_jpeg(photo_bytes)))
    assert mean < 0.4
    assert percentile_99 < 1.5


def test_a_tint_leaves_nothing_behind():
    gray = gray_of(data.coffee())
    sepia = cv2.merge([cv2.convertScaleAbs(gray, alpha=alpha) for alpha in (1.0, 0.85, 0.65)])
    photo_bytes = simplejpeg.encode_jpeg(sepia, 95, colorsubsampling="420")
    untinted = gray_luma(*luma_and_darkening(photo_bytes))
    mean, percentile_99 = lightness_error(
        cv2.merge([untinted] * 3), lightness_of(simplejpeg.decode_jpeg(photo_bytes))
    )
    assert mean < 0.2
    assert percentile_99 < 1


def test_colors_are_those_of_the_exact_way():
    photo = data.chelsea()
    gray = gray_of(photo)
    ab = true_ab(photo)
    exact = rgb_to_lab(color_pixels(gray, ab, lightness_shown(gray, 256, 256)))
    planes = rgb_to_lab(decoded(color(gray, ab)))
    assert np.abs(planes - exact).mean(axis=(0, 1)).max() < 0.9


def test_lightness_is_kept_where_the_prediction_is_wild():
    gray = gray_of(data.astronaut())
    ab = np.random.default_rng(0).uniform(-120, 120, (8, 8, 2)).astype(np.float32)
    mean, _ = lightness_error(decoded(color(gray, ab)), lightness_of(gray))
    assert mean < 1


@pytest.mark.parametrize("size", [(1, 1), (1, 50), (50, 1), (2, 2), (3, 5), (301, 207), (16, 65_500)])
def test_every_size(size):
    gray = np.full(size, 120, np.uint8)
    ab = np.full((64, 64, 2), (20, 30), np.float32)
    y, cb, cr = color(gray, ab)
    assert y.shape == size
    assert cb.shape == cr.shape == ((size[0] + 1) // 2, (size[1] + 1) // 2)
    lab = rgb_to_lab(simplejpeg.decode_jpeg(simplejpeg.encode_jpeg_yuv_planes(y, cb, cr, 100)))
    assert np.abs(lab - (gray_lightness(np.uint8)[120], 20, 30)).max() < 3


def test_no_ab_leaves_gray_as_it_is():
    gray = gray_of(data.rocket())
    y, cb, cr = color(gray, np.zeros((64, 64, 2), np.float32))
    assert (y == gray).all()
    assert (cb == 128).all()
    assert (cr == 128).all()
