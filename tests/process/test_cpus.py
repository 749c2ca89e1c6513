import os

import pytest

from colorizer.process.cpus import available_cpus

ALLOWED = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


@pytest.fixture
def many_processors(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(64)), raising=False)


def test_without_a_container_it_is_what_we_are_allowed(tmp_path):
    assert available_cpus(tmp_path) == ALLOWED


@pytest.mark.parametrize(
    ("cpu_max", "cpus"), [("max 100000", 64), ("200000 100000", 2), ("150000 100000", 2), ("10000 100000", 1)]
)
def test_a_quota_of_version_2_counts(tmp_path, many_processors, cpu_max, cpus):
    (tmp_path / "cpu.max").write_text(f"{cpu_max}\n")
    assert available_cpus(tmp_path) == cpus


@pytest.mark.parametrize(("quota", "cpus"), [(-1, 64), (300_000, 3), (50_000, 1)])
def test_a_quota_of_version_1_counts(tmp_path, many_processors, quota, cpus):
    (tmp_path / "cpu").mkdir()
    (tmp_path / "cpu" / "cpu.cfs_quota_us").write_text(f"{quota}\n")
    (tmp_path / "cpu" / "cpu.cfs_period_us").write_text("100000\n")
    assert available_cpus(tmp_path) == cpus


def test_systems_without_affinity_count_their_processors(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert available_cpus(tmp_path) == 1


def test_this_machine_has_some():
    assert 1 <= available_cpus() <= ALLOWED
