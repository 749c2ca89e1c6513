"""training/export.py: the ONNX file does what PyTorch does, and the product can use it."""

import numpy as np
import onnxruntime
import pytest
import torch

from colorizer.color import ab_bins
from colorizer.strategies.colornet import Colornet as Product
from training.evaluate import CheckpointStrategy
from training.export import UNSEEN, ErrorHead, Shipped, Shipping, even_out, export, fold, nearness
from training.model import Colornet

SIZES = [(1, 64, 64), (2, 96, 64), (1, 192, 256)]


@pytest.fixture(scope="module")
def shipped():
    """A network with random decoder, its logits as wide as a trained one's, and hints that matter."""
    torch.manual_seed(1)
    network = Colornet(pretrained=False)
    torch.nn.init.normal_(network.decoder.attention.join.weight)
    network.logits.weight.data *= 0.3
    head = ErrorHead(torch.rand(sum(ErrorHead.INPUTS)) / 100, offset=5.0)
    return Shipped(network, torch.linspace(0.4, 3, 313), head).eval()


@pytest.fixture(scope="module")
def file(shipped, tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "colornet.onnx"
    export(shipped, path)
    return path


@pytest.fixture(scope="module")
def session(file):
    return onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])


def inputs(count, height, width):
    torch.manual_seed(2)
    lightness, hints = torch.rand(count, 1, height, width) * 100, torch.zeros(count, 3, height, width)
    hints[:, :, 10:13, 20:23] = torch.tensor([40.0, -20.0, 1.0])[:, None, None]
    return lightness, hints


@pytest.mark.parametrize("size", SIZES)
def test_the_file_says_what_pytorch_says_at_any_batch_and_size(shipped, session, size):
    lightness, hints = inputs(*size)
    outputs = session.run(
        ["ab", "confidence", "logits", "scene", "features"],
        {"lightness": lightness.numpy(), "hints": hints.numpy()},
    )
    with torch.no_grad():
        expected = [value.numpy() for value in shipped(lightness, hints)]
    count, height, width = size
    shapes = [(count, channels, height // 4, width // 4) for channels in (2, 1, 313)]
    shapes += [(count, 5), (count, 192, height // 16, width // 16)]
    assert [output.shape for output in outputs] == shapes
    np.testing.assert_allclose(outputs[0], expected[0], atol=1e-3)
    np.testing.assert_allclose(outputs[1], expected[1], atol=1e-4)
    assert np.abs(outputs[2] - expected[2]).max() <= 1e-4 * np.abs(expected[2]).max()
    np.testing.assert_allclose(outputs[3], expected[3], atol=1e-5)
    np.testing.assert_allclose(outputs[4], expected[4], atol=1e-3)
    assert (outputs[1] >= 0).all()
    assert (outputs[1] <= 1).all()
    np.testing.assert_allclose(outputs[3].sum(1), 1, atol=1e-5)


def test_ab_is_the_cored_annealed_mean_of_logits_less_rarity_and_the_photo_s_own_palette(session, shipped):
    lightness, hints = inputs(1, 64, 64)
    feeds = {"lightness": lightness.numpy(), "hints": np.zeros_like(hints.numpy())}
    ab, logits = session.run(["ab", "logits"], feeds)
    shipping, logits = shipped.shipping, logits[0].transpose(1, 2, 0)
    palette = ab_bins.softmax(logits / shipping.temperature).mean((0, 1))
    logits = logits - shipping.calming * np.log(np.linspace(0.4, 3, 313))
    logits = logits - shipping.palette * np.log(palette + UNSEEN)
    mean = ab_bins.annealed_mean(ab_bins.softmax(logits), shipping.temperature)
    chroma = np.linalg.norm(mean, axis=-1, keepdims=True)
    expected = shipping.gain * mean * chroma / (chroma + shipping.coring)
    np.testing.assert_allclose(ab[0].transpose(1, 2, 0), expected, atol=0.02)


def logits_of(places):
    """Logits [1, 313, 1, n] of places, each nearly sure of the bin named."""
    logits = torch.zeros(1, 313, 1, len(places))
    for place, name in enumerate(places):
        logits[0, name, 0, place] = 9.0
    return logits


def chroma_at(shipped, logits, hinted=0.0):
    with torch.no_grad():
        ab, _ = shipped.decode(logits, torch.tensor(hinted).reshape(1, 1, 1, 1))
    return ab[0].square().sum(0).sqrt()[0]


def test_coring_calms_plain_places_and_leaves_the_bold_and_what_a_hint_asks_for(shipped):
    chroma = np.linalg.norm(ab_bins.CENTRES, axis=1)
    plain, bold = int(np.argsort(chroma)[1]), int(chroma.argmax())
    calmed = chroma_at(shipped, logits_of([plain, bold]))
    hinted = chroma_at(shipped, logits_of([plain, bold]), hinted=1.0)
    assert calmed[0] < 0.9 * hinted[0]
    assert calmed[1] > hinted[1]


def test_an_unsure_place_turns_from_the_colour_that_the_photo_is_full_of(shipped):
    often, rare = 40, 250
    unsure = logits_of([often])
    unsure[0, rare] = 9.0
    towards = torch.tensor(ab_bins.CENTRES[rare] - ab_bins.CENTRES[often])
    with torch.no_grad():
        alone = shipped.decode(torch.cat([unsure, logits_of([rare] * 9)], 3), torch.zeros(1, 1, 1, 1))[0]
        among = shipped.decode(torch.cat([unsure, logits_of([often] * 9)], 3), torch.zeros(1, 1, 1, 1))[0]
    assert ((among - alone)[0, :, 0, 0] @ towards) > 0


def test_hints_change_the_colours(session):
    lightness, hints = inputs(1, 64, 64)
    feeds = {"lightness": lightness.numpy(), "hints": hints.numpy()}
    (hinted,) = session.run(["ab"], feeds)
    (plain,) = session.run(["ab"], feeds | {"hints": np.zeros_like(feeds["hints"])})
    assert np.abs(hinted - plain).max() > 0.1


def two_halves():
    """A photo of two even halves, and features that differ from place to place."""
    torch.manual_seed(3)
    lightness = torch.full((1, 20, 24), 30.0)
    lightness[:, :, 12:] = 70.0
    return lightness, torch.rand(1, 20, 24, 5)


def test_places_of_one_thing_agree_and_those_of_two_do_not_mix():
    lightness, features = two_halves()
    even = even_out(features, *nearness(lightness, Shipping()))
    for half in (slice(0, 12), slice(12, 24)):
        before, after = features[:, :, half], even[:, :, half]
        assert after.std((1, 2)).max() < 0.2 * before.std((1, 2)).min()
        assert (after.mean((1, 2)) - before.mean((1, 2))).abs().max() < 0.02


def test_what_is_even_already_stays():
    lightness, _ = two_halves()
    features = torch.full((1, 20, 24, 5), 0.7)
    np.testing.assert_allclose(even_out(features, *nearness(lightness, Shipping())), features, rtol=1e-5)


def test_a_thing_one_cell_wide_keeps_its_features():
    lightness, features = two_halves()
    lightness[:, 7, 5] = 100.0
    even = even_out(features, *nearness(lightness, Shipping()))
    np.testing.assert_allclose(even[:, 7, 5], features[:, 7, 5], atol=1e-3)


def test_folding_changes_no_prediction():
    torch.manual_seed(1)
    network = Colornet(pretrained=False).eval()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.normal_(0, 0.1)
            module.running_var.uniform_(0.5, 2)
    lightness, hints = inputs(1, 64, 64)
    with torch.no_grad():
        expected, folded = network(lightness, hints), fold(network)(lightness, hints)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in fold(network).modules())
    np.testing.assert_allclose(folded.logits, expected.logits, atol=1e-4 * expected.logits.abs().max())


def test_the_file_is_small_and_tells_the_size_to_show_photos_at(file, session):
    assert file.stat().st_size < 12e6
    assert session.get_modelmeta().custom_metadata_map["shown_side"] == str(Shipping().shown_side)


def test_a_checkpoint_is_shown_photos_at_the_product_s_size(shipped):
    product = Product.__new__(Product)
    product.side = shipped.shipping.shown_side
    for size in ((640, 480), (1, 1), (100, 5000), (333, 334)):
        assert CheckpointStrategy(shipped).network_size(*size) == product.network_size(*size)
