"""Reading a request's body within a limit of bytes and a total deadline."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from colorizer.errors import MalformedRequest, TooManyBytes, TooSlow

PIECE_BYTES = 256 * 1024


def read_body(
    stream: IO[bytes],
    length: int | None,
    max_bytes: int,
    seconds: float,
    connection: socket.socket | None = None,
) -> bytes:
    """Read the whole body.

    length: the request's Content-Length, or None for a chunked body; connection: the socket under
    `stream`, where known: with it even a body that drips is cut off when `seconds` have passed.
    Raises TooManyBytes as soon as `max_bytes` are exceeded, TooSlow, or MalformedRequest where the body
    ends early.
    """
    if length is not None and length > max_bytes:
        raise _too_many(max_bytes)
    wanted = max_bytes + 1 if length is None else length
    deadline = time.monotonic() + seconds  # before the timer starts: a read that it ends is then too slow
    with _cut_off(connection, seconds):
        body = b"".join(_read_pieces(stream, wanted, deadline))
    if len(body) > max_bytes:
        raise _too_many(max_bytes)
    if length is not None and len(body) < length:
        raise MalformedRequest(f"The body ended after {len(body):,} of the {length:,} bytes announced.")
    return body


def _read_pieces(stream: IO[bytes], wanted: int, deadline: float) -> Iterator[bytes]:
    while wanted > 0 and (piece := _read_piece(stream, wanted, deadline)):
        yield piece
        wanted -= len(piece)


def _read_piece(stream: IO[bytes], wanted: int, deadline: float) -> bytes:
    problem = None
    try:
        piece = stream.read(min(PIECE_BYTES, wanted))
    except Exception as error:  # each server has its own errors for a broken chunk or a closed connection
        piece, problem = b"", error
    if time.monotonic() >= deadline:
        raise TooSlow("The photo did not arrive in time. Try a faster connection or a smaller photo.")
    if problem:
        raise MalformedRequest("The body broke off, or its chunks are malformed.") from problem
    return piece


def _too_many(max_bytes: int) -> TooManyBytes:
    return TooManyBytes(
        f"The request is larger than the {max_bytes:,} bytes that are taken. Send a smaller photo."
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
