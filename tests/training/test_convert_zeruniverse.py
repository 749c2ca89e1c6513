"""training/convert_zeruniverse.py on generated weights: both file formats, the arithmetic, and what it
refuses."""

import pickle
import sys

import numpy as np
import onnxruntime
import pytest
import torch
from torch.nn import functional

from training.convert_zeruniverse import build_generator, convert, main


@pytest.fixture(scope="module")
def weights():
    torch.manual_seed(1)
    state = build_generator().state_dict()
    for name, value in state.items():
        if name.endswith("running_var"):
            value.uniform_(0.5, 2)
        elif name.endswith(("running_mean", "bias")):
            value.normal_(0, 0.1)
    return state


def test_the_layers_have_the_project_s_names(weights):
    kernels = {name.rsplit(".", 1)[0] for name in weights if name.endswith(".weight")}
    blocks = {f"{block}.0.0.{layer}" for block in range(10, 15) for layer in (0, 1, 3, 4)}
    assert kernels == {"1", "2", "4", "5", "7", "8", "15", "16", "18", "19", "21"} | blocks


@pytest.mark.parametrize("zipped", [True, False])
def test_the_file_computes_what_the_facts_say(weights, tmp_path, zipped):
    torch.save(weights, tmp_path / "G.pth", _use_new_zipfile_serialization=zipped)
    convert(tmp_path / "G.pth", tmp_path / "zeruniverse.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "zeruniverse.onnx", providers=["CPUExecutionProvider"])
    for height, width in ((64, 64), (96, 128)):
        luma = np.random.default_rng(1).uniform(-0.5, 0.5, (1, 1, height, width)).astype(np.float32)
        (uv,) = session.run(["uv"], {"luma": luma})
        np.testing.assert_allclose(uv, by_hand(weights, torch.from_numpy(luma)), atol=1e-4)


def by_hand(weights, x):
    """The network written out in plain functions."""

    def norm(x, name):
        values = (weights[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias"))
        return functional.batch_norm(x, *values)

    def layer(x, name, way=functional.conv2d, **options):
        return way(x, weights[f"{name}.weight"], weights[f"{name}.bias"], **options)

    x = functional.pad(x, (40,) * 4, mode="reflect")
    x = functional.relu(norm(layer(x, "1", padding=4), "2"))
    x = functional.relu(norm(layer(x, "4", stride=2, padding=1), "5"))
    x = functional.relu(norm(layer(x, "7", stride=2, padding=1), "8"))
    for block in range(10, 15):
        y = functional.relu(norm(layer(x, f"{block}.0.0.0"), f"{block}.0.0.1"))
        y = norm(layer(y, f"{block}.0.0.3"), f"{block}.0.0.4")
        x = y + x[:, :, 2:-2, 2:-2]
    up = {"way": functional.conv_transpose2d, "stride": 2, "padding": 1, "output_padding": 1}
    x = functional.relu(norm(layer(x, "15", **up), "16"))
    x = functional.relu(norm(layer(x, "18", **up), "19"))
    x = torch.tanh(layer(x, "21", padding=4))
    return (x * torch.tensor([0.436, 0.615]).reshape(1, 2, 1, 1)).numpy()


def run(monkeypatch, *arguments):
    monkeypatch.setattr(sys, "argv", ["convert_zeruniverse", *map(str, arguments)])
    main()


def test_code_in_the_file_is_never_run(tmp_path, monkeypatch):
    class Trap:
        def __reduce__(self):
            return (tmp_path.joinpath("sprung").write_text, ("boo",))

    (tmp_path / "G.pth").write_bytes(pickle.dumps({"1.weight": Trap()}, protocol=2))
    with pytest.raises(SystemExit, match="not a state dict"):
        run(monkeypatch, tmp_path / "G.pth", "--to", tmp_path / "out.onnx")
    assert not (tmp_path / "sprung").exists()
    assert not (tmp_path / "out.onnx").exists()


def test_other_layers_are_refused_by_name(weights, tmp_path, monkeypatch):
    torch.save(
        {name: value for name, value in weights.items() if not name.startswith("21")}, tmp_path / "G.pth"
    )
    with pytest.raises(SystemExit, match=r"21\.weight"):
        run(monkeypatch, tmp_path / "G.pth", "--to", tmp_path / "out.onnx")
