"""Corrections on a made-up photo of three things: a sky, a wall below it, and a door in the wall."""

import cv2
import numpy as np
import pytest

from colorizer.color.ab_bins import CENTRES
from colorizer.color.chroma import Layer, Place, color_pixels
from colorizer.color.corrections import Spot, correct
from colorizer.color.lab import lab_to_rgb, limit_chroma, rgb_to_lab
from colorizer.color.spreading import Guide
from colorizer.color.strokes import Strokes, strokes_of

SKY, WALL, DOOR = range(3)
LIGHTNESS = np.array([75, 55, 35], np.float32)
PAINTED = np.array([(0, -20), (5, 25), (25, 15)], np.float32)
ON = {SKY: Place(0.3, 0.2), WALL: Place(0.15, 0.75), DOOR: Place(0.55, 0.75)}
BLUE, GREEN, GRAY = (10.0, -35.0), (-35.0, 25.0), (0.0, 0.0)


def things():
    labels = np.full((96, 96), SKY)
    labels[48:] = WALL
    labels[60:90, 36:72] = DOOR
    return labels


@pytest.fixture(scope="module")
def guide():
    grain = np.random.default_rng(1).normal(0, 0.5, (96, 96)).astype(np.float32)
    distances = np.linalg.norm(CENTRES - PAINTED[:, None], axis=2)
    logits = -((distances / 15) ** 2).astype(np.float32)
    return Guide(
        LIGHTNESS[things()] + grain,
        logits[things()[::4, ::4]],
        np.eye(3, dtype=np.float32)[things()[2::4, 2::4]],
    )


@pytest.fixture(scope="module")
def painted(guide):
    return Layer(PAINTED[things()[2::4, 2::4]], guide.lightness)


@pytest.fixture(scope="module")
def colored(guide, painted):
    """Return what colours a photo as large as one pleases with spots: ab of each of its pixels."""

    def color(*spots, scale=2, strokes=None):
        labels = np.repeat(np.repeat(things(), scale, 0), scale, 1)
        neutral = np.zeros((*labels.shape, 2), np.float32)
        photo = lab_to_rgb(LIGHTNESS[labels], neutral, np.uint16)[..., 0]
        change = correct(painted, guide, spots, strokes) if spots or strokes else None
        return rgb_to_lab(color_pixels(photo, *painted, change))[..., 1:]

    return color


def spot(thing, ab, **more):
    return Spot(ON[thing], float(LIGHTNESS[thing]), ab, **more)


def at(ab, place):
    return ab[int(place.y * ab.shape[0]), int(place.x * ab.shape[1])]


def moved(ab, before):
    return np.linalg.norm(ab - before, axis=2)


def inside(thing, scale=2):
    """Where a thing is, less a rim of a few cells."""
    whole = (things() == thing).astype(np.uint8)
    rim = cv2.erode(whole, np.ones((13, 13), np.uint8), borderValue=1)
    return np.repeat(np.repeat(rim, scale, 0), scale, 1).astype(bool)


@pytest.mark.parametrize("thing", ON)
@pytest.mark.parametrize("asked", [BLUE, GREEN, GRAY, (12.0, 20.0)])
def test_a_spot_gets_just_the_colour_that_was_asked_for(colored, thing, asked):
    assert at(colored(spot(thing, asked)), ON[thing]) == pytest.approx(asked, abs=0.5)


def test_a_colour_that_srgb_lacks_there_comes_as_near_as_it_can(colored):
    a, b = at(colored(spot(SKY, (60, -90))), ON[SKY])
    assert np.hypot(a, b) > 30
    assert b / a == pytest.approx(-90 / 60, abs=0.05)


def test_a_correction_fills_its_thing_and_leaves_the_others(colored):
    before, after = colored(), colored(spot(DOOR, BLUE))
    assert (np.linalg.norm(after - BLUE, axis=2)[inside(DOOR)] < 6).all()
    assert moved(after, before)[inside(WALL)].max() < 1
    np.testing.assert_array_equal(after[inside(SKY)], before[inside(SKY)])


def test_asking_for_what_is_there_changes_nothing(colored):
    before = colored()
    same = tuple(at(before, ON[WALL]))
    assert moved(colored(spot(WALL, same)), before).max() < 0.5
    np.testing.assert_array_equal(colored(spot(WALL, None)), before)


def test_a_small_change_stays_near_and_a_large_one_goes_all_over_the_thing(colored):
    before = colored()
    towards = np.float32(BLUE) - at(before, ON[WALL])
    changed = {}
    for share in (0.15, 1.0):
        after = colored(spot(WALL, tuple(at(before, ON[WALL]) + share * towards)))
        changed[share] = (moved(after, before) > 0.1).mean()
    assert 0 < changed[0.15] < changed[1.0]


def test_a_gray_spot_takes_the_colour_from_the_whole_thing(colored):
    after = colored(spot(SKY, GRAY, reach=2))
    assert np.linalg.norm(after, axis=2)[inside(SKY)].max() < 3


def test_the_order_of_spots_does_not_matter(colored):
    spots = [spot(SKY, GREEN), spot(WALL, BLUE), spot(DOOR, GRAY)]
    np.testing.assert_allclose(colored(*spots), colored(*spots[::-1]), atol=0.2)


def test_two_spots_on_two_things_do_not_mix(colored):
    after = colored(spot(WALL, BLUE), spot(DOOR, GREEN))
    assert at(after, ON[WALL]) == pytest.approx(BLUE, abs=0.5)
    assert at(after, ON[DOOR]) == pytest.approx(GREEN, abs=0.5)
    alone = colored(spot(DOOR, GREEN))
    assert moved(after, alone)[inside(DOOR)].max() < 2


def test_many_spots_on_one_thing_never_overshoot(colored):
    places = [Place(x, y) for x in (0.1, 0.4, 0.7, 0.9) for y in (0.1, 0.25, 0.4)]
    after = colored(*(Spot(place, LIGHTNESS[SKY], (0.0, -40.0)) for place in places))
    assert after[..., 1].min() > -43


def test_reach_widens_what_a_spot_changes(colored):
    before = colored()
    changed = [(moved(colored(spot(WALL, BLUE, reach=reach)), before) > 1).mean() for reach in (0.25, 1, 4)]
    assert changed[0] < changed[1] < changed[2]


def test_a_spot_to_keep_fences_off_the_others(colored):
    wide, before = spot(WALL, BLUE, reach=4), colored()
    alone, fenced = colored(wide), colored(wide, spot(DOOR, None))
    assert moved(alone, before)[inside(DOOR)].mean() > 10
    assert moved(fenced, before)[inside(DOOR)].max() < 2
    assert at(fenced, ON[WALL]) == pytest.approx(BLUE, abs=0.5)


def test_a_preview_and_the_full_size_agree(colored):
    spots = [spot(WALL, BLUE), spot(DOOR, GREEN)]
    small, large = colored(*spots, scale=1), colored(*spots, scale=8)
    assert np.linalg.norm(small - large[4::8, 4::8], axis=2).mean() < 0.5


def test_a_hundred_spots_at_one_place_are_still_one_colour(colored):
    after = colored(*[spot(WALL, BLUE)] * 100)
    assert at(after, ON[WALL]) == pytest.approx(BLUE, abs=0.5)


def brushed(color, rows, columns, size=(48, 48)):
    mask = np.zeros((*size, 4), np.uint8)
    mask[..., :3] = 255, 0, 0  # which nobody asks for
    mask[rows, columns] = *color, 255
    return strokes_of(mask, 96, 96)


def test_a_stroke_gets_its_colour_and_nothing_else_does(colored):
    strokes = brushed((0, 0, 200), slice(4, 16), slice(4, 40))
    before, after = colored(), colored(strokes=strokes)
    wanted = limit_chroma(np.full((1, 1), LIGHTNESS[SKY]), rgb_to_lab(np.uint8([[[0, 0, 200]]]))[..., 1:])[
        0, 0
    ]
    assert (np.linalg.norm(after - wanted, axis=2)[24:56, 40:140] < 2).all()
    np.testing.assert_array_equal(after[80:], before[80:])
    np.testing.assert_array_equal(after[:, 176:], before[:, 176:])


def test_strokes_of_several_colours(colored):
    two = brushed((0, 0, 200), slice(4, 12), slice(4, 20))
    other = brushed((0, 120, 0), slice(4, 12), slice(28, 44))
    after = colored(strokes=Strokes(two.ab + other.ab, two.share + other.share))
    assert after[32, 40, 1] < -30
    assert after[32, 140, 0] < -20


def test_a_spot_does_not_reach_into_a_stroke_but_one_on_it_speaks(colored):
    strokes = brushed((0, 120, 0), slice(4, 16), slice(4, 40))
    beside = Spot(Place(0.5, 0.44), LIGHTNESS[SKY], BLUE, reach=4)
    assert moved(colored(beside, strokes=strokes), colored(strokes=strokes))[30:50, 40:140].max() < 3
    inside = Spot(Place(0.4, 0.2), LIGHTNESS[SKY], BLUE)
    assert at(colored(inside, strokes=strokes), inside.place) == pytest.approx(BLUE, abs=0.5)


def test_a_mask_without_strokes_changes_nothing(colored):
    empty = Strokes(np.zeros((96, 96, 2), np.float32), np.zeros((96, 96), np.float32))
    np.testing.assert_array_equal(colored(strokes=empty), colored())


@pytest.mark.parametrize("side", [32, 96])
def test_a_photo_of_nothing_is_corrected_too(side):
    flat = np.full((side, side), 50, np.float32)
    guide = Guide(flat, np.zeros((side // 4, side // 4, 313), np.float32), np.ones((2, 2, 3), np.float32))
    change = correct(Layer(np.zeros((8, 8, 2), np.float32), flat), guide, [Spot(Place(0.5, 0.5), 50, BLUE)])
    assert np.isfinite(change.ab).all()
    np.testing.assert_allclose(change.ab.mean(axis=(0, 1)), BLUE, atol=0.5)
