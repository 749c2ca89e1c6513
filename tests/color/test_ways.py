import numpy as np

from colorizer.color.superpixels import cut_superpixels
from colorizer.color.ways import EDGE, STEP_COST, find_ways


def two_halves(left, right, shape=(64, 96)):
    lightness = np.full(shape, left, np.float32)
    lightness[:, shape[1] // 2 :] = right
    return lightness


def ways_over(lightness, seen=None):
    """Return superpixels and their ways; seen: what our network sees, one number a cell, or the same."""
    pieces = cut_superpixels(lightness)
    angles = pieces.means(np.zeros_like(lightness) if seen is None else seen)
    traits = np.column_stack([np.cos(angles), np.sin(angles)])
    return pieces, find_ways(pieces, pieces.means(lightness), traits)


def prices_from_the_left(pieces, ways):
    """Return what it costs to go within the left half, and over to the right."""
    left, near, right = pieces.labels[30, 10], pieces.labels[30, 40], pieces.labels[30, 55]
    (prices,) = ways.cheapest(np.array([left])).T
    assert prices[left] == 0
    return prices[near], prices[right]


def test_a_way_costs_its_steps_and_an_edge_of_lightness_costs_much():
    near, right = prices_from_the_left(*ways_over(two_halves(40, 80)))
    assert STEP_COST <= near < 10 * STEP_COST
    assert right > near + 0.3 * (40 / EDGE) ** 2


def test_where_another_thing_of_the_same_lightness_begins_is_an_edge_too():
    grain = np.random.default_rng(1).normal(50, 1, (64, 96)).astype(np.float32)
    near, right = prices_from_the_left(*ways_over(grain, seen=two_halves(0, np.pi / 2)))
    assert near < 10 * STEP_COST
    assert right > near + 0.5


def test_ways_are_the_same_in_both_directions_and_whoever_else_starts():
    _, ways = ways_over(np.random.default_rng(2).uniform(0, 100, (64, 64)).astype(np.float32))
    all_pairs = ways.cheapest(np.arange(len(ways.costs)))
    np.testing.assert_allclose(all_pairs, all_pairs.T, rtol=1e-5)
    np.testing.assert_array_equal(ways.cheapest(np.array([5]))[:, 0], all_pairs[:, 5])
    assert (all_pairs <= all_pairs[:, [7]] + all_pairs[7] + 1e-4).all()  # no way is longer than a detour
