"""training/data.py: the crops, and what ageing may touch."""

import cv2
import numpy as np

from colorizer.color import ab_bins
from training import data
from training.collection import list_photos


def test_a_crop_depends_on_its_number_alone(photos):
    listed = list_photos(photos)
    first, again = data.Crops(listed, 1), data.Crops(listed, 1)
    for name, value in first[7, 64].items():
        assert value.equal(again[7, 64][name]), name
    assert not first[7, 64]["lightness"].equal(first[8, 64]["lightness"])
    assert not first[7, 64]["lightness"].equal(data.Crops(listed, 2)[7, 64]["lightness"])


def test_a_photo_of_a_larger_share_is_drawn_more_often(photos):
    listed = list_photos(photos)
    shares = np.full(len(listed), 0.5 / (len(listed) - 1))
    shares[5] = 0.5
    crops = data.Crops(listed, 1, shares=shares)
    drawn = [crops.pick(number, np.random.default_rng(number)) for number in range(200)]
    assert 0.4 < np.mean(np.array(drawn) == 5) < 0.6


def test_an_example_has_the_shapes_and_ranges_that_the_networks_take(photos):
    crops = data.Crops(list_photos(photos), 1)
    for number in range(40):
        one = crops[number, 64]
        assert one["lightness"].shape == (1, 64, 64)
        assert 0 <= one["lightness"].min() <= one["lightness"].max() <= 100
        assert one["indices"].shape == one["weights"].shape == (16, 16, 5)
        mask = one["hints"][2]
        assert set(mask.unique().tolist()) <= {0.0, 1.0}
        assert not one["hints"][:2, mask == 0].any()


def test_every_fault_changes_the_lightness_and_keeps_its_shape():
    plane = cv2.resize(np.random.default_rng(1).random((8, 8), np.float32), (64, 48))
    for fault, _ in data.FAULTS:
        aged = fault(plane, np.random.default_rng(3))
        assert aged.shape == plane.shape, fault.__name__
        assert np.abs(aged - plane).max() > 1e-3, fault.__name__
        assert np.isfinite(aged).all(), fault.__name__


def test_ageing_stays_within_the_range_of_lightness():
    plane = np.random.default_rng(1).uniform(0, 100, (64, 48)).astype(np.float32)
    for seed in range(50):
        aged = data.age(plane, np.random.default_rng(seed))
        assert aged.dtype == np.float32
        assert 0 <= aged.min() <= aged.max() <= 100


def test_film_sees_a_gray_as_it_is():
    gray = np.repeat(np.arange(0, 256, 4, np.uint8).reshape(8, 8, 1), 3, 2)
    lightness = data.film_lightness(gray, data.draw_film(np.random.default_rng(1)))
    np.testing.assert_allclose(lightness, data.rgb_to_lab(gray)[:, :, 0], atol=0.1)


def test_looking_up_is_encoding():
    ab = np.random.default_rng(1).integers(-110, 111, (5, 4, 2)).astype(np.float32)
    for looked_up, encoded in zip(data.encode_by_table(ab), ab_bins.encode(ab), strict=True):
        np.testing.assert_allclose(looked_up, encoded, atol=1e-6)


def test_hints_carry_the_mean_colour_of_their_square():
    ab = np.zeros((32, 32, 2), np.float32)
    ab[..., 0] = 30
    hints = data.draw_hints(ab, np.random.default_rng(2))
    marked = hints[..., 2] == 1
    assert marked.any()
    np.testing.assert_allclose(hints[marked][:, :2], np.tile([30, 0], (marked.sum(), 1)))
