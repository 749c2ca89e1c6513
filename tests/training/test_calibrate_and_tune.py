"""training/calibrate.py and training/tune.py on a checkpoint of a few steps."""

import re
import sys

import numpy as np
import pytest
import torch

from training import calibrate, tune
from training.calibrate import calibrate_scenes, fit_ridge, fit_scenes
from training.collection import NO_SCENE, list_photos
from training.export import ErrorHead, judge, load_shipped
from training.train import Settings, Trainer


@pytest.fixture
def checkpoint(photos, tmp_path, monkeypatch):
    few = {"crops": 4, "batch": 4, "sides": "64:1", "validation_photos": 2, "threads": 1}
    Trainer(Settings(data=str(photos), run=str(tmp_path / "run"), **few)).train()
    monkeypatch.chdir(tmp_path)  # where the hashes of this collection go
    return tmp_path / "run" / "best.pt"


def test_calibrating_stores_a_head_that_expects_the_error_that_there_is(
    photos, checkpoint, monkeypatch, capsys
):
    monkeypatch.setattr(calibrate, "PLACES", 10)
    monkeypatch.setattr(sys, "argv", ["calibrate", str(checkpoint), "--photos", str(photos), "--most", "6"])
    calibrate.main()
    expected, true, *_ = map(float, re.findall(r"-?\d+\.\d+", capsys.readouterr().out))
    assert expected == pytest.approx(true, abs=0.1)
    head = load_shipped(checkpoint).error_head
    assert head.features.any()
    assert head.vector.any()


def test_without_scenes_the_scene_head_stays_as_it_is(photos, checkpoint):
    shipped = load_shipped(checkpoint)
    unknown = [photo for photo in list_photos(photos) if photo.scene == NO_SCENE]
    assert unknown
    assert calibrate_scenes(shipped, {"training": unknown, "validation": unknown}, 10) == {}


def test_the_scene_head_tells_apart_what_a_plane_divides():
    summaries = torch.randn(200, 6) * 3 + 1
    scenes = (summaries[:, 2] > summaries[:, 4]).long() * 3
    head = fit_scenes(summaries, scenes)
    found = (summaries @ head["scene.weight"].T + head["scene.bias"]).argmax(1)
    assert (found == scenes).float().mean() > 0.95


def test_the_ridge_finds_a_linear_rule(monkeypatch):
    monkeypatch.setattr(calibrate, "RIDGE", 1e-6)
    inputs = np.random.default_rng(1).normal(3, 2, (200, 4))
    weights, offset = fit_ridge(inputs, inputs @ [1, 0, -2, 0.5] + 7)
    np.testing.assert_allclose(weights, [1, 0, -2, 0.5], atol=1e-3)
    assert offset == pytest.approx(7, abs=1e-2)


def test_the_error_head_is_the_linear_function_that_was_fitted():
    weights = torch.randn(sum(ErrorHead.INPUTS))
    features, vector, spread, ab, carried = (
        torch.rand(1, *shape) for shape in ((2, 3, 96), (256,), (1, 2, 3), (2, 2, 3), (3, 2, 3))
    )
    error = ErrorHead(weights, offset=4.0)(features, vector, judge(spread, ab, carried))
    chroma = ab[0, :, 1, 2].norm()
    last = torch.stack([spread[0, 0, 1, 2], chroma, carried[0, 2, 1, 2]])
    seen = torch.cat([features[0, 1, 2], vector[0], last])
    assert error[0, 0, 1, 2].item() == pytest.approx((seen @ weights + 4).item(), abs=1e-4)


def test_tuning_lists_every_decoding_the_bold_ones_more_colourful(photos, checkpoint, monkeypatch, capsys):
    decodings = {"temperature": (0.3, 1.0), "palette": (0.0,), "coring": (3.0,), "gain": (1.0, 2.0)}
    monkeypatch.setattr(tune, "DECODINGS", decodings)
    monkeypatch.setattr(sys, "argv", ["tune", str(checkpoint), "--photos", str(photos), "--most", "2"])
    tune.main()
    heading, _, *lines = capsys.readouterr().out.splitlines()
    assert heading.startswith("| temperature | palette | coring | gain | AuC |")
    rows = [line.split("|") for line in lines]
    assert [tuple(map(float, row[1:5])) for row in rows] == [
        *((0.3, 0, 3, 1), (0.3, 0, 3, 2)),
        *((1, 0, 3, 1), (1, 0, 3, 2)),
    ]
    colorfulness = [float(row[8]) for row in rows]
    assert colorfulness[0] < colorfulness[1]
    assert colorfulness[2] < colorfulness[3]
