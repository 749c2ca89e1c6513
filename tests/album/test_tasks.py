"""A run's parent process stays small: what colours photos is imported in its children only."""

import subprocess
import sys

import pytest
from photos import encode, gray_scene

HEAVY = ("cv2", "onnxruntime", "numpy", "PIL", "simplejpeg")
PARENT = f"""
import sys
from colorizer.cli import main
status = main(sys.argv[1:])
heavy = set({HEAVY}) & set(sys.modules)
sys.exit(f"imported {{heavy}}" if heavy else status)
"""


@pytest.mark.parametrize(
    ("more", "status"), [([], 1), (["--dry-run"], 0), (["--strategy", "colornet", "--json"], 1)]
)
def test_the_process_that_plans_and_tells_imports_nothing_that_colors(tmp_path, more, status):
    (tmp_path / "a.jpg").write_bytes(encode(gray_scene(), "JPEG"))
    (tmp_path / "b.png").write_bytes(b"no photo")
    command = [sys.executable, "-c", PARENT, "colorize", str(tmp_path), *more]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == status, run.stderr
    assert (tmp_path / "a-colorized.jpg").exists() == ("--dry-run" not in more)
