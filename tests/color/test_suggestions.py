import numpy as np
import pytest

from colorizer.color.ab_bins import CENTRES
from colorizer.color.suggestions import likely_colors, told_apart


def distribution(*peaks):
    """Return shares of bins as {(a, b): share}, with a little everywhere."""
    probabilities = np.full(313, 1e-6)
    for a, b, share in peaks:
        probabilities[((a, b) == CENTRES).all(axis=1)] += share
    return probabilities / probabilities.sum()


def test_separate_peaks_come_likeliest_first():
    colors = likely_colors(distribution((60, 40, 0.2), (-40, 40, 0.5), (10, -50, 0.3)))
    found = [(round(a, -1), round(b, -1)) for (a, b), _ in colors]
    assert found == [(-40, 40), (10, -50), (60, 40)]
    assert [share for _, share in colors] == pytest.approx([0.5, 0.3, 0.2], abs=0.02)


def test_neighbours_are_one_color_between_them():
    (((a, b), share), *_) = likely_colors(distribution((20, 20, 0.45), (20, 30, 0.45), (-60, 60, 0.1)))
    assert (a, b) == pytest.approx((20, 25), abs=0.5)
    assert share == pytest.approx(0.9, abs=0.02)


def test_even_a_certain_network_offers_three():
    certain = np.zeros(313, np.float32)
    certain[7] = 1
    colors = likely_colors(certain)
    assert len(colors) == 3
    assert colors[0] == (pytest.approx(tuple(CENTRES[7]), abs=1e-3), pytest.approx(1))


def test_an_undecided_network_offers_six():
    assert len(likely_colors(np.full(313, 1 / 313))) == 6


@pytest.mark.parametrize("seed", range(20))
def test_any_distribution_gives_sensible_colors(seed):
    probabilities = np.random.default_rng(seed).dirichlet(np.full(313, 0.05)).astype(np.float32)
    colors = likely_colors(probabilities)
    shares = [share for _, share in colors]
    assert 3 <= len(colors) <= 6
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 1 + 1e-6
    assert all(share >= 0.02 for share in shares[3:])


@pytest.mark.parametrize(("lightness", "kept"), [(0, [0]), (6, [0, 2]), (50, [0, 1, 2]), (100, [0])])
def test_colours_that_look_alike_at_a_lightness_are_offered_once(lightness, kept):
    gray_brown_and_violet = [((2.0, 3.0), 0.6), ((12.0, 22.0), 0.3), ((40.0, -50.0), 0.1)]
    assert told_apart(gray_brown_and_violet, lightness) == [gray_brown_and_violet[each] for each in kept]
