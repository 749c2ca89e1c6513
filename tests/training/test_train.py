"""training/train.py: a few steps on generated images, stopped and resumed, exported and used by the
product."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from colorizer.color.lab import lightness_of
from image_colorizer import ImageColorizer
from training import train
from training.collection import list_photos
from training.export import KEPT, export, keep, load_shipped
from training.record_weights import MODELS, record_weights
from training.train import Settings, Trainer

pytestmark = pytest.mark.filterwarnings(
    "ignore:.*fork:DeprecationWarning"
)  # the loader's worker, Python 3.12 on
ON_GPU = Path(train.__file__).with_name("on_gpu.sh")


def settings(photos, run, **changes):
    few = {
        "crops": 24,
        "batch": 4,
        "sides": "64:1",
        "validation_photos": 2,
        "threads": 1,
        "validate_minutes": 0.0,
    }
    return Settings(data=str(photos), run=str(run), **(few | changes))


def test_a_run_that_was_stopped_ends_as_if_it_had_not_been(photos, tmp_path, monkeypatch):
    whole = Trainer(settings(photos, tmp_path / "whole"))
    whole.train()
    stopped = Trainer(settings(photos, tmp_path / "stopped"))
    steps = iter(range(3))
    learn = Trainer.learn

    def learn_three_times(self, batch):
        if next(steps, None) is None:
            raise KeyboardInterrupt
        return learn(self, batch)

    monkeypatch.setattr(Trainer, "learn", learn_three_times)
    with pytest.raises(KeyboardInterrupt):
        stopped.train()
    monkeypatch.setattr(Trainer, "learn", learn)
    resumed = Trainer(settings(photos, tmp_path / "stopped"))
    resumed.resume()
    assert resumed.crop == 12
    resumed.train()
    assert resumed.crop == whole.crop == 24
    for part in ("network", "average"):
        ours, theirs = getattr(resumed, part).state_dict(), getattr(whole, part).state_dict()
        for name, value in ours.items():
            assert value.equal(theirs[name]), (part, name)


def test_photos_kept_in_the_device_s_memory_train_the_same_network_and_consistently(photos, tmp_path):
    trainer = Trainer(settings(photos, tmp_path, resident=1, crops=8, consistency=0.5))
    batch = next(iter(trainer.crops()))
    trainer.network.eval()  # as the averaged weights are
    with torch.no_grad():
        color, _, same = trainer.losses(batch)
        _, _, nothing = trainer.losses(batch | {"clean": batch["lightness"]})
    assert nothing.item() == pytest.approx(0, abs=1e-3) != same.item()
    trainer.train()
    assert trainer.crop == 8
    assert trainer.losses(batch)[0].item() != color.item()


def test_a_run_leaves_checkpoints_log_sheet_and_events(photos, tmp_path):
    arguments = ["--data", str(photos), "--run", str(tmp_path / "run"), "--crops", "8", "--batch", "4"]
    train.main([*arguments, "--sides", "64:1", "--validation-photos", "2", "--threads", "2"])
    for name in ("latest.pt", "best.pt"):
        assert torch.load(tmp_path / "run" / name, weights_only=True)["crop"] == 8
    with (tmp_path / "run" / "log.csv").open() as file:
        (row,) = csv.DictReader(file)
    assert row["crop"] == "8"
    assert float(row["validation_loss"]) > 0
    assert cv2.imread(str(tmp_path / "run" / "validation.png")).shape == (320, 480, 3)
    assert list((tmp_path / "run").glob("events*"))


def test_the_script_for_a_gpu_trains_on_from_the_shipped_weights_without_one_too(photos, tmp_path):
    few = ["--crops", "4", "--batch", "2", "--sides", "64:1", "--validation-photos", "2"]
    subprocess.run(
        [ON_GPU, photos, tmp_path / "run", "10", KEPT, *few],
        env=os.environ | {"DEVICE": "cpu", "PYTHON": sys.executable},
        cwd=ON_GPU.parent.parent,
        check=True,
        capture_output=True,
    )
    state = torch.load(tmp_path / "run" / "latest.pt", weights_only=True)
    assert state["crop"] == 4
    settings = state["settings"]
    assert (settings["resident"], settings["device"], settings["start"]) == (1, "cpu", str(KEPT))


@pytest.mark.parametrize("network", ["fusion", "encoder_decoder"])
def test_the_older_networks_learn_through_the_same_trainer(photos, tmp_path, network):
    trainer = Trainer(settings(photos, tmp_path, network=network, optimizer="adadelta", rate=1.0))
    before = [parameter.clone() for parameter in trainer.network.parameters() if parameter.requires_grad]
    trainer.train()
    after = [parameter for parameter in trainer.network.parameters() if parameter.requires_grad]
    assert any(not one.equal(other) for one, other in zip(before, after, strict=True))


def test_a_run_may_start_from_another_run_s_weights(photos, tmp_path):
    first = Trainer(settings(photos, tmp_path / "first", crops=4))
    first.train()
    second = Trainer(settings(photos, tmp_path / "second", start=str(tmp_path / "first" / "latest.pt")))
    for name, value in second.network.state_dict().items():
        assert value.equal(first.average.state_dict()[name]), name


def test_what_is_kept_of_a_run_is_small_and_names_no_folder_and_another_run_may_start_from_it(
    photos, tmp_path
):
    first = Trainer(settings(photos, tmp_path / "first", crops=4))
    first.average.decoder.blocks[0][0].layer[1].running_var.fill_(1e5)  # more than a half float can hold
    first.train()
    keep(tmp_path / "first" / "latest.pt", tmp_path / "kept.pt")
    assert (tmp_path / "kept.pt").stat().st_size < (tmp_path / "first" / "latest.pt").stat().st_size / 5
    assert str(tmp_path) not in str(torch.load(tmp_path / "kept.pt", weights_only=True)["settings"])
    second = Trainer(settings(photos, tmp_path / "second", start=str(tmp_path / "kept.pt")))
    for name, value in second.network.state_dict().items():
        expected = first.average.state_dict()[name]
        assert torch.allclose(value, expected, rtol=1e-3, atol=1e-3), name


def test_the_averaged_weights_follow_the_trained_ones_at_a_distance(photos, tmp_path):
    trainer = Trainer(settings(photos, tmp_path, averaging=0.5))
    start = trainer.network.logits.weight.detach().clone()
    trainer.train()
    end, average = trainer.network.logits.weight.detach(), trainer.average.logits.weight
    assert 0 < (average - end).norm() < (start - end).norm()
    assert (average - start).norm() > 0


def test_layers_of_another_shape_are_left_as_they_are():
    network, other = torch.nn.Linear(3, 2), torch.nn.Linear(5, 2)
    before = network.weight.clone()
    train.take_same(network, other.state_dict() | {"unheard_of": torch.zeros(1)})
    assert network.weight.equal(before)
    assert network.bias.equal(other.bias)


def test_an_unknown_optimizer_is_refused_by_name(photos, tmp_path):
    with pytest.raises(ValueError, match="lamb: expected adamw or adadelta"):
        Trainer(settings(photos, tmp_path, optimizer="lamb"))


def test_the_rate_rises_and_then_falls_to_nothing():
    rates = [train.rate_at(progress, 0.1) for progress in np.linspace(0, 1, 101)]
    top = int(np.argmax(rates))
    assert 5 <= top <= 12
    assert rates[0] < 0.01
    assert rates[-1] == pytest.approx(0, abs=1e-6)
    assert all(one > other for one, other in zip(rates[top:], rates[top + 1 :], strict=False))


def test_sides_grow_with_the_run():
    assert [train.side_at("128:0.5,192:1", progress) for progress in (0, 0.5, 0.51, 1, 1.2)] == [
        128,
        128,
        192,
        192,
        192,
    ]


def test_rare_colours_weigh_more_and_the_mean_weight_is_one(photos):
    listed = list_photos(photos)
    prior = train.color_prior(listed)
    weights = train.rebalance(listed, Settings())
    assert (weights * prior).sum() == pytest.approx(1, abs=1e-5)
    assert weights[prior.argmax()] == weights.min() < weights.max()
    assert np.ptp(train.rebalance(listed, Settings(rebalancing=0.0))) == 0


def test_the_colour_loss_is_least_where_the_network_is_right():
    prediction = torch.zeros(1, 313, 2, 2)
    batch = {
        "indices": torch.full((1, 2, 2, 5), 7),
        "weights": torch.full((1, 2, 2, 5), 0.2),
    }
    even = train.color_loss(train_prediction(prediction), batch, torch.ones(313))
    assert even.item() == pytest.approx(np.log(313), rel=1e-4)
    prediction[:, 7] = 20
    assert train.color_loss(train_prediction(prediction), batch, torch.ones(313)).item() < 1e-3


def test_the_colour_loss_and_its_gradient_are_those_of_the_textbook():
    torch.manual_seed(1)
    logits = torch.randn(2, 313, 3, 4, requires_grad=True)
    indices = torch.stack([torch.randperm(313)[:5] for _ in range(24)]).reshape(2, 3, 4, 5)
    weights, rarity = torch.softmax(torch.randn(2, 3, 4, 5), -1), torch.rand(313)
    ours = train.color_loss(train_prediction(logits), {"indices": indices, "weights": weights}, rarity)
    targets = torch.zeros(2, 3, 4, 313).scatter_(-1, indices, weights).permute(0, 3, 1, 2)
    entropy = torch.nn.functional.cross_entropy(logits, targets, reduction="none")
    textbook = (entropy * rarity[indices[..., 0]]).mean()
    assert ours.item() == pytest.approx(textbook.item(), rel=1e-5)
    gradients = [torch.autograd.grad(loss, logits)[0] for loss in (ours, textbook)]
    np.testing.assert_allclose(*gradients, atol=1e-7)


def train_prediction(logits):
    from training.model import Prediction

    return Prediction(logits, None, None)


def test_the_product_colours_with_what_was_trained_here(photos, tmp_path):
    Trainer(settings(photos, tmp_path / "run", crops=8)).train()
    models = tmp_path / "models"
    models.mkdir()
    manifest = json.loads((MODELS / "manifest.json").read_text())
    for entry in manifest["networks"]:
        entry.pop("bundled", None)
    (models / "manifest.json").write_text(json.dumps(manifest, indent=2))
    export(load_shipped(tmp_path / "run" / "best.pt"), models / "colornet.onnx")
    record_weights(models)
    gray = np.random.default_rng(1).integers(0, 256, (90, 120), np.uint8)
    result = ImageColorizer("colornet", models_dir=models).colorize(
        gray, hints=[{"x": 9, "y": 5, "color": "#a0522d"}]
    )
    assert result.array.shape == (90, 120, 3)
    assert 0 <= result.confidence <= 1
    np.testing.assert_allclose(lightness_of(result.array), lightness_of(gray), atol=1)
