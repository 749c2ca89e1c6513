"""Who is told of a job's end: a web server that notes what is posted to it, and a mail server."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from serving import free_port


class WebReceiver:
    """A server on this machine. answers: the statuses of the next answers, 204 when there are none."""

    def __init__(self) -> None:
        self.answers: list[int] = []
        self.posts: list[tuple[dict[str, str], bytes]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/done"

    def _handler(receiver):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.posts.append((dict(self.headers), body))
                self.send_response(receiver.answers.pop(0) if receiver.answers else 204)
                self.send_header("Location", receiver.url)
                self.end_headers()

            def log_message(self, *_):
                pass

        return Handler


@contextmanager
def web_receiver():
    receiver = WebReceiver()
    thread = threading.Thread(target=receiver.server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        thread.join()
        receiver.server.server_close()


class MailReceiver:
    """A mail server on this machine. messages: those that came, as (recipients, text)."""

    def __init__(self) -> None:
        self.messages: list[tuple[list[str], str]] = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.messages.append((envelope.rcpt_tos, envelope.content.decode("ascii")))
        return "250 OK"


@contextmanager
def mail_receiver():
    """Yields the receiver and its URL."""
    receiver = MailReceiver()
    controller = Controller(receiver, hostname="127.0.0.1", port=free_port(), ready_timeout=60)
    controller.start()
    try:
        yield receiver, f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()
