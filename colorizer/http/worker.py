"""gunicorn's worker with threads, except that no client can keep a thread, or the other clients, waiting.

gunicorn's own gives a thread to every connection before a byte of it has come, reads the head of a request
there for as long as that takes, and takes leave of one client at a time: for up to two seconds, in which
nobody is let in. Here a poller reads all heads, sends what clients do not take at once of short answers, and
takes leave of everyone at once; a thread is given to a request whose head is whole, until it is answered.
docs/decisions.md has what was measured.
"""

import re
import selectors
import socket
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from contextlib import suppress
from itertools import chain, takewhile
from types import FrameType
from typing import Any, cast

from gunicorn import util
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine
from gunicorn.http.parser import RequestParser
from gunicorn.workers.gthread import TConn, ThreadWorker

from colorizer.http.client_socket import ClientSocket

HEAD_SECONDS = 5.0  # for the request line and the headers, from the first moment to the last byte
HEAD_BYTES = 32 * 1024
END_OF_HEAD = re.compile(rb"\r\n\r\n|(?<!\r)\n")  # gunicorn refuses a line feed alone at once
REST_SECONDS = 0.05  # for the rest of a body that nobody read; where more is to come the connection closes
SEND_SECONDS = 20.0  # for a client to take a short answer; a long one keeps its thread (ANSWER_SECONDS)
MOST_SENDING = 256  # clients that are given this time; where there are more, the oldest must go
LEAVE_SECONDS = 2.0  # for a client to take its last answer, and close
STOP_SECONDS = 1.0  # for heads under way when we stop
PIECE_BYTES = 16 * 1024


class PollingWorker(ThreadWorker):
    """A worker class of gunicorn. All methods but `_keepalive_after` run in the poller's thread."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.heads: dict[TConn, bytearray] = {}  # what has come of each head; the oldest connection first
        self.sending: dict[TConn, Future[bool]] = {}  # those that have not taken all of a short answer
        self.leaving: dict[TConn, None] = {}  # those with their last answer; the oldest first
        self.under_way: set[TConn] = set()  # those in the hands of threads
        self.unfinished: set[TConn] | None = None  # those of them that a draining worker waits for
        self.replaced = False  # whether another worker lets new connections in, so that we need not

    @classmethod
    def check_config(cls, cfg: Config, log: Logger) -> None:
        """Refuse TLS, whose handshakes would hold up the poller."""
        if cfg.is_ssl:
            raise RuntimeError(
                "We speak plain HTTP. Leave out the certificate, and put a proxy with TLS before us."
            )
        super().check_config(cfg, log)

    def accept(self, listener: socket.socket) -> None:
        """Let a connection in; where there are too many, the one that has been idle longest must go."""
        idle = chain(self.leaving, self.heads, self.keepalived_conns, self.sending)
        if self.nr_conns + 1 >= self.worker_connections and (oldest := next(idle, None)):
            self._close(oldest)
        super().accept(listener)

    def enqueue_req(self, conn: TConn) -> None:
        """Wait for the head of a connection's next request, a part of which may have come with the last."""
        if not isinstance(conn.sock, ClientSocket):
            conn.sock = ClientSocket(conn.sock)
        conn.init()
        self.heads[conn] = bytearray()
        self._watch(conn, selectors.EVENT_READ, self._on_head, HEAD_SECONDS)
        self._add_to_head(conn, _parser(conn).unreader.take_buffered())

    def _watch(self, conn: TConn, event: int, callback: Callable[[TConn], None], seconds: float) -> None:
        """Call back whenever the client has sent, or taken, something, for so many seconds."""
        conn.timeout = time.monotonic() + seconds
        conn.sock.setblocking(False)
        self.poller.register(conn.sock, event, lambda _: callback(conn))

    def _on_head(self, conn: TConn) -> None:
        if piece := _receive(conn.sock):
            self._add_to_head(conn, piece)
        else:
            self._close(conn)

    def _add_to_head(self, conn: TConn, piece: bytes) -> None:
        """Go on with a request whose head is whole, and refuse one whose head is too long."""
        head = self.heads[conn]
        unseen = max(0, len(head) - 3)
        head += piece
        if END_OF_HEAD.search(head, unseen):
            self._hand_over(conn)
        elif len(head) > HEAD_BYTES:
            self.handle_error(None, conn.sock, conn.client, _too_long(head))
            self._take_leave(conn)

    def _hand_over(self, conn: TConn) -> None:
        _parser(conn).unreader.unread(bytes(self.heads[conn]))
        self._forget(conn)
        self.under_way.add(conn)
        super().enqueue_req(conn)

    def _keepalive_after(self, conn: TConn, keepalive: bool) -> bool:
        parser: Any = conn.parser  # its type hints lag behind
        return keepalive and bool(parser.finish_body(deadline=time.monotonic() + REST_SECONDS))

    def finish_request(self, conn: TConn, answered: Future[bool]) -> None:
        """Go on with a connection when its client has taken the answer."""
        self.under_way.discard(conn)
        if _client(conn).unsent:
            self.sending[conn] = answered
            self._watch(conn, selectors.EVENT_WRITE, self._on_taken, SEND_SECONDS)
            self._close_all(list(self.sending)[:-MOST_SENDING])
        else:
            self._go_on(conn, answered)
        self._stop_if_finished()

    def _on_taken(self, conn: TConn) -> None:
        try:
            _client(conn).send_more()
        except OSError:
            self._close(conn)
            return
        if not _client(conn).unsent:
            answered = self.sending[conn]
            self._forget(conn)
            self._go_on(conn, answered)

    def _go_on(self, conn: TConn, answered: Future[bool]) -> None:
        """Wait for the connection's next request, or take leave of it."""
        if answered.cancelled() or answered.exception() or not answered.result():
            self._take_leave(conn)
        else:
            super().finish_request(conn, answered)

    def _take_leave(self, conn: TConn) -> None:
        """Read on until the client closes: closing first, with bytes unread, would cost it its answer."""
        self._forget(conn)
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:  # it has gone already
            self._close(conn)
        else:
            self.leaving[conn] = None
            self._watch(conn, selectors.EVENT_READ, self._on_rest, LEAVE_SECONDS)

    def _on_rest(self, conn: TConn) -> None:
        if not _receive(conn.sock):
            self._close(conn)

    def murder_pending(self) -> None:
        """Close the connections whose time is over; gunicorn calls this at least once a second."""
        heads = _late(self.heads)
        for conn in filter(self.heads.get, heads):
            util.write_error(conn.sock, 408, "Request Timeout", "The headers came too slowly.")
        self._close_all(heads + _late(self.sending) + _late(self.leaving))

    def _close_all(self, conns: list[TConn]) -> None:
        for conn in conns:
            self._close(conn)

    def _close(self, conn: TConn) -> None:
        self._forget(conn)
        self.nr_conns -= 1
        conn.close()

    def _forget(self, conn: TConn) -> None:
        self.heads.pop(conn, None)
        self.sending.pop(conn, None)
        self.leaving.pop(conn, None)
        with suppress(ValueError):
            self.keepalived_conns.remove(conn)
        with suppress(KeyError, ValueError):
            self.poller.unregister(conn.sock)

    def handle_winch(self, number: int, frame: object) -> None:
        """SIGWINCH: our successor is about to start (gunicorn.conf.py sends it before a reload)."""
        self.replaced = True

    def handle_exit(self, number: int, frame: FrameType | None) -> None:
        """SIGTERM: stop, but not before a SIGWINCH that came first has been seen too."""
        self.method_queue.defer(self._stop)

    def _stop(self) -> None:
        """Finish what is under way, and until then let clients in to tell them that we stop."""
        if self.replaced:
            self.alive = False
            return
        app: Any = self.wsgi
        app.extensions["colorizer"].draining = True
        self.cfg.set("keepalive", 0)  # from now on each answer is its connection's last
        self.unfinished = self.under_way.copy()
        self._stop_if_finished()

    def _stop_if_finished(self) -> None:
        if self.unfinished is not None and self.unfinished.isdisjoint(self.under_way):
            self.alive = False
            end = time.monotonic() + STOP_SECONDS
            for conn in self.heads:
                conn.timeout = min(conn.timeout or end, end)


def _too_long(head: bytearray) -> Exception:
    if b"\r\n" in head:
        return LimitRequestHeaders(f"over {HEAD_BYTES:,} bytes")
    return LimitRequestLine(len(head), HEAD_BYTES)


def _parser(conn: TConn) -> RequestParser:
    """Return what reads the requests of a connection; we offer neither HTTP/2 nor uWSGI's protocol."""
    return cast(RequestParser, conn.parser)


def _client(conn: TConn) -> ClientSocket:
    return cast(ClientSocket, conn.sock)


def _receive(sock: socket.socket) -> bytes:
    """Return what has come, and b"" where nothing more will."""
    try:
        return sock.recv(PIECE_BYTES)
    except OSError:
        return b""


def _late(conns: Iterable[TConn]) -> list[TConn]:
    """Return those whose time is over, of connections that are in the order of their time."""
    now = time.monotonic()
    return list(takewhile(lambda conn: (conn.timeout or now) <= now, conns))
