"""training/evaluate.py: measures against numbers worked out by hand, and strategies of known score."""

import json
import sys

import numpy as np
import pytest

from colorizer.color.lab import rgb_to_lab
from colorizer.strategies.base import Prediction, Strategy
from training import evaluate
from training.collection import list_photos
from training.train import Settings, Trainer


class Gray(Strategy):
    """Colours nothing, and knows which photos that suits."""

    def network_size(self, width, height):
        return width, height

    def predict(self, lightness, hints=None):
        return Prediction(np.zeros((*lightness.shape, 2), np.float32))


class Oracle(Gray):
    """Has seen the photos."""

    def __init__(self, photos):
        self.known = [rgb_to_lab(np.ascontiguousarray(photo.read())) for photo in photos]

    def predict(self, lightness, hints=None):
        ab = min(self.known, key=lambda lab: self.distance(lab, lightness))[..., 1:]
        return Prediction(ab.copy(), confidence=float(lightness.mean() / 100), scene=("people", 1.0))

    def distance(self, lab, lightness):
        return np.abs(lab[..., 0] - lightness).mean() if lab.shape[:2] == lightness.shape else np.inf


def quiet(photos):
    return photos


def test_gray_gains_nothing(photos):
    figures, _ = evaluate.measure(Gray(None), list_photos(photos)[:6], progress=quiet)
    assert figures["auc_gain"] == pytest.approx(0, abs=0.2)
    assert figures["psnr_gain"] == pytest.approx(0, abs=1e-6)
    assert figures["chroma_share"] < 0.02
    assert figures["confidence_spearman"] is None


def test_the_truth_scores_full_marks(photos):
    listed = list_photos(photos)[:6]
    figures, rows = evaluate.measure(Oracle(listed), listed, progress=quiet)
    assert figures["auc"] > 99
    assert figures["rebalanced_auc"] > 97
    assert figures["psnr"] > 35
    assert figures["ssim"] > 0.98
    assert figures["ciede2000"] < 1
    assert 0.97 < figures["colorfulness_share"] < 1.03
    people = [photo.scene == 0 for photo in listed if photo.scene >= 0]
    assert figures["scene_accuracy"] == pytest.approx(np.mean(people))
    assert len(rows) == figures["photos"] == 6


def test_auc_is_the_mean_share_of_pixels_within_thresholds_of_0_to_150():
    errors = evaluate.Errors()
    errors.add(np.array([0.0, 75.0, 150.0, 400.0]), np.array([1, 1, 1, 2]))
    assert errors.auc() == pytest.approx(100 * (1 + 0.5 + 0 + 0) / 4)
    assert errors.rebalanced_auc() == pytest.approx(100 * ((1 + 0.5 + 0) / 3 + 0) / 2)


def test_psnr_and_colourfulness_by_hand():
    black, dark = np.zeros((4, 4, 3), np.uint8), np.full((4, 4, 3), 51, np.uint8)
    assert evaluate.psnr(black, dark) == pytest.approx(20 * np.log10(5))
    assert evaluate.colorfulness(dark) == pytest.approx(0)
    red = black.copy()
    red[..., 0] = 200
    assert evaluate.colorfulness(red) == pytest.approx(0.3 * np.hypot(200, 100), rel=1e-5)


def test_sources_are_listed_the_worst_against_gray_first():
    good, bad = (
        {"source": source, "psnr": psnr, "psnr_gray": 20.0, "ab_error": 10.0, "colorfulness_share": 0.9}
        for source, psnr in (("good", 21.5), ("bad", 19.0))
    )
    listed = evaluate.table_of_sources([good, bad, bad | {"psnr": 20.0}]).splitlines()[2:]
    assert listed == ["| -0.50 | 10.0 | 0.90 | 2 | bad |", "| +1.50 | 10.0 | 0.90 | 1 | good |"]


def test_random_hints_say_the_true_colour_of_their_spot():
    rgb = np.zeros((20, 30, 3), np.uint8)
    rgb[:, :, 2] = 255
    hints = evaluate.random_hints(rgb, np.random.default_rng(1))
    assert len(hints) == 30
    blue = rgb_to_lab(rgb)[0, 0]
    for hint in hints:
        assert 0 <= hint.x < 30
        assert 0 <= hint.y < 20
        assert (hint.a, hint.b) == pytest.approx(blue[1:].tolist(), abs=1e-3)


def test_a_checkpoint_of_any_network_is_measured_from_the_command_line(photos, tmp_path, monkeypatch):
    few = {"crops": 4, "batch": 4, "sides": "64:1", "validation_photos": 2, "threads": 1}
    for network in ("colornet", "encoder_decoder"):
        run, out = tmp_path / network, tmp_path / f"{network}-measured"
        Trainer(Settings(data=str(photos), run=str(run), network=network, **few)).train()
        arguments = [
            "--photos",
            str(photos),
            "--split",
            "all",
            "--most",
            "3",
            "--checkpoint",
            str(run / "best.pt"),
        ]
        monkeypatch.setattr(sys, "argv", ["evaluate", *arguments, "--out", str(out)])
        evaluate.main()
        figures = json.loads((out / "figures.json").read_text())["figures"]
        assert figures["photos"] == 3
        assert ("psnr_30_hints" in figures) == (network == "colornet")
        assert f"| psnr gain | {figures['psnr_gain']:.3f} |" in (out / "figures.md").read_text()
        assert (out / "sheet.png").exists()


def test_a_checkpoint_is_measured_as_safely_or_boldly_as_asked(photos, tmp_path, monkeypatch):
    few = {"crops": 4, "batch": 4, "sides": "64:1", "validation_photos": 2, "threads": 1}
    Trainer(Settings(data=str(photos), run=str(tmp_path), **few)).train()
    base = ["evaluate", "--photos", str(photos), "--split", "all", "--most", "2", "--out", str(tmp_path)]
    shares = []
    for unbalancing in ("5", "-5"):
        arguments = [*base, "--checkpoint", str(tmp_path / "best.pt"), "--unbalancing", unbalancing]
        monkeypatch.setattr(sys, "argv", arguments)
        evaluate.main()
        shares.append(json.loads((tmp_path / "figures.json").read_text())["figures"]["chroma_share"])
    safe, bold = shares
    assert safe < bold
