"""Reading a request's body within a limit of bytes and a total deadline."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from colorizer.errors import MalformedRequest, TooManyBytes, TooSlow

PIECE_BYTES = 256 * 1024


class Body:
    """A request's body, to be read piece by piece."""

    def __init__(self, stream: IO[bytes], length: int | None, max_bytes: int, deadline: float) -> None:
        """deadline: of `time.monotonic`; the rest as `open_body` takes it."""
        self._stream, self._length, self._most, self._deadline = stream, length, max_bytes, deadline
        self._wanted = max_bytes + 1 if length is None else length
        self._taken = 0

    def read(self, size: int = PIECE_BYTES) -> bytes:
        """Return the next piece of at most `size` bytes; none at the end. Raises as `open_body` says."""
        left = self._wanted - self._taken
        piece = self._read_piece(min(size, left)) if left else b""
        self._taken += len(piece)
        if self._taken > self._most:
            raise _too_many(self._most)
        if not piece and self._length is not None and self._taken < self._length:
            raise MalformedRequest(
                f"The body ended after {self._taken:,} of the {self._length:,} bytes announced."
            )
        return piece

    def _read_piece(self, size: int) -> bytes:
        problem = None
        try:
            piece = self._stream.read(size)
        except Exception as error:  # each server has its own errors for a broken chunk or a closed connection
            piece, problem = b"", error
        if time.monotonic() >= self._deadline:
            raise TooSlow("The upload did not arrive in time. Try a faster connection or a smaller file.")
        if problem:
            raise MalformedRequest("The body broke off, or its chunks are malformed.") from problem
        return piece


@contextmanager
def open_body(
    stream: IO[bytes],
    length: int | None,
    max_bytes: int,
    seconds: float,
    connection: socket.socket | None = None,
) -> Iterator[Body]:
    """Yield the body, which can be read while the context lasts.

    length: the request's Content-Length, or None for a chunked body; connection: the socket under
    `stream`, where known: with it even a body that drips is cut off when `seconds` have passed.
    Raises TooManyBytes as soon as `max_bytes` are exceeded, TooSlow, or MalformedRequest where the body
    ends early.
    """
    if length is not None and length > max_bytes:
        raise _too_many(max_bytes)
    deadline = time.monotonic() + seconds  # before the timer starts: a read that it ends is then too slow
    with _cut_off(connection, seconds):
        yield Body(stream, length, max_bytes, deadline)


def read_body(
    stream: IO[bytes],
    length: int | None,
    max_bytes: int,
    seconds: float,
    connection: socket.socket | None = None,
) -> bytes:
    """Return the whole body; takes and raises what `open_body` does."""
    with open_body(stream, length, max_bytes, seconds, connection) as body:
        return b"".join(iter(body.read, b""))


def _too_many(max_bytes: int) -> TooManyBytes:
    return TooManyBytes(
        f"The request is larger than the {max_bytes:,} bytes that are taken. Send a smaller file."
    )


@contextmanager
def _cut_off(connection: socket.socket | None, seconds: float) -> Iterator[None]:
    """End every read of `connection` after `seconds`.

    A socket's own timeout would start anew with each byte: gunicorn reads on until it has all that it was
    asked for, so a client that drips would never be cut off.
    """
    if connection is None:
        yield
        return
    timer = threading.Timer(seconds, _stop_reading, [connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _stop_reading(connection: socket.socket) -> None:
    with suppress(OSError):  # the client has gone already
        socket.socket.shutdown(connection, socket.SHUT_RD)  # past any TLS layer: the answer goes out yet
