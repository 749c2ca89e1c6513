"""The Makefile's own logic, with a Python that only notes what it is asked for: nothing is downloaded."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCES = (
    "Makefile",
    "pyproject.toml",
    "requirements.txt",
    "requirements-dev.txt",
    "requirements-training.txt",
    "requirements-release.txt",
)

# Stands for python3 and everything in .venv/bin: notes how it was called, and makes .venv when asked.
STAND_IN = """#!/bin/sh
case "$*" in
  *sys.version_info*) exit "${TOO_OLD:-0}" ;;
  "-m venv .venv")
    mkdir -p .venv/bin
    for name in python pip pytest mypy ruff uv cyclonedx-py image-colorizer; do
      cp "$0" .venv/bin/$name
    done ;;
esac
echo "$(basename "$0") $* TRAINING_TESTS=$TRAINING_TESTS PORT=$PORT" >> calls
"""


class Project:
    """A copy of the project's build files with the stand-in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in SOURCES:
            shutil.copy(ROOT / name, folder)
        (folder / "python").write_text(STAND_IN)
        (folder / "python").chmod(0o755)

    def make(self, *arguments: str, **environ: str) -> subprocess.CompletedProcess:
        clean = {
            name: text for name, text in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "PORT")
        }
        return subprocess.run(
            ["make", *arguments, f"PYTHON={self.folder / 'python'}"],
            cwd=self.folder,
            env=clean | environ,
            capture_output=True,
            text=True,
            check=False,
        )

    def calls(self) -> list[str]:
        """Return what was called since the last time."""
        file = self.folder / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return lines


@pytest.fixture
def project(tmp_path) -> Project:
    return Project(tmp_path)


def test_run_installs_once_and_serves(project):
    assert project.make("run", PORT="5001").returncode == 0
    venv, install, serve = project.calls()
    assert venv.startswith("python -m venv .venv")
    assert "install --requirement requirements.txt --editable ." in install
    assert serve.startswith("image-colorizer serve")
    assert serve.endswith("PORT=5001")
    project.make("run")
    (serve,) = project.calls()
    assert serve.startswith("image-colorizer serve")


def test_changed_requirements_are_installed(project):
    project.make("run")
    project.calls()
    stamp = project.folder / ".venv" / ".run"
    later = stamp.stat().st_mtime + 5
    os.utime(project.folder / "requirements.txt", (later, later))
    project.make("run")
    assert any("install --requirement requirements.txt" in call for call in project.calls())


def test_an_old_python_is_one_clear_sentence(project):
    made = project.make("run", TOO_OLD="1")
    assert made.returncode != 0
    assert "Image Colorizer needs Python 3.11 or newer." in made.stdout
    assert project.calls() == []


def test_test_installs_what_tests_need_and_runs_them_all(project):
    assert project.make("test").returncode == 0
    *_, install, pytest_call = project.calls()
    assert "install --requirement requirements-dev.txt" in install
    assert pytest_call.startswith("pytest  TRAINING_TESTS= ")


def test_test_training_installs_torch_and_never_skips(project):
    assert project.make("test-training").returncode == 0
    *_, install, pytest_call = project.calls()
    assert "install --requirement requirements-training.txt" in install
    assert pytest_call.startswith("pytest tests/training TRAINING_TESTS=required")


@pytest.mark.parametrize("target", ["lint", "fuzz", "soak", "test-container", "release"])
def test_the_other_targets_run(project, target):
    assert project.make(target).returncode == 0
    assert project.calls()


def test_a_failing_test_fails_make(project):
    project.make("test")
    (project.folder / ".venv" / "bin" / "pytest").write_text("#!/bin/sh\nexit 1\n")
    assert project.make("test").returncode != 0
