"""Films over HTTP: they come, are kept, coloured by a worker, corrected, sent in parts, and deleted."""

import io
import time
import tracemalloc

import pytest
from films import Clip, times
from offices import Office

from colorizer.http.application import create_app
from colorizer.jobs.records import JobRecords
from colorizer.settings import Settings

MEBIBYTE = 1024 * 1024
JOBS = "/api/v1/jobs"


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return Clip(frames=12).write(tmp_path_factory.mktemp("films") / "clip.mp4").read_bytes()


@pytest.fixture
def settings(tmp_path):
    return {"strategy": "colornet", "store_url": f"file://{tmp_path}/kept"}


@pytest.fixture
def client(settings):
    return create_app(Settings(**settings)).test_client()


def start(client, film, **fields):
    return client.post(JOBS, data={"film": (io.BytesIO(film), "wedding.mp4", "video/mp4"), **fields})


def wait(client, response):
    """Wait until a job has ended; returns every document that it had meanwhile."""
    end, documents = time.monotonic() + 120, []
    while not documents or documents[-1]["state"] in ("queued", "running"):
        assert time.monotonic() < end
        documents.append(client.get(response.location).json)
        time.sleep(0.2)
    return documents


def kept_files(tmp_path):
    return [path for path in (tmp_path / "kept").glob("*/*-*") if path.is_file()]


def assert_problem(response, status, code):
    assert (response.status_code, response.json["code"]) == (status, code)


def test_films_are_offered_where_jobs_are_on(settings):
    client = create_app(Settings(**settings, max_film_seconds=90.0)).test_client()
    limits = client.get("/api/v1/limits")
    assert "film" in limits.json["fields"]
    assert (limits.json["max_film_bytes"], limits.json["max_film_seconds"]) == (200 * MEBIBYTE, 90)
    assert "media-src 'self' blob:" in limits.headers["Content-Security-Policy"].split("; ")
    assert limits.headers["Permissions-Policy"] == "camera=(self), geolocation=(), microphone=(self)"


@pytest.mark.parametrize("without", [{"store_url": None}, {"max_film_bytes": 0}])
def test_elsewhere_they_are_off(settings, without, clip):
    client = create_app(Settings(**{**settings, **without})).test_client()
    limits = client.get("/api/v1/limits")
    assert "film" not in limits.json["fields"]
    assert "max_film_bytes" not in limits.json
    assert "media-src" not in limits.headers["Content-Security-Policy"]
    assert limits.headers["Permissions-Policy"] == "camera=(), geolocation=(), microphone=()"
    status, code = (
        (422, "bad-field") if settings | without == settings | {"max_film_bytes": 0} else (404, "not-found")
    )
    assert_problem(start(client, clip), status, code)


def test_a_film_that_came_is_a_job_and_comes_back_as_it_was(client, clip):
    response = start(
        client, clip, saturation="1.2", hints='[{"time": 0.2, "x": 3, "y": 4, "color": "#804020"}]'
    )
    assert response.status_code == 202
    job = response.json
    assert (job["kind"], job["state"], job["place"], job["problems"]) == ("film", "queued", 0, [])
    assert job["progress"] == {"done": 0, "of": None, "share": None, "seconds_left": None}
    assert job["film"] == {"name": "wedding.mp4", "width": None, "height": None, "seconds": None}
    assert sorted(job["links"]) == ["original", "self"]
    assert client.get(response.location).json == job
    original = client.get(job["links"]["original"])
    assert original.data == clip
    assert original.mimetype == "video/mp4"
    assert original.headers["Content-Disposition"] == 'attachment; filename="wedding.mp4"'
    assert client.get("/api/v1/images").json["images"] == []


def test_a_part_of_a_film(client, clip):
    link = start(client, clip).json["links"]["original"]
    part = client.get(link, headers={"Range": "bytes=100-199"})
    assert (part.status_code, part.data) == (206, clip[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(clip)}"
    tail = client.get(link, headers={"Range": "bytes=-50"})
    assert tail.data == clip[-50:]
    assert client.get(link, headers={"If-None-Match": part.headers["ETag"]}).status_code == 304
    assert client.get(link, headers={"Range": f"bytes={len(clip)}-"}).status_code == 416


@pytest.mark.parametrize("name", ["result", "frames", "piece-00000"])
def test_what_is_not_there_yet(client, clip, name):
    assert_problem(client.get(f"{start(client, clip).location}/{name}"), 404, "no-such-job")


class Endless(io.RawIOBase):
    """A form with a film of so many bytes, which is nowhere in memory."""

    HEAD = b'--b\r\nContent-Disposition: form-data; name="film"; filename="long.mp4"\r\n\r\n'
    TAIL = b"\r\n--b--\r\n"

    def __init__(self, size):
        self.left, self.end = size, len(self.TAIL)
        self.length = len(self.HEAD) + size + self.end
        self.head = self.HEAD

    def readable(self):
        return True

    def readinto(self, buffer):
        if self.head:
            piece, self.head = self.head[: len(buffer)], self.head[len(buffer) :]
        elif self.left:
            piece = bytes(min(self.left, len(buffer)))
            self.left -= len(piece)
        else:
            piece, self.end = self.TAIL[len(self.TAIL) - self.end :][: len(buffer)], 0
        buffer[: len(piece)] = piece
        return len(piece)


def send(client, body):
    head = {"CONTENT_LENGTH": str(body.length), "CONTENT_TYPE": "multipart/form-data; boundary=b"}
    return client.post(JOBS, environ_overrides={"wsgi.input": body, **head})


def test_a_large_film_goes_through_little_memory_both_ways(client):
    client.get(JOBS)
    tracemalloc.start()
    try:
        response = send(client, Endless(150 * MEBIBYTE))
        link = response.json["links"]["original"]
        sent = sum(map(len, client.get(link, buffered=False).response))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert sent == 150 * MEBIBYTE
    assert peak < 12 * MEBIBYTE


def test_a_film_over_the_limit(settings, tmp_path):
    client = create_app(Settings(**settings, max_film_bytes=MEBIBYTE)).test_client()
    assert_problem(send(client, Endless(MEBIBYTE + 1)), 413, "film-too-large")
    assert kept_files(tmp_path) == []
    assert_problem(send(client, Endless(150 * MEBIBYTE)), 413, "too-many-bytes")
    assert send(client, Endless(MEBIBYTE)).status_code == 202


def test_a_film_over_the_quota_is_not_even_read(settings, tmp_path):
    client = create_app(Settings(**settings, owner_quota_bytes=MEBIBYTE)).test_client()
    assert_problem(send(client, Endless(2 * MEBIBYTE)), 507, "store-full")
    assert kept_files(tmp_path) == []
    assert send(client, Endless(MEBIBYTE // 2)).status_code == 202


@pytest.mark.parametrize(
    "fields",
    [
        {"saturation": "3"},
        {"format": "png"},
        {"hints": "[{}]"},
        {"hints": '[{"x": 1, "y": 1, "color": "#804020"}]'},
        {"images": "[]"},
        {"image": (io.BytesIO(b"photo"), "a.jpg")},
    ],
)
def test_a_film_with_fields_that_make_no_sense_is_not_kept(client, clip, fields, tmp_path):
    response = start(client, clip, **fields)
    assert response.status_code == 422
    assert kept_files(tmp_path) == []


def test_a_film_that_breaks_off_is_not_kept(client, tmp_path):
    body = Endless(1000)
    body.end = 0
    response = send(client, body)
    assert_problem(response, 400, "malformed-request")
    assert kept_files(tmp_path) == []


def test_two_films_at_once(client, clip, tmp_path):
    files = [(io.BytesIO(clip), "a.mp4"), (io.BytesIO(clip), "b.mp4")]
    assert_problem(client.post(JOBS, data={"film": files}), 400, "several-photos")
    assert kept_files(tmp_path) == []


def test_the_same_key_keeps_one_film_only(client, clip, tmp_path):
    first, again, other = (
        client.post(JOBS, data={"film": (io.BytesIO(film), "a.mp4")}, headers={"Idempotency-Key": "once"})
        for film in (clip, clip, clip + b"more")
    )
    assert first.json["id"] == again.json["id"]
    assert_problem(other, 422, "bad-field")
    assert len(kept_files(tmp_path)) == 1


def test_the_same_key_at_the_same_time_keeps_one_film_only(client, clip, tmp_path, monkeypatch):
    monkeypatch.setattr(JobRecords, "known", lambda *_: None)  # as while the first is noted
    headers = {"Idempotency-Key": "once"}
    first, again = (
        client.post(JOBS, data={"film": (io.BytesIO(clip), "a.mp4")}, headers=headers) for _ in range(2)
    )
    assert first.json["id"] == again.json["id"]
    assert len(kept_files(tmp_path)) == 1


def test_a_correction_is_over_the_same_film_which_goes_with_the_last_job(client, clip, tmp_path):
    first = start(client, clip)
    hints = [{"time": 0.2, "x": 3, "y": 4, "color": "#804020"}]
    second = client.post(JOBS, json={"film": first.json["id"], "hints": hints, "saturation": 1.5})
    assert (second.status_code, second.json["kind"]) == (202, "film")
    third = client.post(JOBS, json={"film": second.json["id"]})
    assert len(kept_files(tmp_path)) == 1
    for job in (second, first):
        assert client.delete(job.location).status_code == 204
        assert client.get(job.location).json["state"] == "cancelled"
    assert client.get(third.json["links"]["original"]).data == clip
    client.delete(third.location)
    assert kept_files(tmp_path) == []
    assert client.get(third.location).json["links"] == {"self": third.location}


@pytest.mark.parametrize(
    ("document", "status", "code"),
    [
        ({"film": "0" * 32}, 404, "no-such-job"),
        ({"film": 7}, 422, "bad-field"),
        ({"film": None, "hints": []}, 422, "bad-field"),
        ([], 422, "bad-field"),
        ("{", 400, "malformed-request"),
    ],
)
def test_a_correction_that_makes_no_sense(client, clip, document, status, code):
    start(client, clip)
    body = {"data": document} if isinstance(document, str) else {"json": document}
    assert_problem(client.post(JOBS, content_type="application/json", **body), status, code)


def test_another_owner_finds_nothing(settings, clip):
    app = create_app(Settings(**settings))
    job = start(app.test_client(), clip).json
    stranger = app.test_client()
    start(stranger, clip)
    for call, address in ((stranger.get, "self"), (stranger.delete, "self"), (stranger.get, "original")):
        assert_problem(call(job["links"][address]), 404, "no-such-job")
    assert_problem(stranger.post(JOBS, json={"film": job["id"]}), 404, "no-such-job")


def test_the_whole_way_with_a_worker(tmp_path, clip):
    office = Office(tmp_path, None)
    office.hire()
    client = create_app(office.settings).test_client()
    try:
        started = start(client, clip)
        *_, job = wait(client, started)
        assert (job["state"], job["problems"]) == ("done", [])
        assert job["progress"] == {"done": 12, "of": 12, "share": 1, "seconds_left": None}
        assert job["film"] == {"name": "wedding.mp4", "width": 96, "height": 64, "seconds": 0.48}
        result = client.get(job["links"]["result"])
        assert (result.mimetype, result.headers["Accept-Ranges"]) == ("video/mp4", "bytes")
        assert result.headers["Content-Disposition"] == 'attachment; filename="wedding-colorized.mp4"'
        (tmp_path / "result.mp4").write_bytes(result.data)
        (tmp_path / "clip.mp4").write_bytes(clip)
        assert times(tmp_path / "result.mp4") == times(tmp_path / "clip.mp4")
        assert client.get(job["links"]["frames"]).mimetype == "image/jpeg"

        hints = [{"time": 0.2, "x": 30, "y": 20, "color": "#802020"}]
        corrected = client.post(JOBS, json={"film": job["id"], "hints": hints})
        *_, second = wait(client, corrected)
        assert second["state"] == "done"
        assert client.get(second["links"]["result"]).data != result.data

        broken = start(client, b"no film at all")
        *_, failed = wait(client, broken)
        assert (failed["state"], [problem["code"] for problem in failed["problems"]]) == (
            "failed",
            ["not-a-film"],
        )
        assert client.delete(started.location).status_code == 204
        assert_problem(client.get(started.location), 404, "no-such-job")
        assert client.get(second["links"]["original"]).data == clip
        for response in (corrected, broken):
            client.delete(response.location)
        assert kept_files(tmp_path) == []
    finally:
        office.close()
