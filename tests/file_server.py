"""A local HTTP server that serves one file well, or in one of the ways that real mirrors go wrong."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = Callable[["FileHandler"], None]


class FileHandler(BaseHTTPRequestHandler):
    """Answers the n-th request for a path with the n-th of its answers, and the last one from then on."""

    server: "FileServer"
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.requests.append((self.path, dict(self.headers)))
        answers = self.server.answers[self.path]
        (answers.pop(0) if len(answers) > 1 else answers[0])(self)
        self.close_connection = True

    def log_message(self, *arguments):
        pass

    def start(self, status: int, headers: dict | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, str(value))
        self.end_headers()


class FileServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), FileHandler)
        self.answers: dict[str, list[Answer]] = {}
        self.requests: list[tuple[str, dict]] = []

    def add(self, path: str, *answers: Answer) -> str:
        """Let `path` give these answers in turn; returns its URL."""
        self.answers[path] = list(answers)
        return f"http://127.0.0.1:{self.server_port}{path}"

    def handle_error(self, *arguments):
        pass  # clients that hang up are part of the tests


@contextmanager
def serve_files() -> Iterator[FileServer]:
    server = FileServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def whole(data: bytes, etag: str = '"v1"', until: int | None = None) -> Answer:
    """Serve ranges properly; `until` breaks the connection before that byte of the file."""

    def answer(handler):
        start = _asked_start(handler, etag)
        headers = {"Content-Length": len(data) - start, "ETag": etag}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        handler.start(206 if start else 200, headers)
        handler.wfile.write(data[start:until])

    return answer


def _asked_start(handler, etag):
    asked = handler.headers.get("Range")
    if not asked or handler.headers.get("If-Range", etag) != etag:
        return 0
    return int(asked.removeprefix("bytes=").rstrip("-"))


def rangeless(data: bytes, until: int | None = None) -> Answer:
    """Serve the whole file whatever range is asked for."""

    def answer(handler):
        handler.start(200, {"Content-Length": len(data)})
        handler.wfile.write(data[:until])

    return answer


def fixed(status: int, headers: dict, body: bytes = b"") -> Answer:
    """Serve always the same."""

    def answer(handler):
        handler.start(status, {"Content-Length": len(body)} | headers)
        handler.wfile.write(body)

    return answer


def lengthless(body: bytes, times: int = 1) -> Answer:
    """Serve without a Content-Length, `times` over."""

    def answer(handler):
        handler.start(200, {"Connection": "close"})
        for _ in range(times):
            handler.wfile.write(body)

    return answer
