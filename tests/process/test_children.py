import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from processes import is_running

from colorizer.errors import BadField, ChildDied
from colorizer.process.children import Child
from colorizer.process.cpus import available_cpus

ROOT = Path(__file__).parents[2]


@pytest.fixture
def child():
    child = Child(cpus=1)
    yield child
    child.close()


def refuse(message: str) -> None:
    raise BadField(message)


def shout(text: str) -> str:
    os.write(1, text.encode())
    return text.upper()


def test_it_calls_and_returns(child):
    assert child.call(sum, [1, 2]) == 3
    assert child.call(len, b"x" * 1_000_000) == 1_000_000


def test_it_is_another_process_that_stays_the_same(child):
    first = child.call(os.getpid)
    assert first != os.getpid()
    assert child.call(os.getpid) == first


def test_errors_come_through_and_it_goes_on(child):
    with pytest.raises(BadField, match="no such thing"):
        child.call(refuse, "no such thing")
    assert child.call(sum, [1]) == 1


def test_its_share_of_the_processors_is_kept(child):
    assert child.call(available_cpus) == 1


def test_what_is_printed_there_does_not_mix_with_the_answers(child, capfd):
    assert child.call(shout, "hello") == "HELLO"
    assert capfd.readouterr().err == "hello"


@pytest.mark.parametrize(
    ("function", "argument", "how"),
    [
        (signal.raise_signal, signal.SIGSEGV, "SIGSEGV"),
        (os.abort, None, "SIGABRT"),
        (os._exit, 3, "status 3"),
    ],
)
def test_its_death_is_told_and_the_next_call_starts_another(child, function, argument, how):
    with pytest.raises(ChildDied, match=how):
        child.call(function, *filter(None, [argument]))
    assert child.call(sum, [1, 2]) == 3


def test_a_child_that_was_killed_between_two_calls_is_told_too(child):
    os.kill(child.call(os.getpid), signal.SIGKILL)
    with pytest.raises(ChildDied, match="SIGKILL"):
        child.call(sum, [1])


def test_ctrl_c_does_not_end_it(child):
    os.kill(child.call(os.getpid), signal.SIGINT)
    assert child.call(sum, [1]) == 1


PARENT = """
import os, sys
from colorizer.process.children import Child
child = Child(cpus=1)
print(child.call(os.getpid), flush=True)
os.kill(os.getpid(), 9)
"""


def test_it_ends_when_its_parent_is_killed():
    parent = subprocess.run([sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, check=False)
    deadline = time.monotonic() + 60
    while is_running(int(parent.stdout)):
        assert time.monotonic() < deadline
        time.sleep(0.02)
