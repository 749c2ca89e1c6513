"""Films over HTTP."""

import pytest

from colorizer.http.application import create_app
from colorizer.settings import Settings


@pytest.fixture
def settings(tmp_path):
    return {"strategy": "colornet", "store_url": f"file://{tmp_path}/kept"}


def test_films_are_offered_where_jobs_are_on(settings):
    client = create_app(Settings(**settings, max_film_seconds=90.0)).test_client()
    limits = client.get("/api/v1/limits")
    assert "film" in limits.json["fields"]
    assert (limits.json["max_film_bytes"], limits.json["max_film_seconds"]) == (200 * 1024 * 1024, 90)
    assert "media-src 'self' blob:" in limits.headers["Content-Security-Policy"].split("; ")
    assert limits.headers["Permissions-Policy"] == "camera=(self), geolocation=(), microphone=(self)"


@pytest.mark.parametrize("without", [{"store_url": None}, {"max_film_bytes": 0}])
def test_elsewhere_they_are_off(settings, without):
    limits = create_app(Settings(**{**settings, **without})).test_client().get("/api/v1/limits")
    assert "film" not in limits.json["fields"]
    assert "max_film_bytes" not in limits.json
    assert "media-src" not in limits.headers["Content-Security-Policy"]
    assert limits.headers["Permissions-Policy"] == "camera=(), geolocation=(), microphone=()"
