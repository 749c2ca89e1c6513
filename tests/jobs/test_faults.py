"""What may go wrong around a job, done to real processes: nothing is lost, and nothing there twice."""

import os
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

import pytest
from databases import postgresql, without
from disks import filled, small_disk
from offices import ANNA, Office
from serving import ROOT, free_port, gray_photo, multipart, running, serve

from colorizer.errors import StoreUnavailable
from colorizer.http.application import create_app
from colorizer.jobs.states import DONE, MAX_ATTEMPTS

PHOTOS = [gray_photo(200 + number, 150, seed=number) for number in range(8)]
BODY, FORM = multipart(*[("image", photo, f"{number}.jpg") for number, photo in enumerate(PHOTOS)])
HELD = PHOTOS[2]
JOBS = 6
WAIT = 60


@contextmanager
def opened(folder, database_url=None, **environ):
    office = Office(folder, database_url, **environ)
    try:
        yield office
    finally:
        office.close()


def begun(office) -> str:
    """Return a job that is under way: a patient worker has it, and waits at its third photo."""
    office.hold(HELD)
    id = office.submit(PHOTOS)
    office.wait(lambda: office.job(id).count(DONE) == PHOTOS.index(HELD))
    return id


def assert_whole(office, id) -> None:
    """Wait for a job, and look whether each of its photos is there once."""
    office.wait_until_finished(id)
    photos = office.job(id).photos
    assert [photo.state for photo in photos] == [DONE] * len(PHOTOS)
    images = [office.store.images.find(ANNA, photo.image) for photo in photos]
    kept = {f"{image.id}/{name}" for image in images for name in ("original", "result", "thumbnail")}
    assert {file.key.rpartition("-")[0] for image in images for file in image.files.values()} == kept


# The service


def start_job(server) -> dict[str, str]:
    """Start a job of PHOTOS; returns its address, and the cookie of its owner."""
    started = server.request("POST", "/api/v1/jobs", BODY, Content_Type=FORM)
    assert started.status == 202
    return {"path": started.headers["Location"], "Cookie": started.headers["Set-Cookie"].partition(";")[0]}


def wait_for_job(server, condition, job) -> dict:
    """Return what is said of a job as soon as a condition holds."""
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        with suppress(OSError):  # nobody may be there at this moment
            if condition(found := server.request("GET", **job).json):
                return found
        time.sleep(0.05)
    raise AssertionError(server.log)


def is_under_way(job) -> bool:
    return job["progress"]["done"] >= 2


def is_done(job) -> bool:
    return job["state"] == "done"


def test_the_web_processes_are_killed(tmp_path):
    with opened(tmp_path) as office, serve(tmp_path, **office.environ, WEB_CONCURRENCY="2") as server:
        office.hire_patient()
        office.hold(HELD)
        job = start_job(server)
        wait_for_job(server, is_under_way, job)
        killed = server.wait_for_workers(2)
        for process in killed:
            os.kill(process, signal.SIGKILL)
        office.let_go()
        done = wait_for_job(server, is_done, job)
        assert done["progress"]["done"] == len(PHOTOS)
        assert done["problems"] == []
        assert not set(server.workers()) & set(killed)


@pytest.mark.parametrize(("moment", "jobs"), [("noting", 0), ("answering", 1)])
def test_a_web_process_is_killed_while_it_starts_a_job(tmp_path, moment, jobs):
    with opened(tmp_path) as office:
        office.hire()
        line = [sys.executable, Path(__file__).parent / "mortal_service.py", moment]
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{ROOT}:{ROOT}/tests", **office.environ}
        assert subprocess.run(line, env=environ, check=False).returncode == -signal.SIGKILL
        assert sum(office.records.count_states().values()) == jobs
        office.wait(lambda: office.records.count_states()["finished"] == jobs)
        office.wait(lambda: office.queue.taken() == {})


@contextmanager
def alone_in_session(folder, environ):
    """The service as `make run` starts it, with all that belongs to it in a session of its own."""
    port = free_port()
    line = [sys.executable, "-m", "colorizer", "serve", "--port", str(port)]
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            line, cwd=ROOT, env=environ, stdout=log, stderr=log, start_new_session=True
        )
    with running(process, port, folder / "server.log") as server:
        yield server


def test_everything_is_killed_and_started_again(tmp_path):
    with opened(tmp_path) as office:
        environ = {"PATH": os.environ["PATH"], **office.environ}
        with alone_in_session(tmp_path, environ) as server:
            job = start_job(server)
            wait_for_job(server, is_under_way, job)
            os.killpg(server.process.pid, signal.SIGKILL)
            server.process.wait()
        with alone_in_session(tmp_path, environ) as server:
            done = wait_for_job(server, is_done, job)
        assert done["problems"] == []
        photos = office.records.find(None, done["id"]).photos
        assert [photo.state for photo in photos] == [DONE] * len(PHOTOS)


def test_two_web_and_two_worker_processes_on_one_sqlite_file(tmp_path):
    with opened(tmp_path) as office, serve(tmp_path, **office.environ, WEB_CONCURRENCY="2") as server:
        server.wait_for_workers(2)
        office.hire()
        office.hire()
        with ThreadPoolExecutor(8) as pool:
            jobs = list(pool.map(start_job, [server] * JOBS))
            done = list(pool.map(partial(wait_for_job, server, is_done), jobs))
        photos = [photo for job in done for photo in office.records.find(None, job["id"]).photos]
        assert len({photo.image for photo in photos}) == len(photos) == JOBS * len(PHOTOS)
        assert {photo.state for photo in photos} == {DONE}
        assert "Internal error" not in server.log


# The disk, the store and the database


@pytest.mark.parametrize("what", ["store", "database"])
def test_a_full_disk(tmp_path, what):
    disk = tmp_path / {"store": "kept", "database": "rows"}[what]
    url = f"sqlite:///{disk if what == 'database' else tmp_path}/rows.sqlite"
    with small_disk(disk, 8), opened(tmp_path, url) as office:
        office.hire_patient()
        id = begun(office)
        log = tmp_path / "worker-0.log"
        with filled(disk):
            client = create_app(office.settings).test_client()
            refused = client.post("/api/v1/images", data=gray_photo(), content_type="image/jpeg")
            assert (refused.status_code, refused.json["code"]) == (503, "store-unavailable")
            office.let_go()
            office.wait(lambda: log.read_text().count(f"Job {id} waits") > MAX_ATTEMPTS)
        assert_whole(office, id)
        assert client.post("/api/v1/images", data=gray_photo(), content_type="image/jpeg").status_code == 201


def test_a_database_that_is_started_again(tmp_path):
    with (
        tempfile.TemporaryDirectory(prefix="pg") as folder,
        postgresql(Path(folder)) as url,
        opened(tmp_path, url) as office,
    ):
        office.hire_patient()
        office.hire_patient()
        id = begun(office)
        with without(url):
            for call in (lambda: office.submit(PHOTOS), lambda: office.queue.place(id)):
                with pytest.raises(StoreUnavailable):
                    call()
            office.let_go()
            time.sleep(4)  # all workers look after the queue meanwhile, and fail
        assert_whole(office, id)
        both = [begun(office), begun(office)]
        office.workers[0].kill()  # the other one has its lock anew, and finds the dead one's free
        office.let_go()
        for id in both:
            assert_whole(office, id)
