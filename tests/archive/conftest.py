"""Machines that colour archives, and an archive."""

from collections.abc import Callable
from pathlib import Path

import pytest
from buckets import bucket, s3_server
from machines import Machines
from photos import encode, gray_scene

__all__ = ["bucket", "s3_server"]

PHOTOS = 48


@pytest.fixture
def machines(tmp_path_factory):
    machines = Machines(tmp_path_factory.mktemp("dask"))
    machines.start_scheduler()
    yield machines
    machines.close()


@pytest.fixture
def archive(tmp_path):
    """A folder `in` of photos of which no two are alike."""
    photo = encode(gray_scene(600, 450), "JPEG")
    for number in range(PHOTOS):
        path = tmp_path / "in" / f"box {number % 3}" / f"{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(photo + b"%d" % number)
    return tmp_path


@pytest.fixture
def let_go(tmp_path, monkeypatch) -> Callable[..., None]:
    """Keep a run under way on any machine: boxes 1 and 2 wait until this function lets them, or one, go."""
    folder, boxes = tmp_path / "held", ("box 1", "box 2")
    folder.mkdir()
    for box in boxes:
        (folder / box).touch()
    monkeypatch.setenv("HELD", str(folder))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent / "gate"))

    def let_go(*names: str) -> None:
        for name in names or boxes:
            (folder / name).unlink()

    return let_go
