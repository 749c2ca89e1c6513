"""colorizer/process/courtesy.py: who gives way, and to whom."""

import subprocess
import sys

import pytest

from colorizer.process.courtesy import AUTOGROUP

# A session older than the groups, such as that of a machine's first process, has none to read.
LINES = """
import os
from colorizer.process.courtesy import AUTOGROUP, give_way
give_way(7)
group = AUTOGROUP.read_text().split() if AUTOGROUP.exists() else []
print(os.nice(0), group[-1] if group else "none")
"""


def niceness(*, leads_a_session):
    done = subprocess.run(
        [sys.executable, "-c", LINES],
        start_new_session=leads_a_session,
        capture_output=True,
        text=True,
        check=True,
    )
    own, session = done.stdout.split()
    shell = subprocess.run(["nice"], capture_output=True, text=True, check=True).stdout
    return int(own) - int(shell), session


def test_a_process_gives_way_within_its_session():
    own, session = niceness(leads_a_session=False)
    assert own == min(7, own)
    assert session != "7"


@pytest.mark.skipif(not AUTOGROUP.exists(), reason="this kernel has no autogroup")
def test_who_leads_a_session_gives_way_to_other_sessions_too():
    own, session = niceness(leads_a_session=True)
    assert own > 0
    assert int(session) >= own
