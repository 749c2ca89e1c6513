"""Text answers are packed where the client takes it."""

import gzip
import io
import json

import pytest
from flask import Response
from serving import gray_photo

from colorizer.errors import BadField
from colorizer.http.application import create_app
from colorizer.settings import Settings

LETTERS = "a" * 1000
TAKES = {"Accept-Encoding": "br, gzip"}


@pytest.fixture(scope="module")
def app():
    app = create_app(Settings("colornet", metrics=True))

    @app.get("/short")
    def short():
        return Response("a" * 499, mimetype="text/plain")

    @app.get("/long")
    def long():
        return Response("a" * 200_000, mimetype="text/plain")

    @app.get("/packed")
    def packed():
        return Response(LETTERS, mimetype="text/plain", headers={"Content-Encoding": "br"})

    @app.get("/pieces")
    def pieces():
        return Response(iter([LETTERS]), mimetype="text/plain")

    @app.get("/problem")
    def problem():
        raise BadField(LETTERS)

    return app


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.mark.parametrize("path", ["/openapi.json", "/api/v1/strategies", "/metrics"])
def test_text_is_packed(client, path):
    plain, packed = client.get(path), client.get(path, headers=TAKES)
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert packed.mimetype == plain.mimetype
    assert gzip.decompress(packed.data)[:200] == plain.data[:200]
    assert "Accept-Encoding" in plain.vary
    assert "Accept-Encoding" in packed.vary


def test_a_long_problem_is_packed_too(client):
    answer = client.get("/problem", headers=TAKES)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert json.loads(gzip.decompress(answer.data))["detail"] == LETTERS


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "br"])
def test_who_does_not_take_it_gets_it_plain(client, accepted):
    answer = client.get("/openapi.json", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert answer.json["openapi"] == "3.1.0"


@pytest.mark.parametrize(("path", "encoding"), [("/short", None), ("/long", None), ("/packed", "br")])
def test_what_gains_nothing_and_what_is_packed_stays(client, path, encoding):
    assert client.get(path, headers=TAKES).headers.get("Content-Encoding") == encoding


def test_what_is_sent_piece_by_piece_is_not_gathered(client):
    answer = client.get("/pieces", headers=TAKES, buffered=False)
    assert "Content-Encoding" not in answer.headers
    assert answer.is_streamed


def test_pictures_stay(client):
    photo = {"image": (io.BytesIO(gray_photo()), "a.jpg")}
    answer = client.post("/colorize", data=photo, headers=TAKES | {"Accept": "image/jpeg"})
    assert answer.status_code == 200
    assert "Content-Encoding" not in answer.headers
