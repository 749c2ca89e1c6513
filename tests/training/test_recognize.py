"""training/recognize.py and training/things.py: measures of known answer."""

import numpy as np
import pytest

from colorizer.color.lab import rgb_to_lab
from training import things
from training.recognize import Recognition, frechet_distance, match_chroma
from training.things import list_things, variation


def test_the_distance_of_normal_distributions_is_frechet_s():
    random = np.random.default_rng(1)
    one = random.normal(0, 1, (300, 3))
    assert frechet_distance(one, one) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(one, one + 2) == pytest.approx(3 * 4, abs=1e-6)
    assert frechet_distance(one, 3 * one) == pytest.approx(3 * 4, rel=0.1)  # (3 - 1)^2 in each direction


def test_the_truth_is_recognized_and_real():
    rgb = np.random.default_rng(1).integers(0, 256, (3, 60, 80, 3), np.uint8)
    recognition = Recognition()
    for photo in rgb:
        recognition.add(photo, np.zeros_like(photo), photo)
    figures = recognition.figures()
    assert figures["recognition"] == 1
    assert figures["frechet_distance"] == pytest.approx(0, abs=1)


def test_chroma_is_matched_at_the_same_lightness():
    rgb = np.full((8, 8, 3), (150, 110, 90), np.uint8)
    pale = np.full((8, 8, 3), (132, 114, 104), np.uint8)
    matched, truth, before = (rgb_to_lab(one)[0, 0] for one in (match_chroma(pale, rgb), rgb, pale))
    assert np.hypot(*matched[1:]) == pytest.approx(np.hypot(*truth[1:]), abs=1.5)
    assert matched[0] == pytest.approx(before[0], abs=0.5)


def test_a_wall_of_one_colour_does_not_vary_and_patches_on_it_do():
    rgb = np.full((60, 80, 3), (140, 110, 90), np.uint8)
    lab = rgb_to_lab(rgb)
    walls = list_things(rgb, lab[..., 0])
    assert len(walls) == 1
    assert variation(lab[..., 1:], walls) == pytest.approx(0, abs=1e-3)
    patched = lab[..., 1:].copy()
    patched[:, :40, 1] += 20
    assert variation(patched, walls) == pytest.approx(10, abs=0.1)


def test_what_varies_in_lightness_is_no_thing(monkeypatch):
    monkeypatch.setattr(things, "felzenszwalb", lambda rgb, *_, **__: np.zeros(rgb.shape[:2], int))
    ramp = np.linspace(0, 255, 80).astype(np.uint8)[None, :, None].repeat(60, 0).repeat(3, 2)
    assert list_things(ramp, rgb_to_lab(ramp)[..., 0]) == []
    assert variation(np.zeros((60, 80, 2)), []) is None
