"""training/card.py: on any device, batches are what training/data.py makes of the same draws."""

import cv2
import numpy as np
import pytest
import torch

from training import card, data
from training.collection import draw_shares, list_photos
from training.data import example

PLACES = ((3, 5, 61), (0, 2, 50), (7, 0, 48), (1, 1, 55))  # top, left, length


@pytest.fixture
def listed(photos):
    return list_photos(photos)


@pytest.fixture
def crops(listed):
    return card.CardCrops(listed, 1, draw_shares(listed), "cpu")


def tensor(array):
    return torch.from_numpy(np.ascontiguousarray(array))


@pytest.mark.parametrize("side", [32, 64])
@pytest.mark.parametrize("flipped", [False, True])
def test_the_same_cut_gives_the_same_lightness_target_and_colours(listed, crops, side, flipped):
    count = len(PLACES)
    places = tensor(np.array(PLACES).T)
    levels = crops.cut_out(torch.arange(count), places, torch.full((count, 1, 1), flipped), side)
    lab = card.rgb_to_lab(levels)
    batch = crops.examples(lab, lab[:, 0], torch.zeros(count, 3, side, side), crops.scenes[:count])
    for number, place in enumerate(PLACES):
        rgb = data.cut_out(listed[number].read(), place, flipped, side)
        np.testing.assert_allclose(levels[number].permute(1, 2, 0), rgb, atol=1)
        plain = data.rgb_to_lab(rgb)
        one = example(plain, plain[:, :, 0], np.zeros_like(plain), listed[number].scene)
        for name, tolerance in (("lightness", 0.6), ("clean", 0.6), ("ab", 0.6)):
            np.testing.assert_allclose(batch[name][number], one[name], atol=tolerance)
        same = (batch["indices"][number][..., 0] == one["indices"][..., 0]).float().mean()
        assert same > 0.9  # the others lie on the border of two bins
        assert batch["scene"][number] == one["scene"]


def test_lab_and_film_are_those_of_the_product():
    rgb = np.random.default_rng(1).integers(0, 256, (16, 24, 3), np.uint8)
    levels = tensor(rgb.transpose(2, 0, 1)).float()[None]
    np.testing.assert_allclose(card.rgb_to_lab(levels)[0].permute(1, 2, 0), data.rgb_to_lab(rgb), atol=0.02)
    response = data.draw_film(np.random.default_rng(2))
    seen = card.film_lightness(levels, tensor(response)[None])[0]
    np.testing.assert_allclose(seen, data.film_lightness(rgb, response), atol=0.02)


def test_the_same_spots_give_the_same_hints():
    random = np.random.default_rng(1)
    ab = random.uniform(-60, 60, (2, 32, 32, 2)).astype(np.float32)
    spots, radius = random.integers(0, 32, (2, 9, 2)), random.integers(-1, 5, (2, 9))
    planes = card.paint_hints(tensor(ab.transpose(0, 3, 1, 2)), tensor(spots), tensor(radius))
    for number in range(2):
        expected = np.zeros((32, 32, 3), np.float32)
        for spot, size in zip(spots[number], radius[number], strict=True):
            if size >= 0:
                data.paint_hint(expected, ab[number], spot, size)
        np.testing.assert_allclose(planes[number].permute(1, 2, 0), expected, atol=1e-4)


def test_a_jpeg_loses_what_opencv_s_loses():
    rough = np.random.default_rng(1).random((12, 12), np.float32)
    plane = np.clip(cv2.resize(rough, (64, 64), interpolation=cv2.INTER_CUBIC), 0, 1)
    for quality in (30, 75):
        ours = card.compress_at(tensor(plane)[None], torch.full((1, 1, 1), float(quality)))[0].numpy()
        coded = cv2.imencode(".jpg", (plane * 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        theirs = cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE) / 255
        assert np.abs(ours - theirs).mean() < 0.002, quality
        assert np.abs(ours - plane).mean() > 0.004, quality


def test_every_fault_of_the_plain_version_is_here_and_changes_planes_about_as_much():
    plane = cv2.resize(np.random.default_rng(1).random((9, 9), np.float32), (64, 64))
    draws = card.Draws(1, 200, "cpu")
    for fault, _ in data.FAULTS:
        ours = card.FAULTS[fault.__name__](tensor(plane)[None].expand(200, -1, -1), draws)
        theirs = np.stack([fault(plane, np.random.default_rng(seed)) for seed in range(200)])
        changes = [np.abs(aged - plane).mean() for aged in (ours.numpy(), theirs)]
        assert changes[0] == pytest.approx(changes[1], rel=0.2), fault.__name__
        assert ours.mean().item() == pytest.approx(theirs.mean(), abs=0.02), fault.__name__


def test_a_batch_depends_on_its_number_alone_and_has_the_plain_version_s_form(listed, crops):
    batch, again, other = (crops.batch(number, 6, 64) for number in (12, 12, 18))
    one = data.Crops(listed, 1)[0, 64]
    assert batch.keys() == one.keys()
    for name, value in batch.items():
        assert value.shape[1:] == one[name].shape, name
        assert value.equal(again[name]), name
    assert not batch["lightness"].equal(other["lightness"])
    assert 0 <= batch["lightness"].min() <= batch["lightness"].max() <= 100


def test_half_of_the_crops_are_hinted_and_about_half_aged(crops):
    batch = crops.batch(0, 300, 32)
    hinted = batch["hints"][:, 2].amax((1, 2))
    assert hinted.mean() == pytest.approx(data.HINTED, abs=0.1)
    aged = ((batch["lightness"] - batch["clean"]).abs().amax((1, 2, 3)) > 0.5).float().mean()
    assert 0.4 < aged < 0.75
