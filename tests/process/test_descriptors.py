"""The limit of open files is raised, which is seen in a process of its own."""

import subprocess
import sys

import pytest

SCRIPT = """
import resource
from colorizer.process.descriptors import allow_open_files

resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
print(allow_open_files({wanted}), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "wanted", "allowed", "now"),
    [(100, 150, 120, 120, 120), (100, 150, 200, 150, 150), (100, 150, 50, 50, 100)],
)
def test_it_is_raised_as_far_as_it_goes(soft, hard, wanted, allowed, now):
    code = SCRIPT.format(soft=soft, hard=hard, wanted=wanted)
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert child.stdout.split() == [str(allowed), str(now)]
