"""Jobs over HTTP, worked off by a real worker."""

import io
import json
import time
import zipfile

import pytest
from offices import Office
from serving import gray_photo

from colorizer.http.application import create_app

PHOTOS = [gray_photo(64 + number, 48, seed=number) for number in range(3)]


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("office"), None)
    office.hire()
    yield office
    office.close()


@pytest.fixture(scope="module")
def app(office):
    return create_app(office.settings)


@pytest.fixture
def client(app):
    return app.test_client()


def zipped(**files):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/") + ".jpg", data)
    return file.getvalue()


def start(client, photos=PHOTOS, headers=None, **fields):
    files = [(io.BytesIO(photo), f"{number}.jpg") for number, photo in enumerate(photos)]
    return client.post("/api/v1/jobs", data={"image": files, **fields}, headers=headers)


def wait(client, response):
    assert response.status_code == 202
    end = time.monotonic() + 60
    while (job := client.get(response.location).json)["state"] in ("queued", "running"):
        assert time.monotonic() < end
        time.sleep(0.1)
    return job


def results(client, job):
    archive = zipfile.ZipFile(io.BytesIO(client.get(job["links"]["result"]).data))
    return {name: archive.read(name) for name in archive.namelist()}


def assert_problem(response, status, code):
    assert (response.status_code, response.json["code"]) == (status, code)


def test_several_photos(client):
    job = wait(client, start(client, saturation="1.2"))
    assert job["state"] == "done"
    assert job["kind"] == "photos"
    assert job["progress"] == {"done": 3, "of": 3, "share": 1, "seconds_left": None}
    found = results(client, job)
    assert sorted(found) == ["0.jpg", "1.jpg", "2.jpg"]
    alone = client.post("/colorize?saturation=1.2", data=PHOTOS[1], headers={"Accept": "image/jpeg"})
    assert found["1.jpg"] == alone.data
    assert client.get(job["images"][0]).json["strategy"] == "colornet"


def test_a_zip_comes_back_as_a_zip(client):
    data = zipped(album__beach=PHOTOS[0], album__wedding=PHOTOS[1], notes=b"no photo")
    job = wait(client, client.post("/api/v1/jobs", data=data, content_type="application/zip"))
    assert job["state"] == "done"
    assert [problem["code"] for problem in job["problems"]] == ["not-a-photo"]
    found = results(client, job)
    assert sorted(found) == ["album/beach.jpg", "album/wedding.jpg", "failures.txt"]
    assert found["failures.txt"].startswith(b"notes.jpg: ")


def test_kept_images_in_other_colours(client):
    ids = [
        client.post("/api/v1/images", data={"image": (io.BytesIO(photo), "a.jpg")}).json["id"]
        for photo in PHOTOS
    ]
    job = wait(client, client.post("/api/v1/jobs", data={"images": json.dumps(ids), "saturation": "0"}))
    assert sorted(results(client, job)) == ["a-2.jpg", "a-3.jpg", "a.jpg"]
    assert client.get(job["images"][0]).json["options"]["saturation"] == 0


def test_the_same_key_starts_one_job_only(client):
    first = start(client, headers={"Idempotency-Key": "once"})
    again = start(client, headers={"Idempotency-Key": "once"})
    assert first.json["id"] == again.json["id"]
    wait(client, first)
    assert len(client.get("/api/v1/images?count=100").json["images"]) == len(PHOTOS)


def test_cancelled(client):
    job = start(client, PHOTOS * 10)
    assert client.delete(job.location).status_code == 204
    assert wait(client, job)["state"] == "cancelled"


def test_another_owner_finds_nothing(app, client):
    job = start(client).json
    stranger = app.test_client()
    start(stranger)
    for other in (stranger, app.test_client()):
        for call, address in ((other.get, "self"), (other.delete, "self"), (other.get, "result")):
            assert_problem(call(job["links"][address]), 404, "no-such-job")
    assert client.get(job["links"]["self"]).status_code == 200


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({}, 400, "no-photo"),
        ({"images": "[1]"}, 422, "bad-field"),
        ({"images": json.dumps(["0" * 32])}, 404, "no-such-image"),
        ({"image": (io.BytesIO(b"PK\x03\x04 broken"), "a.zip")}, 400, "malformed-request"),
        ({"image": (io.BytesIO(PHOTOS[0]), "a.jpg"), "quality": "0"}, 422, "bad-field"),
    ],
)
def test_what_makes_no_sense(client, fields, status, code):
    response = client.post("/api/v1/jobs", data=fields, content_type="multipart/form-data")
    assert_problem(response, status, code)
