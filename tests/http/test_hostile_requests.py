"""Requests that mean harm or make no sense, sent to the real server as raw bytes."""

import json
import os
import socket
import struct
import sys
import time
import zlib

import pytest
from generated_weights import install_generated_weights
from serving import gray_photo, multipart, serve

from colorizer.http.application import FORM_BYTES

PHOTO = gray_photo()
LIMIT = 200_000
CLOSING_SECONDS = 20
HINT = {"x": 1, "y": 1, "color": "#a0522d"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    models_dir = tmp_path_factory.mktemp("models")
    install_generated_weights(models_dir)
    environ = {
        "COLORIZER_MODELS_DIR": str(models_dir),
        "COLORIZER_STRATEGY": "colornet",
        "COLORIZER_MAX_UPLOAD_MB": str(LIMIT / 2**20),
        "COLORIZER_UPLOAD_SECONDS": "2",
        "WEB_CONCURRENCY": "1",
    }
    with serve(tmp_path_factory.mktemp("server"), **environ) as server:
        yield server


@pytest.fixture(autouse=True)
def unharmed(server):
    """After each request the service works, has logged no error of its own and kept no descriptor."""
    before = _descriptors(server)
    yield
    while (status := server.colorize(PHOTO).status) == 503:
        time.sleep(0.1)  # photos whose clients have left are still being coloured
    assert status == 200
    assert "Internal error" not in server.log
    assert "Traceback" not in server.log
    deadline = time.monotonic() + CLOSING_SECONDS
    while (kept := _descriptors(server)) > before + 5 and time.monotonic() < deadline:
        time.sleep(0.1)  # connections of clients that have left are still being closed
    assert kept <= before + 5


def _descriptors(server):
    if sys.platform != "linux":
        return 0
    return sum(len(os.listdir(f"/proc/{worker}/fd")) for worker in server.workers())


def send(server, data, close=False):
    """Send raw bytes and return (status, head and body) of the answer; (0, b"") where there is none."""
    with server.connect() as client:
        try:
            client.sendall(data)
            if close:
                client.shutdown(socket.SHUT_WR)
            answer = b""
            while b"\r\n\r\n" not in answer and (piece := client.recv(65536)):
                answer += piece
            client.settimeout(0.2)
            while piece := client.recv(65536):
                answer += piece
        except (TimeoutError, ConnectionError):
            pass
    return (int(answer[9:12]), answer) if answer else (0, b"")


def post(server, body, content_type, query=""):
    return server.request("POST", f"/colorize?{query}", body, Content_Type=content_type)


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([], 400),
        ([("other", b"x", None)], 400),
        ([("image", PHOTO, "a.jpg"), ("image", PHOTO, "b.jpg")], 400),
        ([("image", PHOTO, "a.jpg"), ("file", PHOTO, "b.jpg")], 400),
        ([("image", PHOTO, "x" * 100_000)], 200),
        ([("image", PHOTO, "../../../../etc/passwd")], 200),
        ([("image", PHOTO, "..\\..\\boot.ini")], 200),
        ([("image", PHOTO, "a\0b\x7f.jpg")], 200),
        ([("image", PHOTO, "<script>alert(1)</script>.jpg")], 200),
        ([("image", PHOTO, "a.jpg"), *[(f"field{number}", b"x", None) for number in range(2000)]], 400),
        ([("image", PHOTO, "a.jpg"), ("strategy", b"../../colornet", None)], 422),
        ([("image", PHOTO, "a.jpg"), ("strategy", b"x" * 50_000, None)], 422),
        ([("image", PHOTO, "a.jpg"), ("hints", b"{", None)], 422),
        ([("image", PHOTO, "a.jpg"), ("hints", b"[" * 50_000, None)], 422),
        ([("image", PHOTO, "a.jpg"), ("hints", b'[{"x": NaN, "y": 1, "color": "#a0522d"}]', None)], 422),
        (
            [("image", PHOTO, "a.jpg"), ("hints", b'[{"x": -Infinity, "y": 1, "color": "#a0522d"}]', None)],
            422,
        ),
        ([("image", PHOTO, "a.jpg"), ("hints", json.dumps([HINT] * 5000).encode(), None)], 422),
        ([("image", PHOTO, "a.jpg"), ("hints", b"\xff\xfe\x00", None)], 422),
        ([("image", PHOTO, "a.jpg"), ("saturation", b"nan", None)], 422),
        ([("image", PHOTO, "a.jpg"), ("saturation", b"inf", None)], 422),
        ([("image", PHOTO, "a.jpg"), ("quality", b"9" * 50_000, None)], 422),
        ([("image", b"text", "a.jpg")], 415),
        ([("image", PHOTO, "a.jpg"), ("padding", b"x" * (2 * LIMIT + FORM_BYTES), None)], 413),
    ],
)
def test_forms(server, parts, status):
    answer = post(server, *multipart(*parts))
    assert answer.status == status, answer.body
    if status == 200:
        name = answer.json["filename"]
        assert "/" not in name
        assert "\\" not in name
        assert len(name) < 130


def test_a_megabyte_of_file_name(server):
    body, content_type = multipart(("image", PHOTO, "x" * (2 * LIMIT + FORM_BYTES)))
    assert post(server, body, content_type).status == 413


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "x" * 5000,
        "multipart/form-data; boundary=other",
        "multipart/mixed; boundary=boundary",
        "multipart/form-data; boundary=\xff",
    ],
)
def test_boundaries(server, content_type):
    body, _ = multipart(("image", PHOTO, "a.jpg"))
    assert post(server, body, content_type).status == 400


@pytest.mark.parametrize(
    ("head", "body", "statuses"),
    [
        (b"Content-Length: -1", b"", {400}),
        (b"Content-Length: abc", b"", {400}),
        (b"Content-Length: 1\r\nContent-Length: 2", b"ab", {400}),
        (b"Content-Length: 10\r\nTransfer-Encoding: chunked", b"0\r\n\r\n", {400}),
        (b"Content-Length: 99999999999999999999", b"abc", {413}),
        (b"Content-Length: %d" % (LIMIT + FORM_BYTES + 1), b"abc", {413}),
        (b"Content-Length: 1000", b"abc", {400}),
        (b"Content-Length: 3", b"abcdef", {415}),
        (b"Transfer-Encoding: chunked", b"zz\r\nabc\r\n", {400}),
        (b"Transfer-Encoding: chunked", b"-1\r\nabc\r\n", {400}),
        (b"Transfer-Encoding: chunked", b"fffffffffffffffff\r\nabc", {400, 413}),
        (b"Transfer-Encoding: chunked", b"3\r\nabcdef\r\n0\r\n\r\n", {400}),
        (b"Transfer-Encoding: chunked", b"3\r\nabc\r\n", {400}),
        (b"Transfer-Encoding: chunked", b"0\r\n\r\n", {400}),
        (b"Transfer-Encoding: gzip", b"abc", {400, 501}),
    ],
)
def test_lengths_that_lie(server, head, body, statuses):
    status, _ = send(
        server, b"POST /colorize HTTP/1.1\r\nHost: a\r\n" + head + b"\r\n\r\n" + body, close=True
    )
    assert status in statuses


def test_a_chunked_body_is_cut_off_while_it_is_read(server):
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    sent, answer = 0, b""
    with server.connect() as client:
        client.sendall(b"POST /colorize HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
        try:
            while sent < 100 * LIMIT and not answer:
                client.settimeout(5)
                client.sendall(chunk)
                sent += len(chunk)
                client.settimeout(0.01 if sent < 9 * LIMIT else 1)  # by then the answer is under way
                try:
                    answer = client.recv(65536)
                except TimeoutError:
                    continue
        except ConnectionError:
            pass
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert sent < 10 * LIMIT


def test_a_body_that_never_comes_is_answered_408(server):
    status, answer = send(server, b"POST /colorize HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc")
    assert status == 408
    assert b"too-slow" in answer


@pytest.mark.parametrize(
    ("request_bytes", "statuses"),
    [
        (b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-Header: y\r\n" * 5000 + b"\r\n", {400, 431}),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX-Header: " + b"y" * 100_000 + b"\r\n\r\n", {400, 431}),
        (b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", {400, 414}),
        (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", {400}),
        (b"nonsense\r\n\r\n", {400}),
        (b"GET /\x00 HTTP/1.1\r\nHost: a\r\n\r\n", {400, 404}),
        (b"GET //evil.example/colorize HTTP/1.1\r\nHost: a\r\n\r\n", {308, 404}),
        (b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n", {404}),
        (b"GET /static/../app.py HTTP/1.1\r\nHost: a\r\n\r\n", {404}),
        (b"GET /static/%ff%fe/x HTTP/1.1\r\nHost: a\r\n\r\n", {404}),
        (b"BREW /colorize HTTP/1.1\r\nHost: a\r\n\r\n", {405}),
        (b"TRACE /colorize HTTP/1.1\r\nHost: a\r\n\r\n", {405}),
        (b"PUT /colorize HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", {405}),
        (b"CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", {400, 404, 405}),
        (b"POST /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", {404}),
        (b"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", {200, 400}),
    ],
)
def test_requests_that_are_none(server, request_bytes, statuses):
    status, _ = send(server, request_bytes)
    assert status in statuses


@pytest.mark.parametrize(
    "accept", ["*" * 8000, "image/jpeg;q=nan", "image/jpeg;q=-1", ",;=", "image/jpeg;" * 500]
)
def test_accept_headers(server, accept):
    assert server.colorize(PHOTO, Accept=accept).status in (200, 406)


def test_fields_that_are_no_text(server):
    assert server.colorize(PHOTO, "format=%ff%fe").status == 422
    assert server.colorize(PHOTO, "strategy=%00").status == 422
    assert server.colorize(PHOTO, "&&&=&=x").status == 422


def png_of(width, height):
    """Return a png of a few bytes that says it is of this size."""
    header = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = b"IDAT" + zlib.compress(bytes(1000))
    chunks = (
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
        for chunk in (header, pixels, b"IEND")
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def jpeg_of(width, height):
    """Return our photo with another size in its frame header."""
    frame = PHOTO.index(b"\xff\xc0") + 5
    return PHOTO[:frame] + struct.pack(">HH", height, width) + PHOTO[frame + 4 :]


@pytest.mark.parametrize(
    "photo", [png_of(40_000, 40_000), png_of(2**31 - 1, 2**31 - 1), jpeg_of(65_535, 65_535)]
)
def test_pixel_bombs(server, photo):
    answer = server.colorize(photo)
    assert (answer.status, answer.json["code"]) == (422, "too-many-pixels")


@pytest.mark.parametrize("photo", [png_of(0, 10), jpeg_of(0, 10), PHOTO[:20], b"\xff\xd8\xff", PHOTO[:-50]])
def test_photos_that_are_broken_inside(server, photo):
    answer = server.colorize(photo)
    assert (answer.status, answer.json["code"]) == (422, "damaged-photo")


def test_a_client_that_leaves_in_mid_body(server):
    for _ in range(20):
        with server.connect() as client:
            client.sendall(b"POST /colorize HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc")


def test_a_client_that_leaves_before_its_answer(server):
    head = b"POST /colorize HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % len(PHOTO)
    for _ in range(20):
        with server.connect() as client:
            client.sendall(head + PHOTO)
