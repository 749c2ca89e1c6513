"""Buckets as places: the same promises as folders, and a store that fails for a while."""

import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread

import boto3
import pytest
from buckets import s3_at, set_variables
from machines import eventually, results_in, run, start
from photos import encode, gray_scene

from colorizer.album.manifest import Manifest
from colorizer.album.places import DISK
from colorizer.album.plan import Plan, Target
from colorizer.album.recipe import Recipe
from colorizer.album.tasks import color_file
from colorizer.archive.bucket import RETRIES, Bucket
from colorizer.archive.cluster import cluster, colorize_on
from colorizer.errors import PhotoError, StoreGone, StoreUnavailable, TooManyBytes
from colorizer.photo.limits import Limits
from colorizer.process import children

PHOTO = encode(gray_scene(), "JPEG")


@pytest.fixture(params=["folder", "bucket"])
def place(request, tmp_path, monkeypatch):
    if request.param == "bucket":
        request.getfixturevalue("bucket")
        return Bucket("photos")
    monkeypatch.chdir(tmp_path)
    return DISK


def test_a_place_gives_back_what_was_written(place):
    path = Path("kept/one two/ä.jpg")
    assert (place.stamp(path), place.stamps(path.parent)) == (None, {})
    stamps = []
    for data in (b"first", b"other"):
        stamps.append(place.write(path, data))
        assert place.read(path) == data
        assert (place.stamp(path), place.stamps(path.parent)) == (stamps[-1], {path.name: stamps[-1]})
    assert stamps[0] != stamps[1]
    with pytest.raises(TooManyBytes):
        place.read(path, Limits(max_bytes=4))
    with pytest.raises(PhotoError):
        place.read(Path("kept/other.jpg"))


def test_a_file_is_replaced_only_by_who_knows_the_one_that_is_there(place):
    path = Path("kept/manifest")
    first = place.replace(path, b"first", None)
    assert place.replace(path, b"too late", None) is None
    second = place.replace(path, b"second", first)
    assert place.replace(path, b"too late", first) is None
    assert (place.read(path), place.stamp(path)) == (b"second", second)


def test_a_place_lists_photos_folders_and_how_many_others(place):
    for name in ("b.jpg", "a.png", "note.txt", ".hidden.jpg", "sub/c.jpg"):
        place.write(Path("kept") / name, b"x")
    listing = place.list(Path("kept"))
    assert (listing.photos, listing.others) == (["a.png", "b.jpg"], 1)
    assert listing.subfolders == [Path("kept/sub")]


def test_a_bucket_is_colored_into_a_bucket_as_a_folder_is(bucket):
    place = Bucket("photos")
    for name in ("a.jpg", "a.png", "deep/b.jpg"):
        place.write(Path("kept") / name, PHOTO + name.encode())
    place.write(Path("kept/bad.jpg"), b"no photo")
    status, _, err = run(bucket, "--output", f"{bucket}/in-colour", "--jobs", "1")
    assert (status, "3 colorized, 0 done before, 1 failed" in err) == (1, True), err
    assert place.list(Path("kept/in-colour")).photos == ["a-jpg-colorized.jpg", "a-png-colorized.jpg"]
    assert place.list(Path("kept/in-colour/deep")).photos == ["b-colorized.jpg"]
    assert b'kept/bad.jpg,"This is no picture' in place.read(Path("kept/in-colour/failures.csv"))
    status, _, err = run(bucket, "--output", f"{bucket}/in-colour", "--jobs", "1")
    assert (status, "0 colorized, 3 done before, 1 failed" in err) == (1, True), err


def test_a_bucket_that_is_done_is_listed_and_not_read(bucket, monkeypatch):
    place, reads = Bucket("photos"), []
    place.write(Path("kept/a.jpg"), PHOTO)
    recipe = Recipe(("colornet",), source=place, target=place)
    plan = Plan([Path("kept")], Target(folder=Path("out"), place=place), True, [], place)
    for done in ([], ["done before"]):
        with Manifest(recipe, Path("out/manifest.sqlite")) as manifest:
            monkeypatch.setattr(Bucket, "read", lambda *arguments: reads.append(arguments))
            assert [outcome.state for outcome in manifest.done(plan)] == done
            monkeypatch.undo()
            made = [*manifest.noted(color_file(recipe, job) for job in manifest.due(plan))]
        assert len(made) + len(done) == 1
    assert reads == []


def test_a_store_that_fails_for_a_while_is_waited_for(archive, monkeypatch):
    with s3_at() as url:
        set_variables(monkeypatch, url)
        boto3.client("s3", endpoint_url=url, region_name="us-east-1").create_bucket(Bucket="slow")
        process = start(archive / "in", "--output", "s3://slow/out", "--jobs", "2")
        eventually(lambda: Bucket("slow").list(Path("out/box 0")).photos, "nothing was coloured")
    time.sleep(2)
    with s3_at(int(url.rpartition(":")[2])):
        _, err = process.communicate(timeout=180)
        assert (process.returncode, "48 colorized" in err) == (0, True), err
        found = [name for box in range(3) for name in Bucket("slow").list(Path(f"out/box {box}")).photos]
        assert len(found) == 48


class Moody(BaseHTTPRequestHandler):
    """A store that refuses some requests, or leaves them without an answer, before it gives an object."""

    REFUSALS = 5
    asked: list[float]
    mood: str

    def do_GET(self) -> None:
        self.asked.append(time.monotonic())
        if len(self.asked) > self.REFUSALS:
            self._answer(200, b"photo")
        elif self.mood == "refuses":
            self._answer(503, b"")
        else:
            time.sleep(0.5)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("ETag", '"1"')
        self.send_header("Last-Modified", "Fri, 27 Nov 2026 08:00:00 GMT")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        pass


@pytest.mark.parametrize(("mood", "patience"), [("refuses", "30s"), ("is-silent", "300ms")])
def test_a_store_that_does_not_answer_is_asked_again_after_growing_waits(mood, patience, monkeypatch):
    store = type("Store", (Moody,), {"asked": [], "mood": mood})
    with ThreadingHTTPServer(("127.0.0.1", 0), store) as server:
        Thread(target=server.serve_forever).start()
        set_variables(monkeypatch, f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("AWS_TIMEOUT", patience)
        assert Bucket(mood).read(Path("photo")) == b"photo"
        server.shutdown()
    waits = [later - earlier for earlier, later in pairwise(store.asked)]
    assert len(waits) >= Moody.REFUSALS
    assert min(waits) >= RETRIES["backoff"]["init_backoff"].total_seconds()
    assert max(waits) > 1.1 * waits[0]  # each is drawn, from the first one's up to twice the last


IMPATIENT = "import colorizer.archive.bucket as bucket; bucket.RETRIES['max_retries'] = 2; from"


def test_a_store_that_stays_away_ends_the_run_at_the_first_photo(archive, monkeypatch):
    monkeypatch.setattr(children, "START", children.START.replace("from", IMPATIENT, 1))
    with s3_at() as url:
        set_variables(monkeypatch, url)
    target = Target(folder=Path("out"), place=Bucket("gone"))
    recipe = Recipe(("colornet",), target=target.place)
    plan = Plan([archive / "in"], target, True, [])
    with cluster(None, 1, 60.0, recipe) as client:
        (outcome,) = colorize_on(client, recipe, plan)
    assert (outcome.state, outcome.fatal) == ("failed", True)
    assert "The bucket gone has not answered for as long as we wait." in outcome.problem


def test_a_store_that_was_waited_for_in_vain_is_asked_but_once_until_it_answers(monkeypatch):
    monkeypatch.setitem(RETRIES, "max_retries", 2)
    store = type("Store", (Moody,), {"asked": [], "mood": "refuses"})
    with ThreadingHTTPServer(("127.0.0.1", 0), store) as server:
        Thread(target=server.serve_forever).start()
        set_variables(monkeypatch, f"http://127.0.0.1:{server.server_port}")
        asked = []
        for _ in range(3):  # 2 retries, and 5 refusals in all
            with pytest.raises(StoreGone):
                Bucket("away").read(Path("photo"))
            asked.append(len(store.asked))
        assert Bucket("away").read(Path("photo")) == b"photo"
        store.asked.clear()
        with pytest.raises(StoreGone):
            Bucket("away").read(Path("photo"))
        server.shutdown()
    assert (asked, len(store.asked)) == ([3, 4, 5], 3)


def test_a_store_that_is_not_there_is_told_in_one_line(bucket, tmp_path):
    with pytest.raises(StoreUnavailable, match="The bucket nobodys does not answer"):
        Bucket("nobodys").list(Path("kept"))
    status, _, err = run("s3://nobodys/kept", "--output", tmp_path)
    assert (status, err.count("\n")) == (1, 1)
    assert results_in(tmp_path) == []
