"""/metrics over two real processes, and the counts of one."""

import os
import re
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy
from offices import Office
from processes import is_running
from serving import gray_photo, serve

from colorizer.http.application import create_app
from colorizer.settings import Settings

COLORIZED = r'^colorizer_requests_total.*"/colorize"'


def counts(text):
    """Return {name and labels: value}."""
    lines = [line.rpartition(" ") for line in text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


def total(found, pattern):
    return sum(value for name, value in found.items() if re.search(pattern, name))


def read(server):
    return counts(server.request("GET", "/metrics").body.decode())


def folders():
    return set(Path("/dev/shm").glob("image-colorizer-*"))


def test_all_processes_are_counted_and_nothing_is_left(tmp_path):
    before = folders()
    with serve(tmp_path, COLORIZER_METRICS="1", WEB_CONCURRENCY="2") as server:
        workers = server.wait_for_workers(2)
        for _ in range(20):
            server.colorize(gray_photo())
            server.colorize(b"no photo")
        while total(read(server), COLORIZED) < 40:  # a request is counted just after its answer is sent
            time.sleep(0.05)
        os.kill(workers[0], signal.SIGKILL)
        while workers[0] in server.workers():
            time.sleep(0.05)
        server.wait_for_workers(2)
        found = read(server)
        assert len(folders() - before) == 1
    assert folders() <= before
    assert total(found, COLORIZED + '.*status="200"') == 20
    assert total(found, COLORIZED + '.*status="415"') == 20
    assert total(found, r'^colorizer_stage_seconds_count.*"network"') == 20
    assert total(found, r"^colorizer_places_taken") == 0
    processes = re.findall(r'colorizer_resident_bytes\{pid="(\d+)"\}', "\n".join(found))
    assert str(workers[0]) not in processes
    assert all(found[f'colorizer_resident_bytes{{pid="{pid}"}}'] > 50e6 for pid in processes)


def test_what_a_killed_service_left_goes_at_the_next_start(tmp_path):
    before = folders()
    with serve(tmp_path, COLORIZER_METRICS="1", WEB_CONCURRENCY="1") as server:
        workers = server.wait_for_workers(1)
        server.process.kill()
        while any(map(is_running, workers)):
            time.sleep(0.05)
        assert len(folders() - before) == 1
    with serve(tmp_path, COLORIZER_METRICS="1", WEB_CONCURRENCY="1"):
        assert len(folders() - before) == 1
    assert folders() <= before


@pytest.fixture
def client():
    app = create_app(Settings("colornet", metrics=True, photos_at_once=1, queue=1))
    return app, app.test_client()


def test_places_are_counted_while_they_are_taken(client):
    app, client = client
    slots = app.extensions["colorizer"].slots
    with slots.places.place(), slots.places.place():
        found = counts(client.get("/metrics").text)
        assert found['colorizer_places_taken{kind="coloring"}'] == 1
        assert found['colorizer_places_taken{kind="waiting"}'] == 1
    assert total(counts(client.get("/metrics").text), r"^colorizer_places_taken") == 0


def test_nothing_of_an_address_gets_into_them(client):
    client[1].get("/grandma.jpg").close()
    text = client[1].get("/metrics").text
    assert "grandma" not in text
    assert 'route="(none)"' in text


def test_jobs_are_counted_while_the_database_answers(tmp_path, monkeypatch):
    office = Office(tmp_path, None)
    id = office.submit([gray_photo()])
    client = create_app(replace(office.settings, metrics=True)).test_client()
    first, second = (counts(client.get("/metrics").text) for _ in range(2))
    assert first['colorizer_jobs{state="queued"}'] == 1
    assert 0 < first["colorizer_longest_wait_seconds"] < second["colorizer_longest_wait_seconds"] < 60
    office.records.start(id)
    assert counts(client.get("/metrics").text)["colorizer_longest_wait_seconds"] == 0
    office.close()
    monkeypatch.setattr(sqlalchemy.Engine, "connect", refuse)
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert "colorizer_jobs" not in answer.text


def refuse(*_, **__):
    raise sqlalchemy.exc.OperationalError("connect", {}, OSError())


def test_it_is_off_by_default():
    assert create_app(Settings("colornet")).test_client().get("/metrics").status_code == 404
