import threading
import time

import pytest

from colorizer.errors import Busy
from colorizer.http.places import REFUSAL_SECONDS, PhotoSlots, Places


def test_a_place_is_free_again_after_use():
    places = Places(1)
    for _ in range(3):
        with places.place():
            pass


def test_who_finds_no_place_is_refused_within_a_second():
    places = Places(1)
    with places.place():
        start = time.monotonic()
        with pytest.raises(Busy), places.place():
            pytest.fail("there was a second place")
        assert REFUSAL_SECONDS <= time.monotonic() - start < 5  # this machine may be busy
    assert REFUSAL_SECONDS < 0.5


def test_a_place_is_given_back_after_an_error():
    places = Places(1)
    with pytest.raises(ZeroDivisionError), places.place():
        raise ZeroDivisionError
    with places.place():
        pass


def test_so_many_at_once_so_many_in_the_queue_and_no_more():
    slots, finish = PhotoSlots(at_once=2, queue=3), threading.Event()
    counts, counting = {"now": 0, "most": 0, "done": 0, "refused": 0}, threading.Lock()

    def change(**changes):
        with counting:
            for name, change in changes.items():
                counts[name] += change
            counts["most"] = max(counts["most"], counts["now"])

    def colour():
        try:
            with slots.slot():
                change(now=1)
                finish.wait(10)
                change(now=-1, done=1)
        except Busy:
            change(refused=1)

    threads = [threading.Thread(target=colour) for _ in range(8)]
    for thread in threads:
        thread.start()
    while counts["refused"] < 3:
        time.sleep(0.01)
    finish.set()
    for thread in threads:
        thread.join()
    assert counts == {"now": 0, "most": 2, "done": 5, "refused": 3}
