"""What a few clients can do to all others: nothing. One process of the real server, raw sockets."""

import http.client
import os
import re
import signal
import socket
import time
from contextlib import ExitStack

import pytest
from processes import suspended
from serving import LOADED, gray_photo, serve

PHOTO = gray_photo()
GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("server"), WEB_CONCURRENCY="1") as server:
        yield server


@pytest.fixture
def crowd(server):
    """Return a function that opens so many connections, each with the same bytes sent."""
    with ExitStack() as connections:

        def gather(count, data, server=server):
            clients = [connections.enter_context(server.connect()) for _ in range(count)]
            for client in clients:
                client.sendall(data)
            return clients

        yield gather


def is_open(client):
    client.setblocking(False)
    try:
        return client.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False
    finally:
        client.settimeout(30)


def read_all(client):
    data = b""
    while piece := client.recv(65536):
        data += piece
    return data


@pytest.mark.parametrize(
    ("count", "data"),
    [
        pytest.param(1000, b"", id="silent"),
        pytest.param(300, GET + b"X", id="head that stops half-way"),
        pytest.param(300, GET + b"\r\n" + GET, id="second head that stops half-way"),
        pytest.param(300, GET + b"Connection: close\r\n\r\n", id="answered, but the client stays"),
    ],
)
def test_idle_clients_keep_nobody_waiting(server, crowd, count, data):
    clients = crowd(count, data)
    assert server.request("GET", "/healthz").status == 200
    assert server.request("GET", "/readyz").status == 200
    assert is_open(clients[-1])  # so they were answered before anyone's time was over


@pytest.mark.parametrize("method", ["GET /healthz", "POST /nowhere", "PUT /colorize"])
def test_bodies_that_never_come_keep_nobody_waiting(server, crowd, method):
    head = f"{method} HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n".encode()
    clients = crowd(300, head)
    assert server.request("GET", "/healthz").status == 200
    assert {read_all(client)[:8] for client in clients} == {b"HTTP/1.1"}


def test_forms_without_a_photo_have_a_deadline_too(tmp_path, crowd):
    store = {"COLORIZER_STORE_URL": f"file://{tmp_path}/kept", "COLORIZER_UPLOAD_SECONDS": "1"}
    with serve(tmp_path, WEB_CONCURRENCY="1", **store) as server:
        head = b"PATCH /api/v1/images/none HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n"
        clients = crowd(120, head, server)
        assert server.request("GET", "/healthz").status == 200
        assert {read_all(client)[9:12] for client in clients} == {b"408", b"503"}


def test_the_deadline_of_a_head_is_for_all_of_it(crowd):
    silent, stopped, dripping = crowd(1, b"") + crowd(1, GET + b"X") + crowd(1, GET)
    drips = 0
    while is_open(silent) and drips < 400:
        dripping.sendall(b"X")
        drips += 1
        time.sleep(0.05)
    assert drips > 20
    assert read_all(stopped).startswith(b"HTTP/1.1 408 ")
    assert read_all(dripping).startswith(b"HTTP/1.1 408 ")


def test_a_head_in_pieces_is_as_good_as_a_whole_one(crowd):
    (client,) = crowd(1, b"")
    for byte in GET + b"Connection: close\r\n\r\n":
        client.sendall(bytes([byte]))
    assert read_all(client).startswith(b"HTTP/1.1 200 ")


def test_pipelined_requests_are_answered_in_turn(crowd):
    (client,) = crowd(1, (GET + b"\r\n") * 20 + GET + b"Connection: close\r\n\r\n")
    assert read_all(client).count(b"HTTP/1.1 200 ") == 21


def test_a_body_that_follows_at_once_is_read(crowd):
    head = b"POST /colorize HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(
        PHOTO
    )
    (client,) = crowd(1, head + PHOTO)
    assert read_all(client).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("line", [b"X: " + b"y" * 5000 + b"\r\n", b"X: y\r\n" * 700])
def test_a_head_without_end_is_answered_431(crowd, line):
    (client,) = crowd(1, GET + line * 8)
    assert read_all(client).startswith(b"HTTP/1.1 431 ")


def test_clients_that_do_not_read_hold_no_thread(tmp_path):
    with (
        serve(tmp_path, WEB_CONCURRENCY="1", COLORIZER_UPLOADS_AT_ONCE="1") as server,
        ExitStack() as open_ones,
    ):
        picture = "/" + re.search(r'static/[^"]+-before\.jpg', server.request("GET", "/").body.decode())[0]
        requests = f"GET {picture} HTTP/1.1\r\nHost: a\r\n\r\n".encode() * 10
        for _ in range(80):  # more than there are threads
            client = open_ones.enter_context(socket.socket())
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)  # so little is buffered
            client.connect(("127.0.0.1", server.port))
            client.sendall(requests)
        for _ in range(40):
            assert server.request("GET", "/healthz").status == 200
            time.sleep(0.05)


def test_where_there_are_too_many_the_oldest_idle_one_goes(tmp_path, crowd):
    with serve(tmp_path, WEB_CONCURRENCY="1", GUNICORN_CMD_ARGS="--worker-connections 20") as server:
        clients = crowd(40, b"", server)
        assert server.request("GET", "/healthz").status == 200
        assert not is_open(clients[0])
        assert is_open(clients[-1])


def test_tls_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(RuntimeError, match=r"We speak plain HTTP\. Leave out the certificate"):
        serve(tmp_path, GUNICORN_CMD_ARGS=f"--certfile {__file__}").__enter__()


def test_while_it_drains_new_clients_hear_that_it_stops(tmp_path):
    with serve(tmp_path, COLORIZER_METRICS="1") as server:
        photo = server.hold(PHOTO)
        while b'{kind="upload"} 1.0' not in server.request("GET", "/metrics").body:  # it has its place
            time.sleep(0.02)
        server.process.send_signal(signal.SIGTERM)
        while (ready := server.request("GET", "/readyz")).status == 200:  # until the signal has arrived
            time.sleep(0.02)
        refused = server.colorize(PHOTO)
        alive = server.request("GET", "/healthz")
        assert (ready.status, refused.status, alive.status) == (503, 503, 200)
        assert int(ready.headers["Retry-After"]) == int(refused.headers["Retry-After"]) > 0
        assert {answer.headers["Connection"] for answer in (ready, refused, alive)} == {"close"}
        assert photo.finish().status == 200
        assert server.process.wait(30) == 0


def test_silent_clients_do_not_keep_it_from_stopping(crowd, tmp_path):
    with serve(tmp_path) as stopping:
        clients = crowd(10, b"", stopping)
        assert stopping.request("GET", "/healthz").status == 200
        stopping.process.send_signal(signal.SIGTERM)
        assert stopping.process.wait(30) == 0
        assert not any(is_open(client) for client in clients)


@pytest.mark.parametrize(
    "framing",
    [
        b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n , identity\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: identity, chunked, identity\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcde",
        b"Content-Length: 5, 6\r\n\r\nabcde",
        b"Content-Length: +5\r\n\r\nabcde",
        b"Content-Length: 0x5\r\n\r\nabcde",
        b"Content-Length: 5\n\nabcde",
    ],
)
def test_framing_that_two_servers_may_read_differently_is_refused(crowd, framing):
    (client,) = crowd(1, b"POST /nowhere HTTP/1.1\r\nHost: a\r\n" + framing + GET + b"\r\n")
    answer = read_all(client)
    assert answer[9:12] in (b"400", b"501")
    assert answer.count(b"HTTP/1.1 ") == 1


def test_a_reload_refuses_nobody(tmp_path):
    with serve(tmp_path, WEB_CONCURRENCY="2") as server:
        before = server.wait_for_workers(2)
        server.wait_until_loaded(2)
        photo = server.hold(PHOTO)
        server.process.send_signal(signal.SIGHUP)
        while len(set(before) & set(server.workers())) > 1:  # one stays for the photo
            assert server.request("GET", "/readyz").status == 200
        assert photo.finish().status == 200
        while set(before) & set(server.workers()) or server.log.count(LOADED) < 4:
            assert server.request("GET", "/readyz").status == 200


def test_when_a_worker_is_killed_the_photos_of_the_other_are_finished(tmp_path):
    with serve(tmp_path, WEB_CONCURRENCY="2") as server:
        first, second = server.wait_for_workers(2)
        with suspended(second):
            lost = server.hold(PHOTO)
        with suspended(first):
            kept = server.hold(PHOTO)
        os.kill(first, signal.SIGKILL)
        with pytest.raises((OSError, http.client.HTTPException)):
            lost.finish()
        assert kept.finish().status == 200
        assert server.colorize(PHOTO).status == 200
