"""The real server, started by the Procfile's own line."""

import http.client
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from generated_weights import install_generated_weights
from serving import ROOT, free_port, gray_photo, multipart, serve, start


@pytest.fixture(scope="module")
def models_dir(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    install_generated_weights(folder)
    return folder


@pytest.fixture(scope="module")
def environ(models_dir):
    return {"COLORIZER_MODELS_DIR": str(models_dir), "COLORIZER_STRATEGY": "colornet"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The service as it comes: our own network, all settings at their defaults."""
    with serve(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture(scope="module")
def narrow(tmp_path_factory, environ):
    """A service with one slot, a queue of one, two places for uploads and little patience."""
    small = {"PHOTOS_AT_ONCE": "1", "QUEUE": "1", "UPLOADS_AT_ONCE": "6", "UPLOAD_SECONDS": "1.5"}
    variables = {f"COLORIZER_{name}": value for name, value in small.items()}
    with serve(tmp_path_factory.mktemp("narrow"), WEB_CONCURRENCY="1", **environ, **variables) as server:
        yield server


def test_it_colours_a_photo_at_full_size(server):
    body, content_type = multipart(("image", gray_photo(301, 203), "grandma.jpg"))
    answer = server.request("POST", "/colorize", body, Content_Type=content_type, Accept="image/jpeg")
    assert answer.status == 200
    picture = cv2.imdecode(np.frombuffer(answer.body, np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (203, 301, 3)
    assert np.ptp(picture.astype(int), axis=2).max() > 8


def test_a_chunked_body_is_read_too(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    photo = gray_photo()
    connection.request("POST", "/colorize", iter([photo[:100], photo[100:]]), encode_chunked=True)
    response = connection.getresponse()
    assert response.status == 200
    response.read()
    connection.close()


def test_the_start_names_the_default_strategy(server):
    assert "The default strategy is colornet" in server.log


def test_nothing_is_left_in_the_home_folder(server):
    left = {path.name for path in server.log_file.parent.iterdir()}
    assert left <= {"server.log"}


def test_a_connection_serves_several_requests(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for _ in range(3):
        connection.request("POST", "/colorize", gray_photo())
        response = connection.getresponse()
        response.read()
        assert response.status == 200
        assert not response.will_close
    connection.close()


def test_a_killed_worker_costs_its_photos_and_no_more(tmp_path, environ):
    with serve(tmp_path, **environ) as server:
        photo = server.hold(gray_photo())
        for worker in server.workers():
            os.kill(worker, signal.SIGKILL)
        with pytest.raises((OSError, http.client.HTTPException)):
            photo.finish()
        assert server.colorize(gray_photo()).status == 200


def test_sixty_four_clients_get_their_photo_or_a_503(server):
    photo, start_all = gray_photo(1200, 900), threading.Barrier(64)

    def client(_):
        start_all.wait()
        return [server.colorize(photo) for _ in range(2)]

    with ThreadPoolExecutor(64) as pool:
        answers = [answer for two in pool.map(client, range(64)) for answer in two]
    assert {answer.status for answer in answers} <= {200, 503}
    assert any(answer.status == 200 for answer in answers)
    assert all(answer.headers["Retry-After"] for answer in answers if answer.status == 503)


def test_a_full_queue_is_answered_503(narrow):
    photo, answers, end = gray_photo(2400, 1800), [], time.monotonic() + 60

    def client(_):
        """Send one photo after the other, until one of somebody's is refused."""
        while all(answer.status == 200 for answer in answers) and time.monotonic() < end:
            answers.append(narrow.colorize(photo))

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(client, range(5)))
    assert {answer.status for answer in answers} == {200, 503}
    refused = next(answer for answer in answers if answer.status == 503)
    assert refused.json["code"] == "busy"
    assert int(refused.headers["Retry-After"]) > 0


def test_a_body_that_drips_is_answered_408_and_starves_nobody(narrow):
    with narrow.connect() as first, narrow.connect() as second, ThreadPoolExecutor(2) as pool:
        dripping = [pool.submit(_drip, client) for client in (first, second)]
        assert narrow.colorize(gray_photo()).status == 200
        for drips, answer in (client.result() for client in dripping):
            assert drips > 5
            assert answer.startswith(b"HTTP/1.1 408 ")
            assert b'"code":"too-slow"' in answer.replace(b": ", b":")


def _drip(client):
    """Send a body byte by byte until the answer comes; returns how many those were, and the answer."""
    client.sendall(b"POST /colorize HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
    drips = 0
    while not select.select([client], [], [], 0.05)[0]:
        client.sendall(b"x")
        drips += 1
    return drips, _read_all(client)


def test_slow_bodies_cannot_take_more_than_their_places(narrow):
    clients = [narrow.connect() for _ in range(12)]
    for client in clients:
        client.sendall(b"POST /colorize HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n")
    assert narrow.request("GET", "/healthz").status == 200
    statuses = sorted(_read_all(client)[9:12] for client in clients)
    assert statuses == [b"408"] * 6 + [b"503"] * 6
    assert narrow.colorize(gray_photo()).status == 200


def _read_all(client):
    data = b""
    while piece := client.recv(65536):
        data += piece
    client.close()
    return data


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"COLORIZER_STRATEGY": "deoldify"}, r"There is no strategy 'deoldify'. There are: colornet, .*"),
        ({"COLORIZER_STRATEGY": "richzhang"}, r".*not installed.*image-colorizer fetch richzhang.*"),
        ({"COLORIZER_DEVICE": "cuda"}, r".*(cuda|CUDA).*"),
        ({"WEB_CONCURRENCY": "0"}, r"WEB_CONCURRENCY must be a whole number from 1 to 1000, not '0'\."),
        ({"WEB_CONCURRENCY": "x"}, r"WEB_CONCURRENCY must be a whole number from 1 to 1000, not 'x'\."),
        (
            {"COLORIZER_QUEUE": "x", "COLORIZER_DEVICE": "y"},
            r"COLORIZER_QUEUE must .* COLORIZER_DEVICE must .*",
        ),
    ],
)
def test_a_service_that_cannot_colour_says_so_and_exits(tmp_path, variables, sentence):
    with open(tmp_path / "log", "wb") as log:
        process = start(free_port(), tmp_path, log, COLORIZER_MODELS_DIR=str(tmp_path), **variables)
        assert process.wait(60) != 0
    log = (tmp_path / "log").read_text()
    ours = [line for line in log.splitlines() if not re.match(r"\[.+\] \[\d+\] \[\w+\] ", line)]
    assert len(ours) == 1, log
    assert re.fullmatch(sentence, ours[0])


def test_damaged_weights_stop_the_start(tmp_path, models_dir):
    (tmp_path / "manifest.json").write_bytes((models_dir / "manifest.json").read_bytes())
    (tmp_path / "colornet.onnx").write_bytes(b"damaged")
    with open(tmp_path / "log", "wb") as log:
        process = start(
            free_port(), tmp_path, log, COLORIZER_MODELS_DIR=str(tmp_path), COLORIZER_STRATEGY="colornet"
        )
        assert process.wait(60) != 0
    assert "The weights of colornet on disk are damaged" in (tmp_path / "log").read_text()


def test_importing_the_app_fails_as_clearly(tmp_path):
    environ = os.environ | {"COLORIZER_STRATEGY": "deoldify"}
    command = [sys.executable, "-c", "import app"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stderr.count("\n") == 1
    assert "There is no strategy 'deoldify'" in done.stderr
