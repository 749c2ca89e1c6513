"""A program of a user passes the type checkers that people use, and finds the types that it expects."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROGRAM = """
from pathlib import Path
from typing import assert_type

import numpy as np
from PIL import Image

from image_colorizer import (
    ColorizedArray,
    ColorizedImage,
    ColorizedPhoto,
    ColorizerError,
    Hint,
    ImageColorizer,
    Limits,
)

colorizer = ImageColorizer("colornet", limits=Limits(max_pixels=10_000_000))
sky = {"x": 12, "y": 8.5, "color": "#88aaff"}

photo = colorizer.colorize(Path("grandma.jpg"), hints=[sky, Hint(1, 2, 10, 20)], quality=90)
assert_type(photo, ColorizedPhoto)
assert_type(photo.data, bytes)
assert_type(photo.confidence, float | None)
photo.save("grandma-colorized.jpg")
assert_type(colorizer.colorize(photo.data), ColorizedPhoto)
with open("grandma.jpg", "rb") as file:
    assert_type(colorizer.colorize(file), ColorizedPhoto)

array = colorizer.colorize(np.zeros((48, 64), np.uint8), saturation=1.2)
assert_type(array, ColorizedArray)
print(array.array.shape, colorizer.suggest("grandma.jpg", 3, 4)[0][0].upper())

image = colorizer.colorize(Image.open("grandma.jpg"), format="png")
assert_type(image, ColorizedImage)
assert_type(image.image, Image.Image)
try:
    array.save(Path("a.png"))
except ColorizerError as error:
    print(error)
"""
SETTINGS = f"""
[tool.mypy]
mypy_path = "{ROOT}"
[tool.pyright]
extraPaths = ["{ROOT}"]
typeCheckingMode = "strict"
"""
WRONG = PROGRAM + '\ncolorizer.colorize("grandma.jpg", qualty=90)\nphoto.array\n'


@pytest.fixture(params=["mypy", "pyright"])
def check(request, tmp_path):
    command = {
        "mypy": [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(ROOT / ".mypy_cache")],
        "pyright": [sys.executable, "-m", "pyright", "--pythonpath", sys.executable],
    }[request.param]

    def run(program):
        (tmp_path / "program.py").write_text(program)
        (tmp_path / "pyproject.toml").write_text(SETTINGS)
        asked = [*command, "program.py"]
        return subprocess.run(asked, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


def test_a_users_program_passes(check):
    done = check(PROGRAM)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_the_types_forbid_is_found(check):
    done = check(WRONG)
    assert done.returncode == 1
    assert "error: No overload variant" in done.stdout or "No overloads for" in done.stdout
    assert '"array"' in done.stdout
