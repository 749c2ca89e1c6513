"""The service behind proxies and below a path: what it says of itself leads back to it, through them."""

import io
import re

import pytest
from serving import gray_photo, serve

from colorizer.http.application import create_app
from colorizer.settings import Settings


def client(**settings):
    return create_app(Settings("colornet", **settings)).test_client()


@pytest.fixture(scope="module")
def below():
    return client(prefix="/colors")


@pytest.mark.parametrize("path", ["/colors/healthz", "/healthz"])
def test_a_proxy_may_take_the_path_away_or_not(below, path):
    assert below.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/colorshealthz", "/other/healthz", "/colors/colors/healthz"])
def test_another_path_is_none_of_ours(below, path):
    assert below.get(path).status_code == 404


def test_without_its_slash_it_leads_to_the_page(below):
    answer = below.get("/colors?lang=de")
    assert (answer.status_code, answer.headers["Location"]) == (308, "/colors/?lang=de")


def test_the_page_finds_its_files_from_there(below):
    page = below.get("/colors/").text
    files = re.findall(r'(?:href|src)="([^"#]*static/[^"]+)"', page)
    assert files
    assert not [file for file in files if file.startswith("/")]
    assert below.get(f"/colors/{files[0]}").status_code == 200


def test_problems_and_the_description_name_it(below):
    assert below.get("/colors/nowhere").json["type"] == "/colors/#faq-not-found"
    assert below.get("/colors/openapi.json").json["servers"] == [{"url": "/colors"}]


def test_links_and_cookies_name_it(tmp_path):
    keeper = client(prefix="/colors", store_url=f"file://{tmp_path}")
    answer = keeper.post("/colors/api/v1/images", data={"image": (io.BytesIO(gray_photo()), "a.jpg")})
    assert answer.headers["Location"].startswith("/colors/api/v1/images/")
    assert "Path=/colors;" in answer.headers["Set-Cookie"]
    assert keeper.get(answer.json["links"]["original"]).status_code == 200


@pytest.mark.parametrize(("proxies", "type"), [(0, "/#faq-not-found"), (1, "/hop/#faq-not-found")])
def test_a_prefix_is_taken_from_trusted_proxies_only(proxies, type):
    headers = {"X-Forwarded-Prefix": "/hop"}
    assert client(proxies=proxies).get("/nowhere", headers=headers).json["type"] == type


@pytest.mark.parametrize(("proxies", "secure"), [(0, False), (1, True)])
def test_tls_is_believed_of_trusted_proxies_only(tmp_path, proxies, secure):
    keeper = client(proxies=proxies, store_url=f"file://{tmp_path}")
    data = {"image": (io.BytesIO(gray_photo()), "a.jpg")}
    answer = keeper.post("/api/v1/images", data=data, headers={"X-Forwarded-Proto": "https"})
    assert ("Secure" in answer.headers["Set-Cookie"]) is secure


def test_gunicorn_believes_nobody_by_itself(tmp_path):
    with serve(tmp_path, COLORIZER_STORE_URL=f"file://{tmp_path}/kept", WEB_CONCURRENCY="1") as server:
        answer = server.request("POST", "/api/v1/images", gray_photo(), X_Forwarded_Proto="https")
    assert answer.status == 201
    assert "Secure" not in answer.headers["Set-Cookie"]
