"""Real workers on real databases, killed without a word: every photo is in the result just once."""

import signal
from pathlib import Path

import pytest
from offices import ANNA
from serving import gray_photo

from colorizer.errors import NoSuchJob
from colorizer.jobs.states import DONE, FAILED, MAX_ATTEMPTS

TAKE_OVER_SECONDS = 30


def results(office, id):
    """The files of a job's images, by name; every image of the store belongs to it."""
    owner = office.job(id).owner
    found = [office.store.images.find(ANNA, photo.image) for photo in office.job(id).photos]
    assert owner == ANNA.name
    return [sorted(image.files) for image in found]


def test_a_job_is_done(office, many_photos):
    office.hire()
    id = office.submit(many_photos[:3])
    office.wait_until_finished(id)
    job = office.job(id)
    assert [photo.state for photo in job.photos] == [DONE] * 3
    assert job.created <= job.started <= job.finished
    image = office.store.images.find(ANNA, job.photos[0].image)
    assert image.facts["strategy"] == "colornet"
    assert office.store.images.read(image.files["result"]).startswith(b"\xff\xd8\xff")


def test_what_fails_has_its_reason_and_stops_nobody(office, many_photos):
    office.hire()
    id = office.submit([many_photos[0], b"no photo at all", many_photos[1][:300], many_photos[2]])
    office.wait_until_finished(id)
    assert [photo.state for photo in office.job(id).photos] == [DONE, FAILED, FAILED, DONE]
    codes = [photo.problem and photo.problem["code"] for photo in office.job(id).photos]
    assert codes == [None, "not-a-photo", "damaged-photo", None]


def goes_on(office, *ids):
    """Wait until each job has a photo more than now, or all."""
    before = {id: office.job(id).count(DONE) for id in ids}
    office.wait(
        lambda: all(job.finished or job.count(DONE) > before[job.id] for job in map(office.job, ids)),
        TAKE_OVER_SECONDS,
    )


def test_another_worker_goes_on_when_one_is_killed(office, many_photos):
    office.hold(many_photos[3])
    patient = office.hire_patient()
    ids = [office.submit(many_photos)]
    office.wait(lambda: office.job(ids[0]).count(DONE) == 3)
    office.hire()
    ids.append(office.submit(many_photos))
    office.wait(lambda: office.job(ids[1]).count(DONE) > 0)
    patient.kill()
    goes_on(office, *ids)
    office.wait_until_finished(*ids)
    for id in ids:
        assert [photo.state for photo in office.job(id).photos] == [DONE] * len(many_photos)
        assert results(office, id) == [["original", "result", "thumbnail"]] * len(many_photos)
    office.store.images.remove(ANNA)  # what the dead worker had half done goes with its image
    assert [path for path in (office.folder / "kept").glob("*/*-*") if path.is_file()] == []


def test_all_workers_are_killed_and_one_starts_again(office, many_photos):
    office.hold(many_photos[3])
    office.hire_patient()
    office.hire_patient()
    id = office.submit(many_photos)
    office.wait(lambda: office.job(id).count(DONE) == 3)
    for worker in office.workers:
        worker.kill()
        worker.wait()
    office.hire()
    goes_on(office, id)
    office.wait_until_finished(id)
    assert office.job(id).count(DONE) == len(many_photos)


def test_a_worker_that_is_told_to_stop_gives_its_job_back(office, many_photos):
    office.hold(many_photos[3])
    worker = office.hire_patient()
    id = office.submit(many_photos)
    office.wait(lambda: office.job(id).count(DONE) == 3)
    worker.send_signal(signal.SIGTERM)
    office.let_go()
    assert worker.wait(30) == 0
    assert office.job(id).finished is None
    assert office.queue.taken() == {}
    office.hire()
    office.wait_until_finished(id)
    assert office.job(id).count(DONE) == len(many_photos)


def test_a_cancelled_job_ends_before_its_next_photo(office, many_photos):
    office.hold(many_photos[3])
    office.hire_patient()
    id = office.submit(many_photos)
    after = office.submit(many_photos[:1])
    office.wait(lambda: office.job(id).count(DONE) == 3)
    office.records.cancel(ANNA, id)
    office.let_go()
    office.wait_until_finished(after)
    assert office.job(id).count(DONE) < len(many_photos)
    assert office.job(id).finished is None


@pytest.mark.parametrize("office", ["sqlite"], indirect=True)
def test_a_photo_that_ends_its_process_is_given_up_and_stops_nobody(office, many_photos):
    deadly = gray_photo(64, 48)
    (office.folder / "deadly.jpg").write_bytes(deadly)
    id = office.submit([many_photos[0], deadly, many_photos[1]])
    for _ in range(MAX_ATTEMPTS):
        worker = office.hire(
            str(Path(__file__).parent / "mortal_worker.py"), str(office.folder / "deadly.jpg")
        )
        assert worker.wait(60) == -signal.SIGKILL
    office.hire(str(Path(__file__).parent / "mortal_worker.py"), str(office.folder / "deadly.jpg"))
    office.wait_until_finished(id)
    assert [photo.state for photo in office.job(id).photos] == [DONE, FAILED, DONE]
    assert "ended our process" in office.job(id).photos[1].problem["detail"]


BUSY_SWEEPER = """
from colorizer.cli import main
from colorizer.commands import worker
worker.SWEEP_SECONDS = 0.2
main(["worker"])
"""


@pytest.mark.parametrize("office", ["sqlite"], indirect=True)
def test_what_has_expired_goes_with_its_jobs_and_nothing_else_does(office, many_photos):
    office.hire("-c", BUSY_SWEEPER)
    old, young = office.submit(many_photos[:2]), office.submit(many_photos[2:3])
    office.wait_until_finished(old, young)
    (kept,) = [photo.image for photo in office.job(young).photos]
    with office.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE colorizer_images SET expires = 1 WHERE id <> ?", (kept,))
        connection.exec_driver_sql("UPDATE colorizer_jobs SET expires = 1 WHERE id = ?", (old,))
        connection.exec_driver_sql(
            "UPDATE workflow_status SET created_at = 1 WHERE workflow_uuid = ?", (old,)
        )
    office.wait(lambda: {path.parent.name for path in (office.folder / "kept").glob("*/*-*")} == {kept})
    with pytest.raises(NoSuchJob):
        office.job(old)
    assert results(office, young) == [["original", "result", "thumbnail"]]
    for ids in ("job FROM colorizer_job_photos", "workflow_uuid FROM workflow_status"):
        office.wait(lambda ids=ids: all_of(office, ids) == [young])


def all_of(office, ids):
    with office.store.engine.connect() as connection:
        return connection.exec_driver_sql(f"SELECT DISTINCT {ids}").scalars().all()
