"""Other processes, as the system tells of them."""

import subprocess


def children_of(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, check=False)
    return [int(line) for line in found.stdout.split()]


def is_running(pid: int) -> bool:
    """Return whether a process runs; one that has ended does not, though nobody has waited for it yet."""
    found = subprocess.run(["ps", "-o", "state=", "-p", str(pid)], capture_output=True, check=False)
    return found.stdout.strip() not in (b"", b"Z")
