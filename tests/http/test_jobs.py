"""Jobs over HTTP, worked off by a real worker."""

import io
import json
import time
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from machines import eventually
from offices import Office
from photos import color_scene, encode
from serving import gray_photo

from colorizer.http.application import create_app

PHOTOS = [gray_photo(64 + number, 48, seed=number) for number in range(3)]
HELD = gray_photo(70, 48, seed=3)


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    office = Office(tmp_path_factory.mktemp("office"), None)
    office.hire_patient()
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


KEY = {"Idempotency-Key": "once"}


def test_the_same_request_sent_again_starts_one_job_only(client):
    first = start(client, headers=KEY)
    again = start(client, headers=KEY)
    assert (again.status_code, again.location) == (202, first.location)
    wait(client, first)
    assert start(client, headers=KEY).json["state"] == "done"
    assert len(client.get("/api/v1/images?count=100").json["images"]) == len(PHOTOS)


def test_it_needs_no_room(office, tmp_path):
    client = create_app(replace(office.settings, owner_quota_bytes=20_000)).test_client()
    first = start(client, PHOTOS[:1], headers=KEY)
    assert_problem(start(client, PHOTOS * 10), 507, "store-full")
    assert start(client, PHOTOS[:1], headers=KEY).location == first.location
    assert len(client.get("/api/v1/images").json["images"]) == 1  # nothing of what did not fit is left


@pytest.mark.parametrize(
    "other",
    [{"photos": PHOTOS[:2]}, {"photos": PHOTOS[::-1]}, {"saturation": "0.5"}],
    ids=["fewer", "another order", "other options"],
)
def test_another_request_with_the_same_key_is_refused(client, other):
    assert start(client, headers=KEY).status_code == 202
    refused = start(client, **other, headers=KEY)
    assert_problem(refused, 422, "bad-field")
    assert "Idempotency-Key" in refused.json["detail"]


@pytest.fixture
def held(office):
    """HELD, at which the worker waits until the test lets it go, or ends."""
    office.hold(HELD)
    yield HELD
    office.held.unlink(missing_ok=True)


def test_the_key_of_a_job_that_failed_or_was_cancelled_is_used(client, held):
    failed = start(client, [b"no photo"], headers=KEY)
    assert wait(client, failed)["state"] == "failed"
    assert start(client, [b"no photo"], headers=KEY).json["state"] == "failed"
    stopped = start(client, [held], headers={"Idempotency-Key": "twice"})
    client.delete(stopped.location)
    assert start(client, [held], headers={"Idempotency-Key": "twice"}).json["state"] == "cancelled"


def test_owners_do_not_share_keys(app, client):
    mine = start(client, headers=KEY)
    others = start(app.test_client(), PHOTOS[:1], headers=KEY)
    assert (others.status_code, others.location != mine.location) == (202, True)


def test_a_key_is_free_again_when_its_job_has_expired(office, client):
    first = start(client, PHOTOS[:1], headers=KEY)
    wait(client, first)
    with office.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE colorizer_jobs SET expires = 0")
    again = start(client, PHOTOS[:2], headers=KEY)
    assert (again.status_code, again.location != first.location) == (202, True)


def reference():
    return io.BytesIO(encode(color_scene(64, 48), "PNG")), "reference.png"


def test_one_reference_for_all_photos(office, client):
    job = wait(client, start(client, reference=reference()))
    alone = client.post(
        "/colorize",
        data={"image": (io.BytesIO(PHOTOS[1]), "1.jpg"), "reference": reference()},
        headers={"Accept": "image/jpeg"},
    )
    assert results(client, job)["1.jpg"] == alone.data
    assert client.get(job["images"][1]).json["options"]["reference"] is True
    assert len(client.get("/api/v1/images").json["images"]) == len(PHOTOS)
    with office.store.engine.begin() as connection:  # it went with the end of the job
        kinds = connection.exec_driver_sql("SELECT facts FROM colorizer_images WHERE facts LIKE '%kind%'")
        assert kinds.all() == []


def test_one_mask_for_all_photos(client):
    mask = np.zeros((48, 64, 4), np.uint8)
    mask[5:20, 5:30] = 200, 40, 40, 255
    job = wait(client, start(client, PHOTOS, mask=(io.BytesIO(encode(mask, "PNG")), "mask.png")))
    assert [problem["photo"] for problem in job["problems"]] == [2]  # of other proportions
    assert client.get(job["images"][0]).json["options"]["mask"] is True


def progress(client, job):
    return client.get(job.location).json["progress"]


def test_cancelled_it_ends_with_the_photo_at_hand(office, client, held):
    job = start(client, [*PHOTOS[:2], held, *PHOTOS])
    eventually(lambda: progress(client, job)["done"] == 2, "it was not begun")
    eventually(lambda: progress(client, job)["seconds_left"], "nothing says how long it will take")
    assert client.delete(job.location).status_code == 204
    assert client.get(job.location).json["state"] == "cancelled"
    office.let_go()
    wait(client, start(client, PHOTOS[:1]))
    assert progress(client, job)["done"] <= 3
    assert job.json["id"] not in (office.folder / "worker-0.log").read_text()


def test_the_place_in_the_queue(tmp_path):
    nobody_works = Office(tmp_path, None)
    client = create_app(nobody_works.settings).test_client()
    jobs = [start(client, PHOTOS[:1]) for _ in range(3)]
    assert [client.get(job.location).json["place"] for job in jobs] == [0, 1, 2]
    client.delete(jobs[0].location)
    assert [client.get(job.location).json["place"] for job in jobs] == [None, 0, 1]
    nobody_works.close()


def test_nothing_of_a_photo_is_in_the_queue_or_in_a_log(office, client, caplog):
    secret = "grandmother-in-the-garden"
    for photo in PHOTOS[0], b"no photo", PHOTOS[0][:300]:
        files = {"image": (io.BytesIO(photo), f"{secret}.jpg")}
        wait(client, client.post("/api/v1/jobs", data=files))
    wait(client, client.post("/api/v1/jobs", data=zipped(**{secret: PHOTOS[0]})))
    with office.store.engine.begin() as connection:
        tables = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars()
        rows = {
            table: repr(connection.exec_driver_sql(f"SELECT * FROM {table}").all()) for table in tables.all()
        }
    assert secret in rows.pop("colorizer_images")  # where its owner finds it, and nobody else
    logs = [caplog.text, *[log.read_text() for log in office.folder.glob("*.log")]]
    for text in [*rows.values(), *logs]:
        assert secret not in text
        assert "JFIF" not in text


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
        ({"image": (io.BytesIO(PHOTOS[0]), "a.jpg"), "other": (io.BytesIO(b"x"), "a.jpg")}, 422, "bad-field"),
        (
            {"image": (io.BytesIO(PHOTOS[0]), "a.jpg"), "reference": (io.BytesIO(PHOTOS[0]), "a.jpg")},
            422,
            "bad-reference",
        ),
    ],
)
def test_what_makes_no_sense(client, fields, status, code):
    response = client.post("/api/v1/jobs", data=fields, content_type="multipart/form-data")
    assert_problem(response, status, code)
