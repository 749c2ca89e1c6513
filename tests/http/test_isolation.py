"""Nothing of one photo is seen by another, and nothing of a photo is kept."""

import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from generated_weights import install_generated_weights, narrow_zhang
from serving import gray_photo, multipart, serve

from colorizer.http.application import create_app
from colorizer.options import FORMATS
from colorizer.settings import Settings

CLIENTS, ROUNDS = 32, 3
SECRET = "grandmother-in-the-garden"


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("models")
        install_generated_weights(folder)
        narrow_zhang(patch)
        yield create_app(Settings("colornet", models_dir=folder, photos_at_once=8, queue=CLIENTS))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("strategy", ["colornet", "richzhang", "zeruniverse", "ddcolor"])
def test_thirty_two_clients_each_get_their_own_photo(app, strategy, format):
    photos = [gray_photo(40 + number, 72 - number, seed=number) for number in range(CLIENTS)]

    def colorize(photo):
        headers = {"Accept": f"image/{format}"}
        response = app.test_client().post(f"/colorize?strategy={strategy}", data=photo, headers=headers)
        assert response.status_code == 200
        return response.data

    alone = [colorize(photo) for photo in photos]
    assert len(set(alone)) == CLIENTS
    with ThreadPoolExecutor(CLIENTS) as pool:
        together = list(pool.map(colorize, photos * ROUNDS))
    assert together == alone * ROUNDS


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(("width", "height"), [(41, 71), (71, 40), (40, 71), (601, 401)])
def test_the_same_photo_gives_the_same_bytes_ten_times(app, format, width, height):
    photo, headers = gray_photo(width, height), {"Accept": f"image/{format}"}
    client = app.test_client()
    results = {client.post("/colorize", data=photo, headers=headers).data for _ in range(10)}
    assert len(results) == 1


@pytest.fixture(scope="module")
def opened_for_writing():
    """The paths that Python opens for writing while `opened_for_writing.active` is true."""
    paths = _Watch()
    sys.addaudithook(paths.hear)  # for good: there is no way to take it away
    yield paths
    paths.active = False


class _Watch(list):
    active = False

    def hear(self, event, arguments):
        if self.active and event == "open" and arguments[1] and set(arguments[1]) & set("wax+"):
            self.append(arguments[0])
        if self.active and event.startswith("tempfile."):
            self.append(arguments[0])


def test_a_large_photo_is_kept_in_memory(app, opened_for_writing):
    photo = gray_photo(3000, 2000) + bytes(3_000_000)
    body, content_type = multipart(("image", photo, "a.jpg"))
    with app.test_client() as client:
        opened_for_writing.active = True
        response = client.post("/colorize", data=body, content_type=content_type)
        opened_for_writing.active = False
    assert response.status_code == 200
    assert not opened_for_writing


def test_the_server_writes_and_logs_nothing_of_a_photo(tmp_path):
    with serve(tmp_path) as server:
        before = {path for path in tmp_path.rglob("*") if path.name != "server.log"}
        for photo in (gray_photo(3000, 2000), b"no photo", gray_photo()[:500]):
            body, content_type = multipart(
                ("image", photo, f"{SECRET}.jpg"), ("hints", SECRET.encode(), None)
            )
            server.request("POST", "/colorize", body, Content_Type=content_type)
            server.colorize(photo, f"strategy={SECRET}")
            server.colorize(photo)
        assert {path for path in tmp_path.rglob("*") if path.name != "server.log"} == before == set()
        log = server.log
    assert SECRET not in log
    assert log.count("\n") < 20
