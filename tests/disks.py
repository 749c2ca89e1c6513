"""A disk of a few megabytes, to be filled."""

import os
import subprocess
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

MEBIBYTE = 1024 * 1024


@contextmanager
def small_disk(folder: Path, mebibytes: int):
    """Let `folder` be a disk of its own; skips where nobody may mount one."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m,mode=777", "tmpfs", str(folder)]
    if subprocess.run([*_as_root(), *mount], capture_output=True, check=False).returncode:
        if os.environ.get("CI"):
            pytest.fail("No disk could be mounted; .ci/run is root, or may use sudo.")
        pytest.skip("Only root may mount a disk.")
    try:
        yield
    finally:
        subprocess.run([*_as_root(), "umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(folder: Path):
    """Fill the disk of a folder to its last byte while the context lasts."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (MEBIBYTE, 4096, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))
    try:
        yield
    finally:
        filler.unlink()


def _as_root() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
