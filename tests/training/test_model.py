"""training/model.py: shapes, the ImageNet weights, and what hints do."""

import numpy as np
import pytest
import torch

from colorizer.color import ab_bins
from training.model import BINS, NETWORKS, Colornet, HintAttention, Lite0, hint_pyramid


def inputs(height=64, width=96):
    torch.manual_seed(1)
    return torch.rand(2, 1, height, width) * 100, torch.zeros(2, 3, height, width)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_network_takes_any_multiple_of_32(name):
    network = NETWORKS[name](pretrained=False).eval()
    with torch.no_grad():
        for height, width in ((64, 96), (32, 128)):
            prediction = network(*inputs(height, width))
            if prediction.logits is None:
                assert prediction.ab.shape[:2] == (2, 2)
                assert height / prediction.ab.shape[2] == width / prediction.ab.shape[3]
            else:
                assert prediction.logits.shape == (2, BINS, height // 4, width // 4)
                assert prediction.scene.shape == (2, 5)


def test_the_encoder_takes_all_of_the_imagenet_weights():
    encoder = Lite0()
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    encoder.load_imagenet()
    for name, value in encoder.state_dict().items():
        assert not torch.equal(value, before[name]) or name.endswith("num_batches_tracked"), name


def test_before_training_a_hint_speaks_for_its_own_colour_alone():
    network = Colornet(pretrained=False).eval()
    network.decoder.lateral.apply(forget_hints)
    network.global_features[0].weight.data[:, -3:] = 0
    lightness, hints = inputs()
    with torch.no_grad():
        without = network(lightness, hints).logits
        hints[:, :, 8:11, 8:11] = torch.tensor([40.0, -30.0, 1.0])[:, None, None]
        moved = network(lightness, hints).logits - without
    distance = np.linalg.norm(ab_bins.CENTRES - (40, -30), axis=1)
    for place in moved[0].flatten(1).T:
        likeliest = distance[np.argsort(-place.numpy())[:8]]
        np.testing.assert_allclose(np.sort(likeliest), np.sort(distance)[:8], atol=1e-3)


def forget_hints(layer):
    if isinstance(layer, torch.nn.Conv2d):
        layer.weight.data[:, -3:] = 0


def test_the_pyramid_keeps_a_hint_s_colour_at_every_stride_and_tells_gray_from_none():
    hints = torch.zeros(1, 3, 64, 64)
    hints[:, :, 20:23, 40:43] = torch.tensor([30.0, -60.0, 1.0])[:, None, None]
    hints[:, 2, 60:, 60:] = 1  # a gray hint
    for level in hint_pyramid(hints):
        marked = level[0, 2] == 1
        assert 0 < marked.sum() < marked.numel() or marked.numel() <= 4
        reddest = level[0, 0].flatten().argmax()
        np.testing.assert_allclose(level[0, :2].flatten(1)[:, reddest], [0.5, -1], atol=1e-3)
        assert level[0, :2, -1, -1].abs().max() < 1e-6
        assert level[0, 2, -1, -1] == 1


def test_attention_carries_a_hint_to_what_looks_alike():
    attention = HintAttention(4, size=4)
    torch.nn.init.dirac_(attention.embed.weight)
    attention.embed.bias.data.zero_()
    x = torch.zeros(1, 4, 2, 8)
    x[:, 0, :, :4], x[:, 1, :, 4:] = 4, 4  # two things side by side
    hints = torch.zeros(1, 3, 2, 8)
    hints[0, :, 0, 0] = torch.tensor([0.5, -0.5, 1])
    with torch.no_grad():
        carried = attention(x, hints)[1][0]
    assert carried[2, :, :4].min() > 0.9
    assert carried[2, :, 4:].max() < 0.5
    np.testing.assert_allclose(carried[:2, 1, 2] / carried[2, 1, 2], [0.5, -0.5], atol=1e-4)


@torch.no_grad()
def test_attention_carries_the_same_from_hinted_places_alone_as_from_all():
    torch.manual_seed(4)
    attention, x, hints = HintAttention(4), torch.rand(2, 4, 6, 8), torch.zeros(2, 3, 6, 8)
    hints[0, :, 2, 3] = hints[1, :, 5, 0] = torch.tensor([0.5, -0.3, 1.0])
    everywhere, selected = attention.train()(x, hints)[1], attention.eval()(x, hints)[1]
    assert everywhere.any()
    np.testing.assert_allclose(selected, everywhere, atol=1e-6)


def test_without_hints_attention_says_nothing():
    attention = HintAttention(4)
    torch.nn.init.ones_(attention.join.weight)
    x = torch.rand(1, 4, 6, 8)
    joined, carried = attention(x, torch.zeros(1, 3, 6, 8))
    assert joined.equal(x)
    assert not carried.any()


def test_the_early_encoder_and_its_statistics_stay_as_they_are():
    network = Colornet(pretrained=False).train()
    statistics = network.encoder.blocks[5].layers[0][1].running_mean.clone()
    lightness, hints = inputs()
    network(lightness, hints).logits.mean().backward()
    assert network.encoder.stem[0].weight.grad is None
    expand, filters, project = (layer[0].weight.grad for layer in network.encoder.blocks[5].layers)
    assert filters is None
    assert expand.any()
    assert project.any()
    assert network.encoder.blocks[5].layers[0][1].running_mean.equal(statistics)
