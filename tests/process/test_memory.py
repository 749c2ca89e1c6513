"""Memory that was freed is given back, which is seen in a process of its own."""

import subprocess
import sys

import pytest

SCRIPT = """
import sys
from colorizer.process import memory

def resident():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096

if "one pool" in sys.argv:
    memory.use_one_pool()
blocks = [bytes(100_000) for _ in range(500)]
keep = bytes(100)
del blocks
before = resident()
memory.give_back()
print(before - resident())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc can be told")
def test_what_is_kept_for_later_is_given_back():
    child = subprocess.run(
        [sys.executable, "-c", SCRIPT, "one pool"], capture_output=True, text=True, check=True, cwd="."
    )
    assert int(child.stdout) > 20e6
