import socket

import pytest

from colorizer.http.client_socket import SHORT_BYTES, ClientSocket


@pytest.fixture
def ends():
    """Return our end of a connection, and the client's."""
    ours, theirs = socket.socketpair()
    with ClientSocket(ours) as ours, theirs:
        ours.settimeout(0.2)
        theirs.settimeout(5)
        yield ours, theirs


def fill(sock):
    """Send until the client would have to take something, and return how much that was."""
    sent = 0
    while not sock.unsent:
        sock.sendall(b"x" * 1000)
        sent += 1000
    return sent


def take(sock, count):
    data = b""
    while len(data) < count:
        data += sock.recv(count - len(data))
    return data


def test_what_the_client_takes_is_sent_at_once(ends):
    ours, theirs = ends
    ours.sendall(b"head")
    ours.sendall(b"body")
    assert ours.unsent == b""
    assert take(theirs, 8) == b"headbody"


def test_a_short_answer_that_is_not_taken_is_kept_in_order(ends):
    ours, theirs = ends
    sent = fill(ours)
    ours.sendall(b"head")
    ours.sendall(b"y" * 50_000)
    assert ours.unsent.endswith(b"head" + b"y" * 50_000)
    data = b""
    while ours.unsent:
        data += theirs.recv(1_000_000)
        ours.send_more()
    data += take(theirs, sent + 50_004 - len(data))
    assert data == b"x" * sent + b"head" + b"y" * 50_000


def test_a_long_answer_waits_as_long_as_the_timeout_is(ends):
    ours, _ = ends
    with pytest.raises(TimeoutError):
        ours.sendall(b"x" * (SHORT_BYTES + 10_000_000))


def test_the_timeout_stays_as_it_was(ends):
    ours, _ = ends
    fill(ours)
    assert ours.gettimeout() == 0.2
