"""Starts the real server, by the Procfile's own line, and talks to it."""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from processes import children_of

ROOT = Path(__file__).parents[1]
START_SECONDS = 60
LOADED = "The default strategy is"  # what each worker notes as soon as it is ready
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(frozen=True)
class Answer:
    """A response, whole."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Server:
    """A running gunicorn: `process` is the one that leads it."""

    def __init__(self, process: subprocess.Popen, port: int, log_file: Path) -> None:
        self.process, self.port, self.log_file = process, port, log_file

    @property
    def log(self) -> str:
        return self.log_file.read_text(encoding="utf-8", errors="replace")

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=30)

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def colorize(self, photo: bytes, query: str = "", **headers: str) -> Answer:
        return self.request("POST", f"/colorize?{query}", photo, **headers)

    def hold(self, photo: bytes) -> "HeldPhoto":
        """Send all but the last byte of a photo, and return as soon as a worker has taken up the request."""
        return HeldPhoto(self.port, photo)

    def workers(self) -> list[int]:
        return children_of(self.process.pid)

    def wait_for_workers(self, count: int) -> list[int]:
        """Return the workers as soon as there are so many: they start one after the other."""
        deadline = time.monotonic() + START_SECONDS
        while len(workers := self.workers()) != count and time.monotonic() < deadline:
            time.sleep(0.05)
        return workers

    def wait_until_loaded(self, count: int) -> None:
        """Return as soon as so many workers, from the start on, have become ready."""
        deadline = time.monotonic() + START_SECONDS
        while self.log.count(LOADED) < count and time.monotonic() < deadline:
            time.sleep(0.05)


class HeldPhoto:
    """A request that is under way, on however fast a machine, until we send its last byte."""

    def __init__(self, port: int, photo: bytes) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._connection.putrequest("POST", "/colorize")
        self._connection.putheader("Content-Length", str(len(photo)))
        self._connection.putheader("Expect", "100-continue")
        self._connection.endheaders()
        assert self._connection.sock.recv(len(CONTINUE), socket.MSG_WAITALL) == CONTINUE
        self._connection.send(photo[:-1])
        self._rest = photo[-1:]

    def finish(self) -> Answer:
        """Send the last byte and return the answer; raises OSError or HTTPException where none comes."""
        try:
            self._connection.send(self._rest)
            response = self._connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            self._connection.close()


@contextmanager
def serve(folder: Path, *within: str, **environ: str):
    """Serve with the given variables; logs and the home folder lie in `folder`. See `start` for `within`."""
    port = free_port()
    with open(folder / "server.log", "wb") as log:
        process = start(port, folder, log, *within, **environ)
    with running(process, port, folder / "server.log") as server:
        yield server


@contextmanager
def running(process: subprocess.Popen, port: int, log_file: Path):
    """Wait until a server is ready, and stop it in the end."""
    server = Server(process, port, log_file)
    try:
        _wait_until_ready(server)
        yield server
    finally:
        process.terminate()
        process.wait(40)


def start(port: int, folder: Path, log, *within: str, **environ: str) -> subprocess.Popen:
    """Run the Procfile's line as a hosting platform would; `within` is a command that runs the rest."""
    line = re.search(r"^web: (.+)$", (ROOT / "Procfile").read_text(), re.MULTILINE)[1]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COLORIZER_")}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.Popen(
        [*within, "sh", "-c", line],
        cwd=ROOT,
        env=clean | {"PATH": path, "PORT": str(port), "HOME": str(folder), "TMPDIR": str(folder)} | environ,
        stdout=log,
        stderr=subprocess.STDOUT,
    )


def resident_mib(process: int) -> float:
    """Return the memory that a process holds at the moment."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def _wait_until_ready(server: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        try:
            if server.request("GET", "/readyz").status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"The server did not start:\n{server.log}")


def gray_photo(width: int = 64, height: int = 48, seed: int = 0, extension: str = ".jpg") -> bytes:
    """Return a small gray photo with soft shapes, another one for each seed."""
    noise = np.random.default_rng(seed).random((5, 7), np.float32)
    pixels = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    return cv2.imencode(extension, (pixels * 255).clip(0, 255).astype(np.uint8))[1].tobytes()


def multipart(*parts: tuple[str, bytes, str | None], boundary: str = "boundary") -> tuple[bytes, str]:
    """Return a multipart body of (name, data, file name or None) and its Content-Type."""
    lines = []
    for name, data, filename in parts:
        file = "" if filename is None else f'; filename="{filename}"'
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        lines.append(head.encode() + data + b"\r\n")
    return b"".join(lines) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"
