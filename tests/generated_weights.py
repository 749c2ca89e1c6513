"""Fills a models folder with small generated networks of every family, and the manifest that describes them.

The files have the structure of the real ones and random weights: their colours mean nothing, everything else
about them is what it will be with the real files.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from caffe_file import encode_caffe, generate_blobs, scaled_tables
from onnx_files import colornet_onnx, ddcolor_onnx, zeruniverse_onnx

from colorizer.process import children
from colorizer.process.resources import resource_folder
from colorizer.strategies import zhang

CAFFE_WIDTH = 1 / 16
DDCOLOR_SIDE = 64


def install_generated_weights(models_dir: Path) -> tuple[str, ...]:
    """Write all networks and models_dir/manifest.json; returns the names of the strategies there are then.

    Zhang's are a sixteenth as wide as the real one: load them under `narrow_zhang`.
    """
    models_dir = Path(models_dir)
    models_dir.mkdir(parents=True, exist_ok=True)
    document = json.loads((resource_folder("models") / "manifest.json").read_text())
    for entry in document["networks"]:
        data = _generate(entry["name"])
        (models_dir / entry["file"]).write_bytes(data)
        entry.pop("bundled", None)
        entry.update(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
        if entry["name"] == "ddcolor":
            side = DDCOLOR_SIDE
            entry["signature"] = {
                "inputs": {"input": [1, 3, side, side]},
                "outputs": {"output": [1, 2, side, side]},
            }
    (models_dir / "manifest.json").write_text(json.dumps(document))
    return tuple(entry["name"] for entry in document["networks"])


def narrow_zhang(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `Zhang`, here and in child processes, read what `install_generated_weights` writes."""
    blocks, decoder_channels = scaled_tables(CAFFE_WIDTH)
    monkeypatch.setattr(zhang, "BLOCKS", blocks)
    monkeypatch.setattr(zhang, "DECODER_CHANNELS", decoder_channels)
    setting, serving = children.START.split("; from", 1)
    narrowing = f"from colorizer.strategies import zhang; zhang.BLOCKS = {blocks!r}"
    narrowing += f"; zhang.DECODER_CHANNELS = {decoder_channels!r}"
    monkeypatch.setattr(children, "START", f"{setting}; {narrowing}; from{serving}")


@pytest.fixture
def generated_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A models folder where every strategy is installed and fast."""
    models_dir = tmp_path / "generated-models"
    install_generated_weights(models_dir)
    narrow_zhang(monkeypatch)
    return models_dir


def _generate(name: str) -> bytes:
    makers = {
        "colornet": colornet_onnx,
        "richzhang": lambda: encode_caffe(generate_blobs(CAFFE_WIDTH, seed=1)),
        "richzhang-norebal": lambda: encode_caffe(generate_blobs(CAFFE_WIDTH, seed=2, filled=False)),
        "zeruniverse": lambda: zeruniverse_onnx(channels=16),
        "ddcolor": lambda: ddcolor_onnx(DDCOLOR_SIDE, np.float16),
    }
    return makers[name]()
