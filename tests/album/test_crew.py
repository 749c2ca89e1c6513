import os
import signal
import subprocess
import sys
import time

import pytest

from colorizer.album.crew import AHEAD, Crew
from colorizer.errors import ChildDied
from colorizer.process.cpus import available_cpus


def test_answers_come_in_the_order_of_the_items():
    def answer(number: int) -> int:
        time.sleep(0.02 if number % 3 == 0 else 0)
        return number

    with Crew(3) as crew:
        assert list(crew.map(answer, range(200))) == list(range(200))


def test_of_many_items_only_those_are_taken_that_are_soon_needed():
    taken = []

    def items():
        for number in range(200_000):
            taken.append(number)
            yield number

    with Crew(2) as crew:
        answers = crew.map(str, items())
        assert next(answers) == "0"
        assert len(taken) == AHEAD
        answers.close()


def test_nothing_is_begun_any_more_once_it_is_left():
    begun = []
    with Crew(1) as crew:
        next(crew.map(lambda number: (begun.append(number), time.sleep(0.01)), range(1000)))
    assert len(begun) < AHEAD


def test_everyone_is_a_process_of_its_own_with_its_share_of_the_processors():
    with Crew(2) as crew:
        crew.everyone(available_cpus)
        pids = set(crew.map(lambda _: crew.call(os.getpid), range(20)))
        assert crew.call(available_cpus) == max(1, available_cpus() // 2)
    assert len(pids) <= 2
    assert os.getpid() not in pids


def test_one_that_dies_takes_no_other_call_with_it():
    def die_at_seven(number: int) -> int | str:
        try:
            return crew.call(signal.raise_signal, signal.SIGSEGV) if number == 7 else crew.call(abs, -number)
        except ChildDied as error:
            return str(error)

    with Crew(2) as crew:
        answers = list(crew.map(die_at_seven, range(12)))
    assert answers.pop(7) == "Its process died (SIGSEGV)."
    assert answers == [number for number in range(12) if number != 7]


def test_what_one_raises_everyone_raises():
    with Crew(2) as crew, pytest.raises(ZeroDivisionError):
        crew.everyone(divmod, 1, 0)


INTERRUPTED = """
import signal, sys, threading
from colorizer.album.crew import Crew

def interrupt(frame, event, _):
    if event == "return" and frame.f_code is threading.Condition.__enter__.__code__:
        sys.setprofile(None)
        signal.raise_signal(signal.SIGINT)

with Crew(2) as crew:
    answers = crew.map(str, range(1000))
    next(answers)
    sys.setprofile(interrupt)
    list(answers)
"""


def test_an_interrupt_just_after_a_lock_was_taken_hangs_nobody():
    command = [sys.executable, "-c", INTERRUPTED]
    ended = subprocess.run(command, check=False, stderr=subprocess.PIPE, text=True, timeout=60)
    assert ended.returncode == -signal.SIGINT
    assert ended.stderr.endswith("KeyboardInterrupt\n")
