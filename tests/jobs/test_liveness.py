"""What workers that died leave of their locks."""

import os

import pytest

from colorizer.jobs.liveness import OwnLock, sweep_locks
from colorizer.store.database import connect

LONG_AGO = 1_000_000_000


@pytest.fixture
def engine(tmp_path):
    engine = connect(f"sqlite:///{tmp_path}/colorizer.sqlite")
    yield engine
    engine.dispose()


def test_the_lock_files_of_the_dead_go_and_those_of_the_living_stay(engine, tmp_path):
    folder = tmp_path / "colorizer.sqlite.workers"
    sweep_locks(engine)  # before the first worker
    with OwnLock("living", engine):
        for name in ("dead", "starting"):
            (folder / name).touch()
        for name in ("dead", "living"):
            os.utime(folder / name, (LONG_AGO, LONG_AGO))
        sweep_locks(engine)
        assert {path.name for path in folder.iterdir()} == {"living", "starting"}
