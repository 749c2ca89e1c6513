"""colorizer/process/courtesy.py: who gives way, and to whom."""

import os
import subprocess
import sys

import pytest

from colorizer.process.courtesy import AUTOGROUP

BEFORE, MORE, MOST = 2, 7, 19
LINES = f"""
import os
from colorizer.process.courtesy import AUTOGROUP, give_way
give_way({MORE})
print(os.nice(0), AUTOGROUP.read_text() if AUTOGROUP.exists() else "")
"""


def nice_process(*, leads_a_session):
    """Let a process that is a little nice give way; returns its niceness, and what is said of its session."""
    done = subprocess.run(
        ["nice", "-n", str(BEFORE), sys.executable, "-c", LINES],
        start_new_session=leads_a_session,
        capture_output=True,
        text=True,
        check=True,
    )
    own, *session = done.stdout.split()
    assert int(own) == min(os.nice(0) + BEFORE + MORE, MOST)
    return own, session


def test_a_process_gives_way_within_its_session():
    _, session = nice_process(leads_a_session=False)
    assert session == (AUTOGROUP.read_text().split() if AUTOGROUP.exists() else [])


def test_who_leads_a_session_gives_way_to_other_sessions_too():
    own, session = nice_process(leads_a_session=True)
    if not session:
        pytest.skip("this kernel has no autogroup")
    assert session[-1] == own
