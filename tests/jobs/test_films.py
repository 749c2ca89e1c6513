"""Films in the hands of real workers, which are killed, stopped and cheated."""

import io
import os
import signal
from pathlib import Path

import pytest
from buckets import bucket, s3_server
from films import Clip, encrypted, sound_only, times, video_stream_bytes
from offices import ANNA, Office
from PIL import Image
from processes import children_of, is_running
from serving import gray_photo

from colorizer.commands.worker import POLITENESS
from colorizer.errors import NoSuchImage
from colorizer.jobs.states import DONE, FAILED, MAX_ATTEMPTS
from colorizer.video import coloring

__all__ = ["bucket", "s3_server"]

FRAMES = 100
PIECE_FRAMES = 40  # of a patient film
DEADLY = "import os; os.kill(os.getpid(), 9)"


@pytest.fixture(scope="session")
def clips(tmp_path_factory):
    folder = tmp_path_factory.mktemp("clips")
    return {frames: Clip(64, 48, frames=frames).write(folder / f"{frames}.mp4") for frames in (12, FRAMES)}


@pytest.fixture
def sqlite_office(tmp_path):
    office = Office(tmp_path, None)
    yield office
    office.close()


def read(office, id, name, path):
    path.write_bytes(office.store.images.read(office.kept_film(id).files[name]))
    return path


def pieces(office, id):
    return sorted(name for name in office.kept_film(id).files if name.startswith("piece-"))


def test_a_film_is_colored_and_kept_with_its_first_frames(office, clips):
    office.hire()
    id = office.submit_film(clips[12].read_bytes(), saturation=1.2, warmth=0.5)
    office.wait_until_finished(id)
    job, film = office.job(id), office.kept_film(id)
    assert (job.film.state, job.film.frames, job.film.frames_in_all) == (DONE, 12, 12)
    assert job.film.problems == ()
    assert sorted(film.files) == [f"frames-{id}", "original", *pieces(office, id), "result"]
    facts = {"width": 64, "height": 48, "suffix": ".mp4", "result_type": "video/mp4"}
    assert facts.items() <= film.facts.items()
    assert times(read(office, id, "result", office.folder / "result.mp4")) == times(clips[12])
    with Image.open(io.BytesIO(office.store.images.read(film.files[f"frames-{id}"]))) as sheet:
        assert sheet.format == "JPEG"
        assert sheet.width > 4 * 64


def hire(office, statement):
    """Start a worker whose films' processes begin with a statement."""
    return office.hire(str(Path(__file__).parent / "film_worker.py"), statement)


def hire_patient(office):
    """Start a worker whose films have short pieces, and wait after each while the office holds them."""
    return hire(office, f"import patient_film; patient_film.wait_while({str(office.held)!r})")


def begun(office, film, **facts):
    """Return a worker, its job over a film and the film's process, which waits with its first piece kept."""
    office.hold()
    worker = hire_patient(office)
    id = office.submit_film(film.read_bytes(), **facts)
    office.wait(lambda: pieces(office, id), 120)
    (child,) = children_of(worker.pid)
    return worker, id, child


def test_a_worker_is_killed_and_another_goes_on_after_the_last_piece(sqlite_office, clips, monkeypatch):
    office = sqlite_office
    worker, id, child = begun(office, clips[FRAMES], name="wedding-1938.mp4")
    kept = pieces(office, id)
    worker.kill()
    worker.wait()
    office.wait(lambda: not is_running(child))
    office.let_go()
    hire_patient(office)
    office.wait_until_finished(id)
    assert office.job(id).film.frames == FRAMES
    assert pieces(office, id)[:2] == kept
    result = read(office, id, "result", office.folder / "result.mp4")
    monkeypatch.setattr(coloring, "PIECE_FRAMES", PIECE_FRAMES)
    coloring.colorize_video(clips[FRAMES], office.folder / "unbroken.mp4")
    assert video_stream_bytes(result) == video_stream_bytes(office.folder / "unbroken.mp4")
    assert not any("wedding" in log.read_text() for log in office.folder.glob("*.log"))

    hints = [{"time": 0.1, "x": 30, "y": 20, "color": "#802020"}]
    again = office.submit_again(office.job(id).film.film, hints=hints)
    office.wait_until_finished(again)
    corrected = pieces(office, again)
    assert corrected != kept
    assert len(corrected) == 2 * -(-FRAMES // PIECE_FRAMES)  # those of before are gone
    assert video_stream_bytes(read(office, again, "result", result)) != video_stream_bytes(
        office.folder / "unbroken.mp4"
    )


def test_a_film_gives_way_to_photos_and_a_worker_to_the_service(sqlite_office, clips):
    worker, _, child = begun(sqlite_office, clips[FRAMES])
    own, *others = (os.getpriority(os.PRIO_PROCESS, pid) for pid in (0, worker.pid, child))
    assert others == [min(own + POLITENESS, 19), 19]


def test_a_film_is_cancelled_and_its_process_and_files_go(sqlite_office, clips, tmp_path_factory):
    office = sqlite_office
    office.environ["TMPDIR"] = str(tmp_path_factory.mktemp("tmp"))
    worker, id, _ = begun(office, clips[FRAMES])
    office.records.cancel(ANNA, id)
    office.wait(lambda: not children_of(worker.pid), 20)
    office.wait(lambda: os.listdir(office.environ["TMPDIR"]) == [])
    assert office.job(id).finished is None


def test_a_film_that_is_deleted_ends_its_job(sqlite_office, clips):
    office = sqlite_office
    worker, id, _ = begun(office, clips[FRAMES])
    office.store.images.remove(ANNA)
    office.let_go()
    office.wait_until_finished(id)
    assert not children_of(worker.pid)
    assert [problem["code"] for problem in office.job(id).film.problems] == ["no-such-image"]
    with pytest.raises(NoSuchImage):
        office.kept_film(id)
    assert [path for path in (office.folder / "kept").glob("*/*-*") if path.is_file()] == []


def test_a_worker_that_is_told_to_stop_gives_its_film_back(sqlite_office, clips):
    office = sqlite_office
    worker, id, _ = begun(office, clips[FRAMES])
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    assert office.queue.taken() == {}
    office.let_go()
    office.hire()
    office.wait_until_finished(id)
    assert office.job(id).film.state == DONE


def test_a_film_that_ends_its_process_fails_and_stops_nobody(sqlite_office, clips):
    office = sqlite_office
    hire(office, DEADLY)
    id = office.submit_film(clips[12].read_bytes())
    after = office.submit_film(clips[12].read_bytes())
    office.wait_until_finished(id, after)
    assert office.job(id).film.state == FAILED
    assert "ended our process" in office.job(id).film.problems[0]["detail"]


def test_a_film_whose_process_ends_now_and_then_is_done_while_pieces_come(sqlite_office, clips):
    office = sqlite_office
    hire(office, "import patient_film; patient_film.die_each_time()")
    id = office.submit_film(clips[12].read_bytes())
    office.wait_until_finished(id)
    assert office.job(id).film.state == DONE
    assert len(pieces(office, id)) > 2 * MAX_ATTEMPTS


def test_photos_do_not_wait_for_a_film(sqlite_office, clips):
    office = sqlite_office
    hire(office, "sys.stdin.read()")  # until the worker is gone
    film = office.submit_film(clips[12].read_bytes())
    office.wait(lambda: children_of(office.workers[0].pid))
    id = office.submit([gray_photo()])
    office.wait_until_finished(id)
    assert office.job(film).finished is None


def test_what_cannot_be_colored_is_one_sentence(tmp_path, clips):
    office = Office(tmp_path, None, COLORIZER_MAX_VIDEO_SECONDS="3")
    hdr = {"colorspace": 9, "color_primaries": 9, "color_trc": 16}
    films = {
        "not-a-film": b"Dear Anna, " * 500,
        "not-a-film ": sound_only(tmp_path / "song.mp4").read_bytes(),
        "not-a-film  ": f"#EXTM3U\n#EXTINF:1,\nfile://{clips[12]}\n#EXT-X-ENDLIST\n".encode(),
        "film-too-long": clips[FRAMES].read_bytes(),
        "unsupported-film ": encrypted(tmp_path / "drm.mp4").read_bytes(),
        "unsupported-film": Clip(format="yuv420p10le", context=hdr).write(tmp_path / "hdr.mp4").read_bytes(),
    }
    try:
        office.hire()
        ids = {office.submit_film(film, name="secret.mp4"): code.strip() for code, film in films.items()}
        office.wait_until_finished(*ids)
        problems = {id: office.job(id).film.problems for id in ids}
        assert {id: [problem["code"] for problem in told] for id, told in problems.items()} == {
            id: [code] for id, code in ids.items()
        }
        assert all("\n" not in told[0]["detail"] for told in problems.values())
        log = (tmp_path / "worker-0.log").read_text()
        assert "Traceback" not in log
        assert "secret" not in log
    finally:
        office.close()


def test_a_film_in_a_bucket_and_one_without_room_for_its_result(tmp_path, bucket, clips):
    environ = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    office = Office(tmp_path, f"sqlite:///{tmp_path}/a.sqlite", COLORIZER_STORE_URL=bucket, **environ)
    film = clips[12].read_bytes()
    try:
        office.hire()
        id, narrow = office.submit_film(film), office.submit_film(film, quota=3 * len(film))
        office.wait_until_finished(id, narrow)
        assert times(read(office, id, "result", tmp_path / "result.mp4")) == times(clips[12])
        assert [problem["code"] for problem in office.job(narrow).film.problems] == ["store-full"]
    finally:
        office.close()
