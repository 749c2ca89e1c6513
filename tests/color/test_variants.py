import numpy as np
import pytest

from colorizer.color.ab_bins import CENTRES
from colorizer.color.chroma import Layer, Place
from colorizer.color.spreading import Guide
from colorizer.color.variants import APART, find_variants

SHOWN, SECOND, THIRD = (0.0, 20.0), (50.0, 30.0), (10.0, -50.0)


def peaks(*colors_and_weights):
    """Logits, (313,), of a distribution with a peak at each colour."""
    share = sum(
        weight * np.exp(-(((CENTRES - color) / 8) ** 2).sum(axis=1)) for color, weight in colors_and_weights
    )
    return np.log(share + 1e-9).astype(np.float32)


@pytest.fixture
def guide():
    """A sure background, and on it one thing, lighter, that may be of three colours."""
    lightness = np.full((96, 96), 40, np.float32)
    lightness[32:64, 32:64] = 75
    logits = np.empty((24, 24, 313), np.float32)
    logits[:] = peaks((SHOWN, 1.0))
    logits[8:16, 8:16] = peaks((SHOWN, 0.5), (SECOND, 0.3), (THIRD, 0.2))
    features = np.zeros((6, 6, 2), np.float32)
    features[..., 0] = 1
    features[2:4, 2:4] = 0, 1
    return Guide(lightness, logits, features)


@pytest.fixture
def painted(guide):
    return Layer(np.full((24, 24, 2), SHOWN, np.float32), guide.lightness)


def test_variants_are_the_other_colours_of_what_is_unsure(guide, painted):
    first, second, *_ = find_variants(guide, painted)
    assert all(1 / 3 < value < 2 / 3 for value in first[0].place)
    assert first[0].place == second[0].place
    assert first[0].color == pytest.approx(SECOND, abs=4)
    assert second[0].color == pytest.approx(THIRD, abs=4)


def test_no_wish_asks_for_what_is_there(guide, painted):
    wishes = [wish for way in find_variants(guide, painted) for wish in way]
    assert min(np.hypot(*np.subtract(wish.color, SHOWN)) for wish in wishes) > APART


def test_what_a_person_has_settled_stays(guide, painted):
    for way in find_variants(guide, painted, [Place(0.5, 0.5)]):
        assert not any(1 / 3 < wish.place.x < 2 / 3 and 1 / 3 < wish.place.y < 2 / 3 for wish in way)
