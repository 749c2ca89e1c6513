import numpy as np
import pytest

from colorizer.color.lab import rgb_to_lab
from colorizer.color.warmth import warm


def colors(seed=1):
    lab = rgb_to_lab(np.random.default_rng(seed).integers(0, 256, (20, 30, 3)).astype(np.uint8))
    return np.ascontiguousarray(lab[..., 1:]), lab[..., 0].copy()


def test_no_warmth_changes_no_bit():
    ab, lightness = colors()
    np.testing.assert_array_equal(warm(ab, lightness, 0), ab)


def test_white_gets_the_colour_of_the_light():
    """D50 seen as by someone used to D65: computed from the definition of CIE Lab."""
    white = warm(np.zeros((1, 1, 2), np.float32), np.full((1, 1), 100, np.float32), 1)[0, 0]
    a = 500 * (np.cbrt(0.96422 / 0.95047) - 1)
    b = 200 * (1 - np.cbrt(0.82521 / 1.08883))
    assert white == pytest.approx((a, b), abs=1e-4)
    assert b > 15


def test_warm_and_as_much_cool_cancel_each_other():
    ab, lightness = colors()
    np.testing.assert_allclose(warm(warm(ab, lightness, 0.7), lightness, -0.7), ab, atol=1e-3)


def test_warmer_is_yellower_everywhere():
    ab, lightness = colors()
    assert (warm(ab, lightness, 0.5)[..., 1] - ab[..., 1])[(lightness > 10) & (ab[..., 1] < 60)].min() > 0
