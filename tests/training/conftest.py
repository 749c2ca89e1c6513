"""Tests of training/: skipped where torch is not installed, unless TRAINING_TESTS=required (`make
test-training`)."""

import importlib.util
import os

import cv2
import numpy as np
import pytest

if importlib.util.find_spec("torch") is None and os.environ.get("TRAINING_TESTS") != "required":
    collect_ignore_glob = ["test_*.py"]

PHOTOS = 24


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """A folder of generated colour photos in folders named as scenes."""
    folder = tmp_path_factory.mktemp("photos")
    random = np.random.default_rng(1)
    for number in range(PHOTOS):
        height, width = random.integers(64, 97, 2)
        coarse = random.integers(0, 256, (8, 9, 3), np.uint8)
        scene = folder / ("people", "landscape", "holidays")[number % 3]
        scene.mkdir(exist_ok=True)
        cv2.imwrite(str(scene / f"{number}.png"), cv2.resize(coarse, (int(width), int(height))))
    return folder
