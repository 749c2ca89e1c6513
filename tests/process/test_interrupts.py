import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from colorizer.process.interrupts import held_interrupts


@held_interrupts()
def be_interrupted(steps: list[str]) -> None:
    signal.raise_signal(signal.SIGINT)
    steps.append("went on")


def test_an_interrupt_takes_effect_at_the_end_of_the_block():
    steps = []
    with pytest.raises(KeyboardInterrupt):
        be_interrupted(steps)
    assert steps == ["went on"]


def test_blocks_may_lie_in_each_other():
    @held_interrupts()
    def outer() -> None:
        be_interrupted(steps)
        steps.append("to its end")

    steps = []
    with pytest.raises(KeyboardInterrupt):
        outer()
    assert steps == ["went on", "to its end"]


def test_afterwards_an_interrupt_is_what_it_was():
    with held_interrupts():
        pass
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_in_other_threads_where_none_arrives_it_does_nothing():
    def block() -> object:
        with held_interrupts():
            return signal.getsignal(signal.SIGINT)

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(block).result() is signal.getsignal(signal.SIGINT)
