"""The id that each request has, and what is told of it when its answer is sent: to the log, to metrics."""

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import Flask, Response, g, request

HEADER = "X-Request-Id"
SANE_ID = re.compile(r"[A-Za-z0-9_.:=-]{1,128}")
UNKNOWN_ROUTE = "(none)"

log = logging.getLogger("colorizer")


@dataclass(frozen=True)
class Answered:
    """A request that was answered.

    route: the rule that it matched, as /api/v1/images/<id>, and never the address: that may hold names.
    length: bytes of the body, or None where they were not known beforehand. seconds: until it was sent.
    """

    id: str
    method: str
    route: str
    status: int
    length: int | None
    seconds: float


def request_id() -> str:
    """Return the id of the present request: the one that a proxy or client gave it, or a new one."""
    if "request_id" not in g:
        given = request.headers.get(HEADER, "")
        g.request_id = given if SANE_ID.fullmatch(given) else uuid.uuid4().hex
    return str(g.request_id)


def tell_requests(app: Flask, listeners: Iterable[Callable[[Answered], None]]) -> None:
    """Let each answer carry its request's id, and tell `listeners` of it as soon as it is sent."""
    listeners = tuple(listeners)

    @app.before_request
    def begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        response.headers[HEADER] = request_id()
        tell = _teller(response, g.began)
        response.call_on_close(lambda: [listen(tell()) for listen in listeners])
        return response


def _teller(response: Response, began: float) -> Callable[[], Answered]:
    """Take down what is known of the request now; when the answer is sent, only its time is missing."""
    id, method, status, length = request_id(), request.method, response.status_code, response.content_length
    route = request.url_rule.rule if request.url_rule else UNKNOWN_ROUTE
    return lambda: Answered(id, method, route, status, length, time.perf_counter() - began)


def log_request(answered: Answered) -> None:
    """Write the access line. It says nothing of who asked: a proxy's log may, under the same id."""
    facts = {
        "request_id": answered.id,
        "method": answered.method,
        "route": answered.route,
        "status": answered.status,
        "bytes": answered.length,
        "milliseconds": round(answered.seconds * 1000, 1),
    }
    text = "%(method)s %(route)s %(status)d, %(bytes)s bytes in %(milliseconds).1f ms, request %(request_id)s"
    log.info(text, facts, extra={"facts": facts})
