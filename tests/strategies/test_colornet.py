import hashlib

import cv2
import numpy as np
import pytest
import skimage.data
from onnx import helper, load_from_string
from onnx_files import colornet_onnx

from colorizer.color.ab_bins import CENTRES, softmax
from colorizer.color.lab import rgb_to_lab
from colorizer.color.suggestions import likely_colors
from colorizer.errors import WeightsDamaged
from colorizer.strategies import onnx_net
from colorizer.strategies.colornet import Colornet
from colorizer.strategies.onnx_net import OnnxModel
from colorizer.strategies.registry import create_strategy


@pytest.fixture(scope="module")
def shipped():
    strategy = create_strategy("colornet")
    strategy.load()
    return strategy


@pytest.fixture
def small(generated_models):
    strategy = create_strategy("colornet", generated_models)
    strategy.load()
    return strategy


def noise(width, height, seed=0):
    return np.random.default_rng(seed).uniform(0, 100, (height, width)).astype(np.float32)


# The file that we ship


def test_the_shipped_file_has_the_promised_interface(shipped):
    session = shipped.model.session
    shapes = {
        item.name: (item.type, len(item.shape)) for item in (*session.get_inputs(), *session.get_outputs())
    }
    planes = ("tensor(float)", 4)
    assert shapes == {
        "lightness": planes,
        "hints": planes,
        "ab": planes,
        "confidence": planes,
        "logits": planes,
        "features": planes,
        "scene": ("tensor(float)", 2),
    }
    assert session.get_inputs()[0].shape[1] == 1
    assert session.get_inputs()[1].shape[1] == 3


def test_the_shipped_file_takes_photos_of_any_shape(shipped):
    for photo_size in ((640, 480), (480, 640), (3000, 200), (1, 1)):
        width, height = shipped.network_size(*photo_size)
        prediction = shipped.predict(noise(width, height))
        assert prediction.ab.shape == (height // 4, width // 4, 2)
        assert prediction.confidence_map.shape == (height // 4, width // 4)


def test_the_shipped_network_follows_a_hint(shipped):
    width, height = shipped.network_size(512, 512)
    lightness = cv2.resize(rgb_to_lab(skimage.data.astronaut())[..., 0], (width, height))
    hints = np.zeros((height, width, 3), np.float32)
    hints[height // 2 - 4 : height // 2 + 5, width // 2 - 4 : width // 2 + 5] = (60, 40, 1)
    without, hinted = (shipped.predict(lightness, given).ab for given in (None, hints))
    moved = (hinted - without)[height // 8, width // 8]
    assert moved @ np.array([60, 40]) > 0


def test_the_shipped_file_keeps_under_14_megabytes(shipped):
    assert shipped.entry.bytes <= 14_000_000


# The strategy, over a small network


def test_photos_are_shown_at_the_size_that_the_file_names(small):
    assert small.side == 64
    assert small.network_size(640, 480) == (64, 64)
    assert small.network_size(300, 900) == (32, 96)
    assert small.network_size(10, 10) == (64, 64)
    assert small.network_size(900, 300) == (96, 32)
    assert small.network_size(60_000, 1) == (128, 32)
    assert small.network_size(1, 60_000) == (32, 128)


@pytest.mark.parametrize("photo_size", [(1, 1), (31, 33), (1920, 1080), (1000, 333), (12_345, 678)])
def test_sides_are_multiples_of_32(shipped, photo_size):
    width, height = shipped.network_size(*photo_size)
    assert width % 32 == height % 32 == 0
    assert width * height <= 1.25 * shipped.side**2
    assert max(width, height) <= 2 * shipped.side


def test_the_prediction_is_what_the_network_says(small):
    lightness, hints = noise(96, 64), np.random.default_rng(1).uniform(0, 1, (64, 96, 3)).astype(np.float32)
    names = ["ab", "confidence", "logits", "scene"]
    inputs = {"lightness": lightness[None, None], "hints": hints.transpose(2, 0, 1)[None]}
    ab, confidence, _, scene = small.model.session.run(names, inputs)
    prediction = small.predict(lightness, hints)
    np.testing.assert_allclose(prediction.ab, ab[0].transpose(1, 2, 0), atol=1e-5)
    np.testing.assert_allclose(prediction.confidence_map, confidence[0, 0], atol=1e-6)
    assert prediction.confidence == pytest.approx(confidence.mean(), abs=1e-6)
    scenes = ("people", "landscape", "urban", "animals", "other")
    assert prediction.scene == (scenes[scene[0].argmax()], pytest.approx(scene.max()))


def test_no_hints_are_hints_of_zeros(small):
    lightness = noise(64, 64)
    zeros = small.predict(lightness, np.zeros((64, 64, 3), np.float32))
    np.testing.assert_array_equal(small.predict(lightness).ab, zeros.ab)


def test_a_gray_hint_is_not_no_hint(small):
    lightness = noise(64, 64)
    gray = np.zeros((64, 64, 3), np.float32)
    gray[..., 2] = 1
    assert np.abs(small.predict(lightness).ab - small.predict(lightness, gray).ab).max() > 0.1


def test_suggestions_come_from_the_cell_that_was_asked_for(small):
    lightness = noise(96, 64)
    hints = np.zeros((1, 3, 64, 96), np.float32)
    (logits,) = small.model.session.run(["logits"], {"lightness": lightness[None, None], "hints": hints})
    assert small.suggest(lightness, x=95, y=5) == likely_colors(softmax(logits[0, :, 1, 23]))


def test_the_annealed_mean_lies_among_the_bins(small):
    ab = small.predict(noise(96, 64)).ab
    assert (ab >= CENTRES.min(axis=0)).all()
    assert (ab <= CENTRES.max(axis=0)).all()


def test_a_file_that_names_no_size_is_refused(tmp_path, generated_models):
    model = load_from_string(colornet_onnx())
    helper.set_model_props(model, {})
    path = tmp_path / "colornet.onnx"
    path.write_bytes(model.SerializeToString())
    strategy = Colornet(create_strategy("colornet", generated_models).entry, generated_models)
    with pytest.raises(WeightsDamaged, match="at which size"):
        strategy._build(path)


def test_a_file_that_is_no_network_is_refused(tmp_path):
    path = tmp_path / "colornet.onnx"
    path.write_bytes(hashlib.sha256(b"").digest())
    with pytest.raises(WeightsDamaged, match="not an ONNX network"):
        OnnxModel("colornet", path)


def test_onnx_runtime_uses_the_processors_that_we_have_and_frees_them_between_photos(monkeypatch):
    monkeypatch.setattr(onnx_net, "available_cpus", lambda: 3)
    options = onnx_net._session_options()
    assert options.intra_op_num_threads == 3
    assert options.get_session_config_entry("session.force_spinning_stop") == "1"
