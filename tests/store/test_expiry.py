"""A clock that jumps deletes nobody's photos."""

import pytest

from colorizer.store.expiry import EVEN_SECONDS, Expiry


class Counter:
    """A store that counts its sweeps, and the two clocks."""

    def __init__(self):
        self.sweeps, self.wall, self.steady = 0, 1e9, 100.0

    def sweep(self):
        self.sweeps += 1

    def pass_seconds(self, seconds):
        self.wall += seconds
        self.steady += seconds


@pytest.fixture
def counter():
    return Counter()


@pytest.fixture
def expiry(counter):
    return Expiry(counter, clock=lambda: counter.wall, steady=lambda: counter.steady)


def test_every_call_sweeps_while_the_clock_runs_evenly(counter, expiry):
    for _ in range(3):
        counter.pass_seconds(300)
        expiry.sweep()
    assert counter.sweeps == 3


@pytest.mark.parametrize("jump", [10 * 86_400, -10 * 86_400])
def test_after_a_jump_nothing_is_deleted_for_a_while(counter, expiry, jump):
    counter.wall += jump
    expiry.sweep()
    counter.pass_seconds(EVEN_SECONDS - 1)
    expiry.sweep()
    assert counter.sweeps == 0
    counter.pass_seconds(2)
    expiry.sweep()
    assert counter.sweeps == 1


def test_a_jump_back_within_the_while_starts_it_anew(counter, expiry):
    counter.wall += 86_400
    expiry.sweep()
    counter.pass_seconds(EVEN_SECONDS / 2)
    counter.wall -= 86_400
    expiry.sweep()
    counter.pass_seconds(EVEN_SECONDS - 1)
    expiry.sweep()
    assert counter.sweeps == 0


def test_a_clock_that_is_set_gently_is_trusted(counter, expiry):
    for _ in range(10):
        counter.pass_seconds(300)
        counter.wall += 1
        expiry.sweep()
    assert counter.sweeps == 10
