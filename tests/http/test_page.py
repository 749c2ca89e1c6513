"""The page as it is sent: in the visitor's language, packed where that helps, its files for a year."""

import gzip

import pytest

from colorizer.http.application import create_app
from colorizer.settings import Settings


@pytest.fixture(scope="module")
def client():
    return create_app(Settings(strategy="colornet")).test_client()


def static(client, name):
    """A file's address, from the root of the service."""
    return "/" + client.application.jinja_env.globals["static_url"](name)


def test_the_language_is_the_visitors(client):
    german = client.get("/", headers={"Accept-Language": "de-AT,en;q=0.5"})
    assert '<html lang="de">' in german.text
    assert german.headers["Content-Language"] == "de"
    assert {"Accept-Language", "Accept-Encoding"} <= {*german.headers["Vary"].split(", ")}
    assert '<html lang="fr">' in client.get("/?lang=fr", headers={"Accept-Language": "de"}).text


@pytest.mark.parametrize("path", ["/", "/faq", "/about"])
def test_pages_are_packed_for_who_takes_it(client, path):
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert "Content-Encoding" not in client.get(path, headers={"Accept-Encoding": "gzip;q=0"}).headers


@pytest.mark.parametrize(
    ("name", "media_type", "is_packed"),
    [
        ("app.js", "text/javascript; charset=utf-8", True),
        ("style.css", "text/css; charset=utf-8", True),
        ("words/en.json", "application/json", True),
        ("manifest.webmanifest", "application/manifest+json", True),
        ("examples/camera-half.webp", "image/webp", False),
        ("icon-192.png", "image/png", False),
    ],
)
def test_files_are_kept_for_a_year(client, name, media_type, is_packed):
    answer = client.get(static(client, name), headers={"Accept-Encoding": "gzip"})
    answer.close()
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == media_type
    assert {*answer.headers["Cache-Control"].split(", ")} == {"public", "max-age=31536000", "immutable"}
    assert ("Content-Encoding" in answer.headers) == is_packed


def test_every_module_is_asked_for_at_once(client):
    page = client.get("/").text
    for name in client.application.jinja_env.globals["modules"]:
        assert f'<link rel="modulepreload" href="{static(client, name)[1:]}">' in page


def test_the_manifest_names_files_that_are_there(client):
    manifest = client.get(static(client, "manifest.webmanifest")).get_json()
    for icon in manifest["icons"]:
        with client.get(static(client, icon["src"])) as answer:
            assert answer.status_code == 200
    assert manifest["start_url"] == "../../", "the page, seen from the manifest"
