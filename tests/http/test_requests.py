"""Each request has an id, and a line in the log that tells nothing of a photo."""

import json
import logging
import re

import pytest
from serving import gray_photo, serve

from colorizer.http.application import create_app
from colorizer.settings import Settings


@pytest.fixture(scope="module")
def client():
    return create_app(Settings("colornet")).test_client()


@pytest.mark.parametrize("given", ["9f2c", "Root=1-67891233-abcdef", "a" * 128])
def test_a_sane_id_is_taken_and_echoed(client, given):
    assert client.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"] == given


@pytest.mark.parametrize("given", [None, "", "a b", "a" * 129, "<script>", "é"])
def test_another_is_made(client, given):
    headers = {} if given is None else {"X-Request-Id": given}
    made = [client.get("/healthz", headers=headers).headers["X-Request-Id"] for _ in range(2)]
    assert made[0] != made[1]
    assert all(re.fullmatch("[0-9a-f]{32}", id) for id in made)


def test_the_line_names_route_status_and_id(client, caplog):
    caplog.set_level(logging.INFO, "colorizer")
    client.post("/colorize?strategy=grandma", data=gray_photo(), headers={"X-Request-Id": "9f2c"}).close()
    client.get("/grandma.jpg").close()
    first, second = caplog.messages
    assert re.fullmatch(r"POST /colorize 422, \d+ bytes in \d+\.\d ms, request 9f2c", first)
    assert re.fullmatch(r"GET \(none\) 404, \d+ bytes in .*", second)


def test_the_line_comes_when_the_answer_is_sent(client, caplog):
    caplog.set_level(logging.INFO, "colorizer")
    answer = client.post("/colorize", data=gray_photo(), buffered=False)
    assert caplog.messages == []
    answer.close()
    assert len(caplog.messages) == 1


def test_every_line_is_an_object_where_json_was_chosen(tmp_path):
    with serve(tmp_path, COLORIZER_LOG_FORMAT="json") as server:
        server.colorize(b"no photo", X_Request_Id="one")
        server.request("GET", "/healthz", X_Request_Id="two")
    lines = {line.get("request_id"): line for line in map(json.loads, server.log.splitlines())}
    assert (lines["one"]["route"], lines["one"]["status"]) == ("/colorize", 415)
    assert (lines["two"]["method"], lines["two"]["level"]) == ("GET", "info")
    assert {"time", "level", "process", "message"} <= set(lines[None])
