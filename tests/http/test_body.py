import io
import socket
import threading
import time
from contextlib import suppress

import pytest

from colorizer.errors import MalformedRequest, TooManyBytes, TooSlow
from colorizer.http import body
from colorizer.http.body import read_body


class Endless:
    """A body that never ends; counts what was read of it."""

    taken = 0

    def read(self, size):
        self.taken += size
        return b"x" * size


class Patient:
    """Reads as gunicorn does: on and on, until it has all that it was asked for."""

    def __init__(self, connection):
        self.connection = connection

    def read(self, size):
        data = b""
        while len(data) < size and (piece := self.connection.recv(size - len(data))):
            data += piece
        return data


@pytest.fixture
def connection():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("length", [100, None])
def test_a_body_at_the_limit_is_read(length):
    assert read_body(io.BytesIO(b"x" * 100), length, 100, 5) == b"x" * 100


def test_an_announced_body_over_the_limit_is_not_read_at_all():
    stream = Endless()
    with pytest.raises(TooManyBytes, match="1,000 bytes"):
        read_body(stream, 1001, 1000, 5)
    assert stream.taken == 0


def test_an_unannounced_body_is_cut_off_while_reading():
    stream = Endless()
    with pytest.raises(TooManyBytes):
        read_body(stream, None, 1000, 5)
    assert stream.taken == 1001


def test_a_body_that_ends_early_is_malformed():
    with pytest.raises(MalformedRequest, match="after 3 of the 10 bytes"):
        read_body(io.BytesIO(b"abc"), 10, 100, 5)


def test_an_error_of_the_server_while_reading_is_malformed():
    class Broken:
        def read(self, size):
            raise RuntimeError("bad chunk")

    with pytest.raises(MalformedRequest):
        read_body(Broken(), None, 100, 5)


def test_a_body_that_drips_is_cut_off_at_the_deadline(connection):
    ours, theirs = connection
    stop = threading.Event()

    def drip():
        with suppress(BrokenPipeError):  # nobody reads any more
            while not stop.wait(0.05):
                theirs.send(b"x")

    dripping = threading.Thread(target=drip)
    dripping.start()
    start = time.monotonic()
    with pytest.raises(TooSlow):
        read_body(Patient(ours), 1000, 2000, 0.3, ours)
    assert 0.3 <= time.monotonic() - start < 10
    stop.set()
    dripping.join()
    ours.send(b"HTTP/1.1 408")  # the answer still goes out
    assert theirs.recv(100) == b"HTTP/1.1 408"


def test_a_body_in_time_leaves_the_connection_alone(connection):
    ours, theirs = connection
    theirs.send(b"abc")
    assert read_body(Patient(ours), 3, 3, 0.5, ours) == b"abc"
    time.sleep(0.6)
    theirs.send(b"next")
    assert ours.recv(10) == b"next"


def test_a_client_that_is_gone_at_the_deadline_does_no_harm(connection):
    ours, _ = connection
    ours.close()
    body._stop_reading(ours)
