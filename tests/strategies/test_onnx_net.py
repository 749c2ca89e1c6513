import numpy as np
import pytest
from onnx_files import ddcolor_onnx

from colorizer.color.lab import limit_chroma, rgb_to_lab
from colorizer.strategies.onnx_net import OnnxModel, OnnxNet, gray_levels
from colorizer.strategies.registry import create_strategy
from colorizer.weights.manifest import load_manifest

ENTRY = load_manifest()["ddcolor"]


@pytest.fixture(params=[np.float32, np.float16])
def strategy(request, tmp_path):
    """A synthetic file with the signature of the real ddcolor, at its real size."""
    path = tmp_path / ENTRY.file
    path.write_bytes(ddcolor_onnx(side=512, dtype=request.param))
    strategy = OnnxNet(ENTRY, tmp_path)
    strategy._build(path)
    return strategy


def noise(seed=0):
    return np.random.default_rng(seed).uniform(0, 100, (512, 512)).astype(np.float32)


def test_photos_are_shown_at_the_size_of_the_signature(strategy):
    assert strategy.network_size(4000, 10) == (512, 512)


def test_colors_are_kept_in_the_gamut(strategy):
    lightness = noise()
    raw = strategy.model.run(["output"], {"input": np.repeat(gray_levels(lightness)[None, None], 3, axis=1)})[
        0
    ]
    ab = strategy.predict(lightness).ab
    assert np.abs(raw).max() > 120  # or the test would not notice
    np.testing.assert_allclose(ab, limit_chroma(lightness, ab), atol=0.05)
    inside = (np.abs(raw) < 5).all(axis=1)[0] & (lightness > 20) & (lightness < 80)
    np.testing.assert_allclose(ab[inside], raw[0].transpose(1, 2, 0)[inside], atol=1e-3)


def test_half_and_full_precision_agree(tmp_path):
    models = []
    for dtype in (np.float32, np.float16):
        path = tmp_path / f"{np.dtype(dtype)}.onnx"
        path.write_bytes(ddcolor_onnx(side=64, dtype=dtype))
        models.append(OnnxModel("ddcolor", path))
    picture = np.random.default_rng(0).uniform(0, 1, (1, 3, 64, 64))
    full, half = (model.run(["output"], {"input": picture})[0] for model in models)
    assert half.dtype == np.float32
    np.testing.assert_allclose(half, full, atol=1.0)


def test_gray_levels_are_those_of_the_photo():
    levels = np.arange(256, dtype=np.uint8)
    gray = np.repeat(levels.reshape(1, -1, 1), 3, axis=2)
    lightness = np.ascontiguousarray(rgb_to_lab(gray)[..., 0])
    np.testing.assert_allclose(gray_levels(lightness)[0], levels / 255, atol=5e-4)


def test_the_registry_makes_it(generated_models):
    assert isinstance(create_strategy("ddcolor", generated_models), OnnxNet)
