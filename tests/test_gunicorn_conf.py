"""What gunicorn.conf.py decides by the machine; also on one where nothing can be written."""

import os
import runpy
import signal
import subprocess
import tempfile
import time

import pytest
from serving import ROOT, free_port, gray_photo, serve, start

from colorizer.process import memory_limit

MIB = 2**20
# Makes a folder read-only for the command that follows, in a name space of its own.
READ_ONLY = """
for folder in {folders}; do
  mount --bind "$folder" "$folder" && mount -o remount,bind,ro "$folder" || exit 77
done
cd "$PWD" && exec "$@"
"""


@pytest.fixture(scope="module")
def read_only():
    """Return a function that gives a command which runs its rest where the given folders are read-only."""

    def within(*folders):
        return ["unshare", "--mount", "sh", "-c", READ_ONLY.format(folders=" ".join(folders)), "sh"]

    tried = subprocess.run([*within("/tmp"), "true"], capture_output=True, check=False)
    if tried.returncode and "CI" not in os.environ:
        pytest.skip("only root can mount folders read-only")
    return within


@pytest.fixture
def conf(monkeypatch):
    """Return a function that reads gunicorn.conf.py on a machine of so many MiB."""

    def read(mebibytes=8192):
        monkeypatch.setattr(memory_limit, "available_memory", lambda: mebibytes * MIB)
        return runpy.run_path(str(ROOT / "gunicorn.conf.py"))

    for name in [name for name in os.environ if name.startswith("COLORIZER_")] + ["WEB_CONCURRENCY"]:
        monkeypatch.delenv(name, raising=False)
    return read


@pytest.mark.parametrize(("mebibytes", "processes"), [(256, 1), (512, 1), (1023, 1), (1024, 2), (65_536, 2)])
def test_there_are_two_processes_where_memory_allows_it(conf, mebibytes, processes):
    assert conf(mebibytes)["processes"] == processes


@pytest.mark.parametrize("processes", [1, 3])
def test_web_concurrency_settles_it(conf, monkeypatch, processes):
    monkeypatch.setenv("WEB_CONCURRENCY", str(processes))
    assert conf()["processes"] == processes


@pytest.mark.parametrize("text", ["0", "-1", "x", "1.5"])
def test_a_number_of_processes_that_is_none_is_one_sentence(conf, monkeypatch, text):
    monkeypatch.setenv("WEB_CONCURRENCY", text)
    with pytest.raises(SystemExit, match=f"^WEB_CONCURRENCY must be a whole number from .*, not '{text}'.$"):
        conf()


def test_without_any_place_to_write_a_sentence_says_what_to_do(conf, monkeypatch):
    def refuse(**options):
        raise FileNotFoundError

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(SystemExit, match=r"^There is no place .* Mount /dev/shm, or set TMPDIR\.$"):
        conf()


def test_the_processes_start_one_after_the_other(tmp_path):
    with serve(tmp_path, WEB_CONCURRENCY="3") as server:
        workers = server.wait_for_workers(3)
        server.process.send_signal(signal.SIGHUP)
        while set(workers) & set(server.workers()):
            time.sleep(0.05)
        assert len(server.wait_for_workers(3)) == 3


def test_it_serves_where_nothing_but_dev_shm_can_be_written(tmp_path, read_only):
    within = read_only("/tmp", "/var/tmp", str(tmp_path), str(ROOT), "/")
    with serve(tmp_path, *within) as server:
        assert server.colorize(gray_photo()).status == 200
        assert [path.name for path in tmp_path.iterdir()] == ["server.log"]


def test_where_nothing_at_all_can_be_written_it_says_so_and_exits(tmp_path, read_only):
    within = read_only("/tmp", "/var/tmp", "/dev/shm", str(tmp_path), str(ROOT), "/")
    with open(tmp_path / "log", "wb") as log:
        assert start(free_port(), tmp_path, log, *within).wait(60) != 0
    assert (tmp_path / "log").read_text().splitlines() == [
        "There is no place for gunicorn's heartbeat. Mount /dev/shm, or set TMPDIR."
    ]
