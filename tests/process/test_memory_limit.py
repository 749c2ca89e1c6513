import os

import pytest

from colorizer.process.memory_limit import available_memory

MACHINE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
MIB = 2**20


@pytest.fixture
def own(tmp_path):
    """Return a function that says which groups we are in, as /proc/self/cgroup does."""

    def say(*lines):
        (tmp_path / "own").write_text("".join(f"{line}\n" for line in lines))
        return tmp_path / "own"

    return say


def limit(tmp_path, group, name, text):
    folder = tmp_path / group
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(f"{text}\n")


def test_without_groups_it_is_the_machines(tmp_path):
    assert available_memory(tmp_path, tmp_path / "none") == MACHINE


@pytest.mark.parametrize(("text", "expected"), [("max", MACHINE), (512 * MIB, 512 * MIB), (2**62, MACHINE)])
def test_a_limit_of_version_2_counts(tmp_path, own, text, expected):
    limit(tmp_path, "", "memory.max", text)
    assert available_memory(tmp_path, own("0::/")) == expected


def test_a_service_within_a_slice_has_the_tightest_limit(tmp_path, own):
    limit(tmp_path, "web.slice", "memory.max", 300 * MIB)
    limit(tmp_path, "web.slice/app.service", "memory.max", 700 * MIB)
    limit(tmp_path, "other.slice", "memory.max", 100 * MIB)
    assert available_memory(tmp_path, own("0::/web.slice/app.service")) == 300 * MIB


@pytest.mark.parametrize(("text", "expected"), [(2**63 - 4096, MACHINE), (400 * MIB, 400 * MIB)])
def test_a_limit_of_version_1_counts(tmp_path, own, text, expected):
    limit(tmp_path, "memory/docker/abc", "memory.limit_in_bytes", text)
    assert available_memory(tmp_path, own("5:cpu,memory:/docker/abc", "0::/")) == expected


def test_a_container_that_sees_its_group_as_the_root_has_its_limit(tmp_path, own):
    limit(tmp_path, "memory", "memory.limit_in_bytes", 400 * MIB)
    assert available_memory(tmp_path, own("4:memory:/docker/abc")) == 400 * MIB


def test_this_machine_has_some():
    assert 0 < available_memory() <= MACHINE
