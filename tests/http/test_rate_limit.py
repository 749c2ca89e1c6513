"""How often one client may ask for work."""

import hashlib
import io

import pytest
from serving import gray_photo

from colorizer.http.application import create_app
from colorizer.settings import Settings, Token

TOKENS = tuple(Token(name, hashlib.sha256(name.encode()).hexdigest()) for name in ("anna", "ben"))


class Client:
    """A client at an address, perhaps with a token."""

    def __init__(self, app, address="192.0.2.1", token=None):
        self.client, self.environ = app.test_client(), {"REMOTE_ADDR": address}
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, path="/colorize", **headers):
        photo = {"image": (io.BytesIO(gray_photo()), "a.jpg")}
        return self.client.post(
            path, data=photo, headers=self.headers | headers, environ_overrides=self.environ
        )

    def statuses(self, count):
        return [self.ask().status_code for _ in range(count)]


@pytest.fixture
def app():
    return create_app(Settings("colornet", rate_limit="2/minute"))


def test_one_more_is_told_when_to_come_back(app):
    client = Client(app)
    assert client.statuses(2) == [200, 200]
    refused = client.ask()
    assert (refused.status_code, refused.json["code"]) == (429, "too-many-requests")
    assert 50 < int(refused.headers["Retry-After"]) <= 61
    assert (
        f"gets 2 per 1 minute answered. Try again in {refused.headers['Retry-After']} s."
        in refused.json["detail"]
    )
    assert refused.headers["X-Request-Id"] == refused.json["id"]


def test_later_it_may_again():
    client = Client(create_app(Settings("colornet", rate_limit="1/second")))
    assert client.ask().status_code == 200
    refused = client.ask()
    while refused.status_code == 429:
        assert refused.headers["Retry-After"] in ("1", "2")
        refused = client.ask()
    assert refused.status_code == 200


def test_each_address_has_its_own(app):
    assert Client(app, "192.0.2.1").statuses(3) == [200, 200, 429]
    assert Client(app, "192.0.2.2").statuses(1) == [200]
    assert Client(app, "::ffff:192.0.2.2").statuses(2) == [200, 429]


def test_the_addresses_of_one_network_are_one_client(app):
    assert Client(app, "2001:db8::1").statuses(2) == [200, 200]
    assert Client(app, "2001:db8::2").statuses(1) == [429]
    assert Client(app, "2001:db8:0:1::1").statuses(1) == [200]


def test_all_that_is_work_counts_and_nothing_else(app):
    client = Client(app)
    for _ in range(5):
        assert client.client.get("/healthz", environ_overrides=client.environ).status_code == 200
    assert [client.ask(path).status_code for path in ("/api/v1/variants", "/colorize", "/colorize")][
        -1
    ] == 429


def test_a_proxy_is_not_the_client():
    app = create_app(Settings("colornet", rate_limit="1/minute", proxies=1))
    given = [{"X-Forwarded-For": f"192.0.2.{number}"} for number in (1, 2, 1)]
    assert [Client(app).ask(**headers).status_code for headers in given] == [200, 200, 429]


def test_the_holder_of_a_token_counts_wherever_they_are(tmp_path):
    settings = Settings("colornet", rate_limit="1/minute", store_url=f"file://{tmp_path}", tokens=TOKENS)
    app = create_app(settings)
    assert Client(app, "192.0.2.1", "anna").statuses(1) == [200]
    assert Client(app, "192.0.2.2", "anna").statuses(1) == [429]
    assert Client(app, "192.0.2.1", "ben").statuses(1) == [200]
    assert Client(app, "192.0.2.1", "no token").statuses(2) == [200, 429]


def test_a_cookie_gives_nobody_more(tmp_path):
    app = create_app(Settings("colornet", rate_limit="1/minute", store_url=f"file://{tmp_path}"))
    assert [Client(app).ask("/api/v1/images").status_code for _ in range(2)] == [201, 429]


def test_it_is_off_by_default():
    assert Client(create_app(Settings("colornet"))).statuses(5) == [200] * 5
