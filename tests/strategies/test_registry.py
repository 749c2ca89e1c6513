import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from onnx_files import ddcolor_onnx

from colorizer.errors import ColorizerError, UnknownStrategy
from colorizer.process.resources import resource_folder
from colorizer.strategies.base import Strategy
from colorizer.strategies.registry import FAMILIES, create_strategy, default_strategy_name, strategy_names
from colorizer.weights.download import install
from colorizer.weights.manifest import FAMILIES as MANIFEST_FAMILIES
from colorizer.weights.manifest import load_manifest
from image_colorizer import ImageColorizer

DOCUMENT = Path(__file__).parents[2] / "docs" / "strategies.md"
FILE_IN_DOCUMENT = re.compile(r"`([a-z_]+\.(?:py|toml))`:\n\n```\w+\n(.*?)```", re.DOTALL)


def offer(folder, name, target):
    """Make `folder` look like a place where a package that offers this strategy is installed."""
    information = folder / f"{name}_package-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}-package\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(f"[image_colorizer.strategies]\n{name} = {target}\n")


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder on the import path."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def test_every_entry_of_the_manifest_is_a_strategy():
    assert strategy_names() == tuple(load_manifest())
    assert strategy_names()[0] == "colornet"


def test_the_manifest_knows_the_families():
    assert set(FAMILIES) == set(MANIFEST_FAMILIES)


def test_an_unknown_name_lists_the_known_ones(tmp_path):
    with pytest.raises(UnknownStrategy, match=r"'magic'.*colornet, richzhang, richzhang-norebal"):
        create_strategy("magic", tmp_path)


def test_the_default_is_colornet_until_richzhang_is_installed(tmp_path):
    assert default_strategy_name(tmp_path) == "colornet"
    (tmp_path / "colorization_release_v2.caffemodel").write_bytes(b"anything")
    assert default_strategy_name(tmp_path) == "richzhang"


def test_a_manifest_in_the_models_folder_adds_to_ours(tmp_path):
    data = ddcolor_onnx(side=64)
    ours = json.loads((resource_folder("models") / "manifest.json").read_text())["networks"][-1]
    shapes = {"inputs": {"input": [1, 3, 64, 64]}, "outputs": {"output": [1, 2, 64, 64]}}
    digest = hashlib.sha256(data).hexdigest()
    mine = ours | {"name": "mine", "urls": [], "sha256": digest, "bytes": len(data), "signature": shapes}
    (tmp_path / "manifest.json").write_text(json.dumps({"networks": [mine]}))
    (tmp_path / "source.onnx").write_bytes(data)
    install("mine", tmp_path / "source.onnx", tmp_path)
    assert strategy_names(tmp_path) == (*strategy_names(), "mine")
    strategy = create_strategy("mine", tmp_path)
    strategy.load()
    assert strategy.predict(np.full((64, 64), 50, np.float32)).ab.shape == (64, 64, 2)


def test_making_strategies_loads_nothing(tmp_path):
    for name in strategy_names():
        assert not create_strategy(name, tmp_path)._loaded


# Strategies of other packages


def test_the_documented_package_can_be_built_installed_and_run(tmp_path, monkeypatch):
    """docs/strategies.md shows two files; with pip they become a strategy like any other."""
    source, target = tmp_path / "source", tmp_path / "target"
    blocks = dict(
        re.findall(r"`([a-z_]+\.(?:py|toml))`:\n\n```\w+\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    )
    assert set(blocks) == {"pyproject.toml", "sepia_strategy.py"}
    assert sum(text.count("\n") for text in blocks.values()) < 30
    source.mkdir()
    for name, text in blocks.items():
        (source / name).write_text(text)
    install_offline(source, target)
    monkeypatch.syspath_prepend(str(target))

    assert strategy_names()[-1] == "sepia"
    strategy = create_strategy("sepia", tmp_path)
    assert isinstance(strategy, Strategy)
    assert strategy.installed
    photo = np.full((20, 30), 128, np.uint8)
    result = ImageColorizer("sepia", models_dir=tmp_path).colorize(photo)
    red, green, blue = result.array.reshape(-1, 3).mean(axis=0)
    assert red > green > blue
    assert result.strategy == "sepia"


def install_offline(source, target):
    options = ["--quiet", "--no-index", "--no-deps", "--no-build-isolation", "--disable-pip-version-check"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(target), str(source)]
    subprocess.run(command, check=True)


def test_a_package_that_cannot_be_imported_is_a_clear_error(site, tmp_path):
    offer(site, "broken", "no_such_module:Strategy")
    assert "broken" in strategy_names()
    with pytest.raises(ColorizerError, match="offers the strategy broken cannot be imported"):
        create_strategy("broken", tmp_path)
    assert create_strategy("colornet", tmp_path).name == "colornet"


def test_something_else_than_a_strategy_is_a_clear_error(site, tmp_path):
    offer(site, "wrong", "collections:OrderedDict")
    with pytest.raises(ColorizerError, match="wrong is not a"):
        create_strategy("wrong", tmp_path)


def test_nobody_can_take_a_name_of_ours(site, tmp_path):
    offer(site, "colornet", "collections:OrderedDict")
    assert strategy_names().count("colornet") == 1
    assert create_strategy("colornet", tmp_path).title == load_manifest()["colornet"].title
