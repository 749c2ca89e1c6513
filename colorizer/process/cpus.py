"""How many processors this process may really use."""

import math
import os
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")


_share = math.inf  # of the processors; the rest is for processes beside this one


def use_at_most(cpus: int) -> None:
    """Let this process use no more processors than these, because others of ours use the rest."""
    global _share  # noqa: PLW0603  it is the process that has a share
    _share = cpus


def available_cpus(cgroup: Path = CGROUP) -> int:
    """Return the least of our share, what we are allowed on and the container's quota; at least 1."""
    try:
        allowed = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS and Windows know no affinity
        allowed = os.cpu_count() or 1
    return int(max(1, min(_share, allowed, _quota(cgroup))))


def _quota(cgroup: Path) -> float:
    """Return the container's limit in whole processors (rounded up), or infinity."""
    for read in (_quota_v2, _quota_v1):
        try:
            quota, period = read(cgroup)
        except (OSError, ValueError):
            continue
        return math.ceil(quota / period) if quota > 0 and period > 0 else math.inf
    return math.inf


def _quota_v2(cgroup: Path) -> tuple[int, int]:
    quota, period = (cgroup / "cpu.max").read_text().split()
    return int(quota), int(period)


def _quota_v1(cgroup: Path) -> tuple[int, int]:
    quota, period = ((cgroup / "cpu" / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
    return int(quota), int(period)
