import numpy as np
import pytest

from colorizer.color.superpixels import EDGE, STEP_COST, cut_superpixels


def two_halves(height=64, width=96):
    lightness = np.full((height, width), 40, np.float32)
    lightness[:, width // 2 :] = 80
    return lightness


@pytest.mark.parametrize("shape", [(16, 16), (32, 128), (192, 192), (160, 224)])
def test_every_cell_is_in_one_piece_and_no_piece_is_empty(shape):
    pieces = cut_superpixels(np.random.default_rng(1).uniform(0, 100, shape).astype(np.float32))
    assert pieces.labels.shape == shape
    assert sorted(set(pieces.labels.ravel())) == list(range(len(pieces.sizes)))
    assert pieces.sizes.sum() == pieces.labels.size
    assert 30 <= pieces.sizes.mean() <= 90


def test_pieces_keep_to_edges():
    pieces = cut_superpixels(two_halves())
    means = pieces.means(two_halves())
    assert (np.minimum(abs(means - 40), abs(means - 80)) < 8).all()


def test_a_way_costs_its_steps_and_an_edge_costs_much():
    pieces = cut_superpixels(two_halves())
    left, near, right = pieces.labels[30, 10], pieces.labels[30, 40], pieces.labels[30, 55]
    (prices,) = pieces.cheapest_paths(np.array([left])).T
    assert prices[left] == 0
    assert STEP_COST <= prices[near] < 10 * STEP_COST
    assert prices[right] > prices[near] + 0.3 * (40 / EDGE) ** 2


def test_ways_are_the_same_in_both_directions_and_whoever_else_starts():
    pieces = cut_superpixels(np.random.default_rng(2).uniform(0, 100, (64, 64)).astype(np.float32))
    all_pairs = pieces.cheapest_paths(np.arange(len(pieces.sizes)))
    np.testing.assert_allclose(all_pairs, all_pairs.T, rtol=1e-5)
    np.testing.assert_array_equal(pieces.cheapest_paths(np.array([5]))[:, 0], all_pairs[:, 5])
    assert (all_pairs <= all_pairs[:, [7]] + all_pairs[7] + 1e-4).all()  # no way is longer than a detour
