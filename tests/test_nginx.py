"""The service behind nginx with TLS, as docs/nginx.conf has it."""

import http.client
import os
import signal
import socket
import ssl
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from machines import eventually
from serving import ROOT, START_SECONDS, Answer, free_port, gray_photo, serve

NGINX = Path("/usr/sbin/nginx")
CLIENTS, RELOADS = 4, 2
SMALL_JOBS = {"COLORIZER_MAX_JOB_MB": "1", "COLORIZER_MAX_VIDEO_MB": "0"}
# Around docs/nginx.conf: what Debian's own nginx.conf would say, but in a folder of this test's.
AROUND = """
daemon off;
user root;
pid {folder}/nginx.pid;
error_log stderr;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    include {folder}/site.conf;
}}
"""


class Proxy:
    """A running nginx before a running service; its certificate is good for 127.0.0.1 alone."""

    def __init__(self, server, folder: Path) -> None:
        self.server, self.log_file = server, folder / "access.log"
        self.port, self.plain_port = free_port(), free_port()
        self.trusting = ssl.create_default_context(cafile=make_certificate(folder))
        (folder / "site.conf").write_text(self._site(folder))
        (folder / "nginx.conf").write_text(AROUND.format(folder=folder))

    def _site(self, folder: Path) -> str:
        """Return docs/nginx.conf with the ports and folders of this test."""
        text = (ROOT / "docs/nginx.conf").read_text(encoding="utf-8")
        ours = {
            "127.0.0.1:5000": f"127.0.0.1:{self.server.port}",
            "listen 80;": f"listen 127.0.0.1:{self.plain_port};",
            "listen 443 ": f"listen 127.0.0.1:{self.port} ",
            "/etc/ssl/image-colorizer/": f"{folder}/",
            "/var/log/nginx/image-colorizer.log": str(self.log_file),
        }
        for theirs, mine in ours.items():
            assert theirs in text
            text = text.replace(theirs, mine)
        return text

    def request(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self.trusting)
        return exchange(connection, method, path, body, headers)

    def plain(self, path: str) -> Answer:
        return exchange(http.client.HTTPConnection("127.0.0.1", self.plain_port), "GET", path, None, {})


def exchange(connection, method, path, body, headers) -> Answer:
    try:
        connection.request(method, path, body, {name.replace("_", "-"): headers[name] for name in headers})
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    finally:
        connection.close()


def make_certificate(folder: Path) -> Path:
    """Make a certificate and its key for a day."""
    files = ["-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
    name = ["-subj", "/CN=photos.example", "-addext", "subjectAltName=IP:127.0.0.1"]
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command = ["openssl", "req", "-x509", "-days", "1", *curve, *name, *files]
    subprocess.run(command, check=True, capture_output=True)
    return folder / "certificate.pem"


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    if not NGINX.exists():
        if os.environ.get("CI"):
            pytest.fail("nginx is missing; .ci/run installs it.")
        pytest.skip("nginx is not installed (Debian's package nginx).")
    folder = tmp_path_factory.mktemp("nginx")
    environ = {"COLORIZER_PROXIES": "1", "COLORIZER_METRICS": "1", "WEB_CONCURRENCY": "2", **SMALL_JOBS}
    with serve(folder, COLORIZER_STORE_URL=f"file://{folder}/kept", **environ) as server:
        server.wait_for_workers(2)
        proxy = Proxy(server, folder)
        with subprocess.Popen([NGINX, "-p", folder, "-c", folder / "nginx.conf"]) as nginx:
            wait_until_open(proxy.port)
            yield proxy
            nginx.send_signal(signal.SIGQUIT)


def wait_until_open(port: int) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("nginx did not start.")


def test_a_photo_comes_through(proxy):
    answer = proxy.request("POST", "/colorize", gray_photo(301, 203), Accept="image/png")
    picture = cv2.imdecode(np.frombuffer(answer.body, np.uint8), cv2.IMREAD_COLOR)
    assert (answer.status, picture.shape) == (200, (203, 301, 3))


def test_without_tls_clients_are_sent_to_it(proxy):
    answer = proxy.plain("/faq?lang=de")
    assert (answer.status, answer.headers["Location"]) == (308, "https://127.0.0.1/faq?lang=de")


def test_cookies_are_for_tls_only(proxy):
    assert "; Secure" in proxy.request("POST", "/api/v1/images", gray_photo()).headers["Set-Cookie"]


def test_nothing_is_believed_that_a_client_says_of_itself(proxy):
    lies = {"X_Forwarded_Prefix": "/evil", "X_Forwarded_Host": "evil.example", "X_Forwarded_Proto": "http"}
    assert proxy.request("GET", "/nowhere", **lies).json["type"] == "/#faq-not-found"
    answer = proxy.request("POST", "/api/v1/images", gray_photo(), **lies)
    assert answer.headers["Location"].startswith("/api/v1/images/")
    assert "; Secure" in answer.headers["Set-Cookie"]


def test_the_log_has_the_id_under_which_the_service_knows_a_request(proxy):
    id = proxy.request("GET", "/healthz").headers["X-Request-Id"]
    eventually(lambda: f" {id}\n" in proxy.log_file.read_text(), "nginx wrote no line")
    eventually(lambda: f"request {id}" in proxy.server.log, "the service wrote no line")


def test_the_counts_are_not_for_everyone(proxy):
    assert proxy.request("GET", "/metrics").status == 404
    assert proxy.server.request("GET", "/metrics").status == 200


@pytest.mark.parametrize(("path", "mebibytes"), [("/colorize", 10), ("/api/v1/jobs", 12)])
def test_what_is_too_large_is_said_by_the_service(proxy, path, mebibytes):
    answer = proxy.request("POST", path, bytes(mebibytes * 2**20))
    assert (answer.status, answer.json["code"]) == (413, "too-many-bytes")


def test_reloads_under_load_lose_no_request(proxy):
    """SIGHUP replaces the processes while photos are coloured; each request is answered, and well."""
    before, done, photo = lines_of(proxy.log_file), threading.Event(), gray_photo(400, 300)
    statuses = []

    def client(number):
        while not done.is_set():
            statuses.append(proxy.request("POST", "/colorize", photo, Accept="image/jpeg").status)
            statuses.append(proxy.request("GET", ("/healthz", "/", "/api/v1/limits")[number % 3]).status)

    with ThreadPoolExecutor(CLIENTS) as pool:
        loads = [pool.submit(client, number) for number in range(CLIENTS)]
        try:
            for _ in range(RELOADS):
                wait_for_more(statuses)
                reload(proxy.server)
            wait_for_more(statuses)
        finally:
            done.set()
    assert [load.exception() for load in loads] == [None] * CLIENTS
    assert set(statuses) == {200}
    all_lines = before + len(statuses)
    eventually(lambda: lines_of(proxy.log_file) >= all_lines, "nginx did not see all of them")


def lines_of(file: Path) -> int:
    return file.read_bytes().count(b"\n")


def wait_for_more(statuses: list[int]) -> None:
    """Wait until each client has had some more answers."""
    enough = len(statuses) + 5 * CLIENTS
    eventually(lambda: len(statuses) >= enough, "the clients were not answered any more")


def reload(server) -> None:
    """Reload a service, and wait until none of its processes are those of before."""
    before = set(server.workers())
    server.process.send_signal(signal.SIGHUP)
    while before & set(server.workers()):
        time.sleep(0.05)
