"""From the state dict of a generated G.pth to a coloured photo, as docs/models.md tells it."""

import numpy as np
import pytest

from colorizer.weights.download import install, verify
from image_colorizer import ImageColorizer

torch = pytest.importorskip("torch")


def test_a_converted_network_installs_and_colours(tmp_path):
    from training.convert_zeruniverse import build_generator, convert

    torch.manual_seed(0)
    state = build_generator().state_dict()
    torch.save(state, tmp_path / "G.pth", _use_new_zipfile_serialization=False)
    convert(tmp_path / "G.pth", tmp_path / "zeruniverse.onnx")
    models = tmp_path / "models"
    install("zeruniverse", tmp_path / "zeruniverse.onnx", models)
    assert dict(verify(models))["zeruniverse"] == "intact"
    photo = np.random.default_rng(0).integers(0, 256, (75, 101), np.uint8)
    result = ImageColorizer("zeruniverse", models_dir=models).colorize(photo)
    assert result.array.shape == (75, 101, 3)
    assert result.array.std(axis=2).mean() > 0.1
    assert result.confidence is None
