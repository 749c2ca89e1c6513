"""The proof that OpenCV runs Zhang's network as it was published, without the real weights."""

import cv2
import numpy as np
import pytest
from caffe_file import BATCH_NORM_FACTOR, encode_caffe, generate_blobs, scaled_tables
from zhang_in_onnx import forward

from colorizer.color.ab_bins import CENTRES
from colorizer.color.suggestions import likely_colors
from colorizer.errors import WeightsDamaged
from colorizer.strategies import zhang
from colorizer.strategies.registry import create_strategy
from colorizer.weights.manifest import load_manifest

NARROW = 1 / 16
LIGHTNESS = np.random.default_rng(3).uniform(0, 100, (224, 224)).astype(np.float32)


@pytest.fixture(params=[True, False], ids=["filled", "unfilled"])
def narrow_file(request, tmp_path, monkeypatch):
    """A Caffe file with and without the blobs of its last two layers: (path, blobs)."""
    blocks, decoder_channels = scaled_tables(NARROW)
    monkeypatch.setattr(zhang, "BLOCKS", blocks)
    monkeypatch.setattr(zhang, "DECODER_CHANNELS", decoder_channels)
    return write_file(tmp_path, NARROW, request.param)


@pytest.fixture
def full_file(tmp_path):
    return write_file(tmp_path, 1.0, filled=False)


def write_file(folder, width, filled):
    blobs = generate_blobs(width, filled=filled)
    path = folder / "generated.caffemodel"
    path.write_bytes(encode_caffe(blobs))
    return path, blobs


def run_opencv(path, winograd):
    net = zhang._read_net(path)
    net.enableWinograd(winograd)
    net.setInput((LIGHTNESS - 50)[None, None])
    ab, probabilities = net.forward(["class8_ab", "class8_313_rh"])
    return ab[0].transpose(1, 2, 0), probabilities[0].transpose(1, 2, 0)


def compare(path, expected, winograd):
    ab, probabilities = run_opencv(path, winograd)
    np.testing.assert_allclose(ab, expected[0], atol=0.2 if winograd else 0.02, rtol=0)
    np.testing.assert_allclose(probabilities, expected[1], atol=1e-3, rtol=0)


@pytest.mark.parametrize("winograd", [False, True])
def test_a_narrow_network_agrees_with_an_independent_pass(narrow_file, winograd):
    path, blobs = narrow_file
    compare(path, forward(blobs, LIGHTNESS), winograd)


def test_the_full_network_agrees_with_an_independent_pass(full_file):
    path, blobs = full_file
    expected = forward(blobs, LIGHTNESS)
    for winograd in (False, True):
        compare(path, expected, winograd)


def test_the_comparison_would_notice_a_wrong_batch_norm(narrow_file):
    path, blobs = narrow_file
    for name in [name for name in blobs if name.endswith("norm")]:
        blobs[name][2] = blobs[name][2] / np.float32(BATCH_NORM_FACTOR)
    with pytest.raises(AssertionError):
        compare(path, forward(blobs, LIGHTNESS), winograd=False)


def test_the_prototxt_has_the_published_layers():
    net_layers = [line for line in zhang.deploy_prototxt().splitlines() if 'type: "ReLU"' not in line]
    names = [line.split('"')[1] for line in net_layers if line.startswith("layer")]
    assert names[:4] == ["bw_conv1_1", "conv1_2", "conv1_2norm", "conv2_1"]
    assert names[-6:] == ["conv8_2", "conv8_3", "conv8_313", "conv8_313_rh", "class8_313_rh", "class8_ab"]
    assert len(names) == 19 + 7 + 7


def test_the_real_file_would_have_the_published_size():
    """The published file has 128,946,764 bytes; ours differs by less than a kilobyte of names and headers."""
    blobs = generate_blobs()
    floats = sum(blob.size for arrays in blobs.values() for blob in arrays)
    assert 0 <= 128_946_764 - 4 * floats < 10_000


@pytest.mark.parametrize("data", [b"", b"<html>not weights</html>", encode_caffe(generate_blobs(NARROW))])
def test_another_file_is_refused(tmp_path, data):
    path = tmp_path / "other.caffemodel"
    path.write_bytes(data)
    strategy = zhang.Zhang(load_manifest()["richzhang"], tmp_path)
    with pytest.raises(WeightsDamaged, match="richzhang is not the Caffe network"):
        strategy._build(path)


def test_the_lightness_is_centred_and_the_map_is_in_place(generated_models):
    """A photo with one bright corner must differ there alone."""
    strategy = create_strategy("richzhang", generated_models)
    strategy.load()
    dark = np.full((224, 224), 50, np.float32)
    bright = dark.copy()
    bright[:16, 208:] = 90
    difference = np.abs(strategy.predict(bright).ab - strategy.predict(dark).ab).sum(axis=2)
    assert np.unravel_index(difference.argmax(), difference.shape)[0] < 28
    assert np.unravel_index(difference.argmax(), difference.shape)[1] >= 28


def test_suggestions_come_from_the_cell_that_was_asked_for(generated_models):
    strategy = create_strategy("richzhang", generated_models)
    strategy.load()
    _, probabilities = strategy._forward(LIGHTNESS)
    assert strategy.suggest(LIGHTNESS, x=223, y=7) == likely_colors(probabilities[1, 55])
    np.testing.assert_allclose(strategy.predict(LIGHTNESS).ab, probabilities @ CENTRES, atol=0.01)


def test_this_opencv_reads_caffe():
    assert hasattr(cv2.dnn, "readNetFromCaffe"), "opencv-python-headless must stay below 5"
