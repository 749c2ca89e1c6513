import numpy as np
import pytest

from colorizer.color.lab import rgb_to_lab
from colorizer.strategies.registry import create_strategy
from colorizer.strategies.zeruniverse import ab_of_yuv


@pytest.fixture
def strategy(generated_models):
    strategy = create_strategy("zeruniverse", generated_models)
    strategy.load()
    return strategy


@pytest.mark.parametrize(
    ("photo_size", "shown"),
    [
        ((4000, 3000), (512, 384)),
        ((3000, 4000), (384, 512)),
        ((301, 199), (300, 200)),
        ((512, 512), (512, 512)),
        ((1, 1), (64, 64)),
        ((60_000, 1), (512, 64)),
    ],
)
def test_photos_are_shown_within_512(strategy, photo_size, shown):
    assert strategy.network_size(*photo_size) == shown


def test_the_answer_has_the_size_shown(strategy):
    for width, height in ((64, 64), (512, 64), (100, 132)):
        lightness = np.random.default_rng(0).uniform(0, 100, (height, width)).astype(np.float32)
        prediction = strategy.predict(lightness)
        assert prediction.ab.shape == (height, width, 2)
        assert prediction.confidence is None


def test_the_network_sees_centred_luma(strategy, monkeypatch):
    seen = {}
    run = strategy.model.run
    monkeypatch.setattr(
        strategy.model, "run", lambda outputs, inputs: seen.update(inputs) or run(outputs, inputs)
    )
    levels = np.arange(0, 256, 255 / 3).round().astype(np.uint8)  # four grays
    rgb = np.repeat(np.tile(levels, (64, 16))[..., None], 3, axis=2)
    strategy.predict(rgb_to_lab(rgb)[..., 0].copy())
    np.testing.assert_allclose(seen["luma"][0, 0], rgb[..., 0] / 255 - 0.5, atol=1e-3)


def test_uv_of_known_colors_come_back_as_their_ab():
    """Rec. 601: Y = 0.299 R + 0.587 G + 0.114 B, U = 0.492 (B - Y), V = 0.877 (R - Y)."""
    rgb = np.random.default_rng(0).uniform(0.1, 0.9, (20, 20, 3)).astype(np.float32)
    y = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    ab = ab_of_yuv(y, 0.492 * (rgb[..., 2] - y), 0.877 * (rgb[..., 0] - y))
    np.testing.assert_allclose(ab, rgb_to_lab(rgb)[..., 1:], atol=0.3)


def test_no_uv_is_gray():
    y = np.linspace(0, 1, 50, dtype=np.float32).reshape(5, 10)
    np.testing.assert_allclose(ab_of_yuv(y, 0 * y, 0 * y), 0, atol=0.05)
