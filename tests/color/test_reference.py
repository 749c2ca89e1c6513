"""Colours by example, on made-up photos of two things."""

import numpy as np
import pytest

from colorizer.color.reference import Reference, take_colors
from colorizer.color.spreading import Guide

SKY, WALL, NEITHER = range(3)
BLUE, RED, OWN = (5.0, -35.0), (45.0, 30.0), (3.0, 4.0)


def guide(upper, lower, lightness=(70, 40)):
    """A photo of one thing above another, each seen as it is and of one lightness."""
    shown = np.repeat(np.float32(lightness), 48)[:, np.newaxis].repeat(96, axis=1)
    seen = np.eye(3, dtype=np.float32)[[upper] * 12 + [lower] * 12]
    features = np.repeat(seen[:, np.newaxis], 24, axis=1)
    return Guide(shown, np.zeros((24, 24, 313), np.float32), features)


def reference(guide, upper, lower):
    colors = np.repeat(np.float32([upper, lower]), 24, axis=0)
    return Reference(guide, np.repeat(colors[:, np.newaxis], 48, axis=1), "")


OURS = np.full((24, 24, 2), OWN, np.float32)
INSIDE = slice(2, 9), slice(14, 22)  # rows of the upper and the lower thing, away from the border


@pytest.mark.parametrize("swapped", [False, True])
def test_each_thing_takes_the_colour_of_its_like_wherever_that_is(swapped):
    there = reference(guide(SKY, WALL), BLUE, RED)
    if swapped:
        there = reference(guide(WALL, SKY, (40, 70)), RED, BLUE)
    upper, lower = (take_colors(OURS, guide(SKY, WALL), there)[rows] for rows in INSIDE)
    assert np.abs(upper - BLUE).max() < 1
    assert np.abs(lower - RED).max() < 1


def test_what_has_no_like_keeps_its_own_colours():
    taken = take_colors(OURS, guide(NEITHER, WALL), reference(guide(SKY, WALL), BLUE, RED))
    np.testing.assert_array_equal(taken[INSIDE[0]], OURS[INSIDE[0]])
    assert np.abs(taken[INSIDE[1]] - RED).max() < 1


def test_a_photo_with_nothing_in_common_changes_nothing():
    there = reference(guide(NEITHER, NEITHER), BLUE, RED)
    np.testing.assert_array_equal(take_colors(OURS, guide(SKY, WALL), there), OURS)


def test_light_and_shade_of_one_thing_take_their_own_colours():
    taken = take_colors(OURS, guide(SKY, SKY), reference(guide(SKY, SKY), BLUE, RED))
    assert np.abs(taken[INSIDE[0]] - BLUE).max() < 2
    assert np.abs(taken[INSIDE[1]] - RED).max() < 2


def test_what_is_given_stays_as_it_is():
    take_colors(OURS, guide(SKY, WALL), reference(guide(SKY, WALL), BLUE, RED))
    assert (OURS == OWN).all()
