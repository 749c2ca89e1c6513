"""How much memory this process may really use."""

import os
from collections.abc import Iterator
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
OWN_CGROUPS = Path("/proc/self/cgroup")


def available_memory(cgroup: Path = CGROUP, own: Path = OWN_CGROUPS) -> int:
    """Return the bytes of the machine, or of the tightest limit that a container or service sets us."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([machine, *_limits(cgroup, own)])


def _limits(cgroup: Path, own: Path) -> Iterator[int]:
    for file in _limit_files(cgroup, own):
        try:
            yield int(file.read_text())
        except (OSError, ValueError):  # no such group, or the word "max"
            continue


def _limit_files(cgroup: Path, own: Path) -> Iterator[Path]:
    """Yield the files of our group and of all groups around it, by cgroups version 2 and 1."""
    for controllers, path in _own_groups(own):
        group = Path(path.lstrip("/"))
        for around in (group, *group.parents):
            if not controllers:
                yield cgroup / around / "memory.max"
            elif "memory" in controllers.split(","):
                yield cgroup / "memory" / around / "memory.limit_in_bytes"


def _own_groups(own: Path) -> list[tuple[str, str]]:
    """Return our groups as (controllers, path); a line is "4:memory:/path", or "0::/path" in version 2."""
    try:
        lines = own.read_text().splitlines()
    except OSError:  # no Linux
        return []
    return [(controllers, path) for _, controllers, path in (line.split(":", 2) for line in lines)]
