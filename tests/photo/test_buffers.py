"""No C code that we call reads past the pixels that it is given, or lets foreign memory into a result."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from guarded import PACKINGS, PATHS

TESTS = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def walks():
    """The lines of two walks, between which only the rubbish in fresh memory differs."""
    environ = {**os.environ, "PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}"}
    processes = [
        subprocess.Popen(
            [sys.executable, TESTS / "guarded.py"],
            env={**environ, "MALLOC_PERTURB_": rubbish},  # glibc fills fresh memory with it
            stdout=subprocess.PIPE,
            text=True,
        )
        for rubbish in ("85", "170")
    ]
    return [process.communicate()[0].splitlines() for process in processes]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="walls and rubbish are Linux's")
@pytest.mark.parametrize("path", [*PATHS, *PACKINGS])
def test_nothing_is_read_past_a_buffer_and_no_rubbish_gets_into_a_result(path, walks):
    one, other = ([line for line in lines if line.endswith(f" {path}")] for lines in walks)
    assert one, "the process died on the way"
    assert one == other
