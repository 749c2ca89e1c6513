"""The archive command on machines that die. Whatever happens: each photo once, whole, and told of."""

import os
import pickle
import re
import shutil
import signal
import time
from itertools import islice
from pathlib import Path

import pytest
from machines import eventually, kill, results_in, run, start
from processes import children_of

from colorizer import __version__
from colorizer.album.plan import Plan, Target
from colorizer.album.recipe import Recipe
from colorizer.album.result_names import Job
from colorizer.album.run import colorize_folder
from colorizer.album.tasks import color_file
from colorizer.archive import cluster as archive_cluster
from colorizer.archive.chunk import software
from colorizer.archive.cluster import CHUNK, _Waiting, cluster, colorize_on
from colorizer.errors import ClusterError
from colorizer.process.files import PART_PREFIX, PART_SUFFIX

ROOT = Path(__file__).parents[2]
RECIPE = Recipe(("colornet",))
NAMES = sorted(f"box {number % 3}/{number}-colorized.jpg" for number in range(48))


@pytest.fixture
def program(tmp_path_factory) -> Path:
    """A copy of the program, which a machine of the cluster may have."""
    folder = tmp_path_factory.mktemp("program")
    for name in ("colorizer", "models"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def assert_complete(out: Path) -> None:
    assert results_in(out) == NAMES
    assert {outcome.state for outcome in colorize_folder(out.parent / "in", out, recursive=True)} == {
        "done before"
    }


def begun(archive: Path, *options: str):
    """Start the command, and return it once it has coloured something."""
    process = start(archive / "in", "--output", archive / "out", *options)
    eventually(lambda: results_in(archive / "out"), "nothing was coloured")
    return process


def test_on_this_machine_it_does_what_the_folder_command_does(archive):
    (archive / "in" / "bad.jpg").write_bytes(b"no photo")
    status, out, err = run(archive / "in", "--output", archive / "out", "--jobs", "2")
    assert (status, len(out.splitlines())) == (1, 48)
    assert "48 colorized, 0 done before, 1 failed" in err
    assert re.search("Watch the work at http://127.0.0.1:", err)
    table = (archive / "out" / "failures.csv").read_text().splitlines()
    assert table[0] == "photo,problem"
    assert table[1].startswith(f"{archive}/in/bad.jpg,")
    (archive / "in" / "bad.jpg").unlink()
    assert_complete(archive / "out")
    status, out, err = run(archive / "in", "--output", archive / "out", "--jobs", "1", "--quiet")
    assert (status, out, err) == (0, "", "")


def test_a_sample_is_colored_and_reported(archive):
    options = ["--sample", "5", "--report", str(archive / "report.html"), "--jobs", "1"]
    status, _, err = run(archive / "in", "--output", archive / "out", *options)
    assert (status, len(results_in(archive / "out"))) == (0, 5), err
    assert "5 colorized, 0 done before, 0 failed" in err
    page = (archive / "report.html").read_text()
    assert page.count("<figure>") == page.count("data:image/jpeg;base64,") == 5


def test_workers_may_die_one_after_the_other(archive, machines, let_go):
    for _ in range(3):
        machines.start_worker()
    process = begun(archive, "--cluster", machines.address)
    for worker, box in zip(machines.workers[:2], ("box 1", "box 2"), strict=True):
        kill(worker)
        done = len(results_in(archive / "out"))
        let_go(box)
        eventually(lambda done=done: len(results_in(archive / "out")) > done, "the others stopped too")
    _, err = process.communicate(timeout=180)
    assert process.returncode == 0, err
    assert re.search(r"(\d+) colorized, (\d+) done before, 0 failed", err)
    assert_complete(archive / "out")


def test_all_workers_may_die_and_new_ones_are_waited_for(archive, machines, let_go):
    worker = machines.start_worker()
    process = begun(archive, "--cluster", machines.address)
    kill(worker)
    assert any("has no workers any more. New ones are waited for" in line for line in process.stderr)
    let_go()
    machines.start_worker()
    _, err = process.communicate(timeout=180)
    assert (process.returncode, " 0 failed" in err) == (0, True), err
    assert_complete(archive / "out")


def test_workers_that_do_not_come_again_are_waited_for_only_so_long(archive, machines, let_go, monkeypatch):
    monkeypatch.setattr(archive_cluster, "ASKING_SECONDS", 0.2)
    monkeypatch.setattr(archive_cluster, "DESERTED_SECONDS", 1.2)
    worker = machines.start_worker()
    plan = Plan([archive / "in"], Target(folder=archive / "out"), True, [])
    with cluster(machines.address, 1, 60.0, RECIPE) as client:
        outcomes = colorize_on(client, RECIPE, plan)
        assert next(outcomes).state == "colorized"
        kill(worker)
        with pytest.raises(ClusterError, match=r"has had no workers for 0\.02 minutes\. Start some"):
            list(outcomes)


def test_a_chunk_that_kills_whoever_takes_it_is_given_up(archive, machines, program, monkeypatch):
    kill(machines.scheduler)
    monkeypatch.setenv("DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES", "0")
    monkeypatch.setattr(archive_cluster, "MOST_SENDINGS", 2)
    machines.start_scheduler()
    with (program / "colorizer" / "archive" / "chunk.py").open("a") as module:
        module.write("\ndef color_chunk(*_):\n    import os\n    os.kill(os.getpid(), 9)\n")
    for _ in range(2):
        machines.start_worker(program)
    plan = Plan([archive / "in" / "box 0" / "0.jpg"], Target(folder=archive / "out"), True, [])
    with cluster(machines.address, 1, 60.0, RECIPE) as client:
        (outcome,) = colorize_on(client, RECIPE, plan)
    assert (outcome.state, outcome.problem) == ("failed", archive_cluster.KILLED)


def test_the_scheduler_may_die_and_with_a_new_one_the_command_goes_on(archive, machines, let_go):
    machines.start_worker()
    process = begun(archive, "--cluster", machines.address)
    kill(machines.scheduler)
    _, err = process.communicate(timeout=180)
    assert (process.returncode, "The cluster's scheduler is gone." in err) == (1, True), err
    let_go()
    machines.start_scheduler()
    machines.start_worker()
    status, _, err = run(archive / "in", "--output", archive / "out", "--cluster", machines.address)
    assert status == 0, err
    assert_complete(archive / "out")


def test_the_client_may_die_and_started_again_it_goes_on(archive, machines, let_go):
    machines.start_worker()
    kill(begun(archive, "--cluster", machines.address))
    done = len(results_in(archive / "out"))
    part = archive / "out" / "box 0" / f"{PART_PREFIX}killed{PART_SUFFIX}"
    part.write_bytes(b"half a photo")
    let_go()
    status, _, err = run(archive / "in", "--output", archive / "out", "--cluster", machines.address)
    assert status == 0, err
    assert int(re.search(r"(\d+) done before", err)[1]) >= done > 0
    assert not part.exists()
    assert_complete(archive / "out")


def test_ctrl_c_ends_it_after_the_photos_under_way(archive, let_go):
    process = begun(archive, "--jobs", "2")
    process.send_signal(signal.SIGINT)
    time.sleep(1)  # so that it has heard of it
    let_go()
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err.splitlines()[-1].endswith("goes on where this one stopped.")) == (
        130,
        True,
    )
    assert 0 < len(results_in(archive / "out")) < 48
    assert not [*(archive / "out").rglob(f"{PART_PREFIX}*")]
    status, _, err = run(archive / "in", "--output", archive / "out", "--jobs", "2")
    assert status == 0, err
    assert_complete(archive / "out")


def test_a_photo_that_kills_its_process_is_one_failure(archive, machines, let_go):
    worker = machines.start_worker()
    process = begun(archive, "--cluster", machines.address)
    os.kill(children_of(worker.pid)[0], signal.SIGKILL)
    let_go()
    _, err = process.communicate(timeout=180)
    assert process.returncode == 1
    (victim,) = re.findall(r"/in/(box \d/\d+)\.jpg: Its process died \(SIGKILL\)\.", err)
    assert set(NAMES) - set(results_in(archive / "out")) <= {f"{victim}-colorized.jpg"}
    assert "47 colorized, 0 done before, 1 failed" in err


def test_a_spot_machine_that_goes_away_early_hands_its_photos_on(archive, machines):
    first, second = machines.start_worker(), machines.start_worker()
    process = begun(archive, "--cluster", machines.address)
    first.terminate()  # what a machine's last two minutes begin with
    first.wait(60)
    assert second.poll() is None
    _, err = process.communicate(timeout=180)
    assert (process.returncode, " 0 failed" in err) == (0, True), err
    assert_complete(archive / "out")


def another_version(program: Path) -> None:
    module = program / "colorizer" / "__init__.py"
    module.write_text(module.read_text().replace(__version__, "9.9.9"))


OTHER_DASK = """
from importlib import metadata
known = metadata.version
metadata.version = lambda name: "2000.1.0" if name == "distributed" else known(name)
"""


def another_dask(program: Path) -> None:
    (program / "sitecustomize.py").write_text(OTHER_DASK)


def nothing_of_ours(program: Path) -> None:
    (program / "colorizer" / "__init__.py").write_text("raise ModuleNotFoundError('There is no colorizer.')")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            another_version,
            f" has Image Colorizer 9.9.9, .* this machine Image Colorizer {__version__}, ",
        ),
        (another_dask, r" and Dask 2000\.1\.0, but this machine .* Install the same on all\."),
        (nothing_of_ours, "The workers are not as this machine: .*There is no colorizer"),
    ],
)
def test_a_worker_with_other_software_is_refused(archive, machines, program, change, words):
    change(program)
    machines.start_worker(program)
    eventually(
        lambda: "Registered to" in machines.log(), "the worker did not come"
    )  # Dask has its own words then
    status, _, err = run(archive / "in", "--output", archive / "out", "--cluster", machines.address)
    assert (status, err.count("\n")) == (1, 1), err
    assert re.search(words, err), err
    assert results_in(archive / "out") == []


def test_a_scheduler_with_another_dask_is_refused(archive, machines, monkeypatch):
    monkeypatch.setattr(archive_cluster, "DASK", "2000.1.0")
    with pytest.raises(ClusterError, match=r"The scheduler has Dask .*, but this machine 2000\.1\.0\."):
        cluster(machines.address, 1, 1.0, RECIPE).__enter__()


def test_a_worker_whose_network_is_damaged_is_refused(archive, machines, program):
    with (program / "models" / "colornet.onnx").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"damaged")
    machines.start_worker(program)
    machines.start_worker()
    status, _, err = run(archive / "in", "--output", archive / "out", "--cluster", machines.address)
    assert (status, err.count("\n")) == (1, 1), err
    assert re.search(r"On the worker tcp://127\.0\.0\.1:\d+: .* sha256", err)
    assert results_in(archive / "out") == []


def test_a_worker_that_comes_later_is_checked_too(archive, machines, program, let_go):
    another_version(program)
    machines.start_worker()
    process = begun(archive, "--cluster", machines.address)
    machines.start_worker(program)
    _, err = process.communicate(timeout=180)
    assert (process.returncode, "has Image Colorizer 9.9.9" in err) == (1, True), err


def test_chunks_get_smaller_towards_the_end_and_lose_nothing():
    jobs = [Job(Path(f"{number}.jpg"), Path("out"), str(number)) for number in range(1000)]
    waiting, chunks = _Waiting(jobs), []
    while chunk := waiting.take(6):
        chunks.append(chunk)
    assert [job for chunk in chunks for job in chunk] == jobs
    sizes = [len(chunk) for chunk in chunks]
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1]) == (CHUNK, 1)


def test_what_passes_the_scheduler_are_names_and_no_photos(archive):
    jobs = [*islice(Plan([archive / "in"], Target(folder=archive / "out"), True, []), 4)]
    outcomes = [color_file(RECIPE, job) for job in jobs]
    assert [outcome.state for outcome in outcomes] == ["colorized"] * 4
    paths = [path for outcome in outcomes for path in (outcome.photo, outcome.results[0].path)]
    assert all(path.stat().st_size > 10_000 for path in paths)
    assert len(pickle.dumps((software(), RECIPE, jobs))) < 2_000
    assert len(pickle.dumps(outcomes)) < 2_000


def test_a_scheduler_without_workers_is_waited_for_only_so_long(machines):
    with pytest.raises(ClusterError, match="no workers, and none came within 1 s"):
        cluster(machines.address, 1, 1.0, RECIPE).__enter__()


def test_no_scheduler_is_waited_for_only_so_long():
    with pytest.raises(ClusterError, match=r"no scheduler at tcp://127\.0\.0\.1:9 within 1 s"):
        cluster("tcp://127.0.0.1:9", 1, 1.0, RECIPE).__enter__()
