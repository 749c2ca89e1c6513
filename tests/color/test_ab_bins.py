"""The 313 bins against the published facts of them, and against slow, obvious arithmetic."""

import numpy as np
import pytest

from colorizer.color import ab_bins
from colorizer.color.ab_bins import CENTRES


def test_the_table_has_313_rows_from_the_published_first_to_the_last():
    assert CENTRES.shape == (313, 2)
    assert CENTRES[:3].tolist() == [[-90, 50], [-90, 60], [-90, 70]]
    assert CENTRES[-2:].tolist() == [[100, -10], [100, 0]]
    assert CENTRES.min(0).tolist() == [-90, -110]
    assert CENTRES.max(0).tolist() == [100, 100]


def test_the_table_ascends_without_a_repeat():
    order = CENTRES[:, 0] * 1000 + CENTRES[:, 1]
    assert (np.diff(order) > 0).all()


def test_every_bin_lies_on_the_grid_of_ten():
    assert (CENTRES % 10 == 0).all()


def test_a_centre_is_its_own_nearest_bin_with_the_weight_of_the_formula():
    indices, weights = ab_bins.encode(np.array([0.0, 0.0]))
    assert CENTRES[indices[0]].tolist() == [0, 0]
    neighbour = np.exp(-100 / 50)  # each of the four is 10 units away, sigma is 5
    np.testing.assert_allclose(weights, np.array([1, *[neighbour] * 4]) / (1 + 4 * neighbour), rtol=1e-6)


def test_between_four_bins_the_four_share_alike():
    indices, weights = ab_bins.encode(np.array([5.0, 5.0]))
    assert sorted(CENTRES[indices[:4]].tolist()) == [[0, 0], [0, 10], [10, 0], [10, 10]]
    np.testing.assert_allclose(weights[:4], weights[0], rtol=1e-6)


@pytest.mark.parametrize("ab", [(-128, -128), (127, 127), (-128, 127), (33.3, -71.2)])
def test_any_colour_gets_five_bins_nearest_first_and_weights_that_sum_to_one(ab):
    indices, weights = ab_bins.encode(np.array(ab))
    distances = np.linalg.norm(CENTRES - ab, axis=1)
    np.testing.assert_allclose(distances[indices], np.sort(distances)[:5], rtol=1e-5)
    assert weights.sum() == pytest.approx(1, abs=1e-6)
    assert (np.diff(weights) <= 1e-7).all()


def test_encode_keeps_the_shape_of_a_picture():
    indices, weights = ab_bins.encode(np.zeros((4, 6, 2)))
    assert indices.shape == weights.shape == (4, 6, 5)
    assert weights.dtype == np.float32


def test_the_mean_of_an_encoded_colour_is_near_it():
    ab = np.random.default_rng(1).uniform(-40, 40, (50, 2)).astype(np.float32)
    indices, weights = ab_bins.encode(ab)
    probabilities = np.zeros((50, 313), np.float32)
    np.put_along_axis(probabilities, indices, weights, -1)
    assert np.abs(ab_bins.annealed_mean(probabilities, 1) - ab).max() < 2.5


def test_temperature_one_is_the_mean_and_a_low_one_the_likeliest_bin():
    probabilities = np.zeros(313, np.float32)
    red, green = (int(np.flatnonzero((c == CENTRES).all(1))[0]) for c in ((60, 40), (-40, 40)))
    probabilities[red], probabilities[green] = 0.6, 0.4
    np.testing.assert_allclose(ab_bins.annealed_mean(probabilities, 1), [20, 40], atol=1e-3)
    np.testing.assert_allclose(ab_bins.annealed_mean(probabilities, 0.05), [60, 40], atol=0.1)
    share = 0.6 ** (1 / 0.38) / (0.6 ** (1 / 0.38) + 0.4 ** (1 / 0.38))
    np.testing.assert_allclose(ab_bins.annealed_mean(probabilities), [-40 + 100 * share, 40], atol=1e-2)


def test_softmax_bears_large_logits_and_gives_shares():
    logits = np.zeros((2, 313), np.float32)
    logits[0, 7] = 1000
    probabilities = ab_bins.softmax(logits)
    assert probabilities[0, 7] == 1
    np.testing.assert_allclose(probabilities[1], 1 / 313, rtol=1e-5)


def test_confidence_is_one_when_certain_and_zero_when_uniform():
    certain = np.zeros(313, np.float32)
    certain[5] = 1
    assert ab_bins.entropy_confidence(certain) == pytest.approx(1, abs=1e-6)
    assert ab_bins.entropy_confidence(np.full(313, 1 / 313)) == pytest.approx(0, abs=1e-5)
    two = certain.copy()
    two[[5, 6]] = 0.5
    assert ab_bins.entropy_confidence(two) == pytest.approx(1 - np.log(2) / np.log(313), abs=1e-6)
