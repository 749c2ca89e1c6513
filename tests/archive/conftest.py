"""Machines that colour archives, and an archive."""

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
