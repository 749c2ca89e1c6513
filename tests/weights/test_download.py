import hashlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from file_server import fixed, lengthless, rangeless, serve_files, whole
from onnx_files import colornet_onnx, zeruniverse_onnx

from colorizer.errors import DownloadFailed, OutputError, UnknownStrategy, WeightsDamaged
from colorizer.process.resources import resource_folder
from colorizer.weights import download

ROOT = Path(__file__).parents[2]
DATA = np.random.default_rng(0).bytes(300_000)
HALF = len(DATA) // 2
OTHER = bytes(len(DATA))
HTML = b"\n<!DOCTYPE html><title>Quota exceeded</title>"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def server():
    with serve_files() as files:
        yield files


@pytest.fixture
def models(tmp_path):
    return tmp_path / "models"


def describe(models, *urls, data=DATA):
    """Write a manifest with one network, `tiny`, at these addresses."""
    models.mkdir(exist_ok=True)
    texts = {"title": "Tiny", "licence": "MIT", "paper": "none", "notes": "For tests."}
    entry = {"name": "tiny", "family": "onnx", "file": "tiny.onnx", "urls": urls, **texts}
    entry |= {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}
    (models / "manifest.json").write_text(json.dumps({"networks": [entry]}))


def files_in(models):
    """Return the names of the files, but for the manifest and the lock."""
    names = {path.name for path in models.iterdir()}
    return sorted(names - {"manifest.json", ".tiny.onnx.lock"})


def fetch_tiny(models):
    """Fetch, and say whether exactly the right file is there then."""
    path = download.fetch("tiny", models)
    return path.read_bytes() == DATA and files_in(models) == ["tiny.onnx"]


def ranges(server):
    return [headers.get("Range") for _, headers in server.requests]


def test_fetch_downloads_and_reports_progress(server, models):
    describe(models, server.add("/a", whole(DATA)))
    seen = []
    path = download.fetch("tiny", models, lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == DATA
    assert files_in(models) == ["tiny.onnx"]
    assert seen[-1] == (len(DATA), len(DATA))
    assert seen == sorted(seen)


def test_what_is_intact_is_not_fetched_again(server, models):
    describe(models, server.add("/a", whole(DATA)))
    assert fetch_tiny(models)
    assert fetch_tiny(models)
    assert len(server.requests) == 1


def test_what_is_damaged_is_replaced(server, models):
    describe(models, server.add("/a", whole(DATA)))
    (models / "tiny.onnx").write_bytes(OTHER)
    assert fetch_tiny(models)


FETCH = """
import sys
from pathlib import Path
from colorizer.weights.download import fetch
fetch("tiny", Path(sys.argv[1]), waiting=lambda: print("waiting", flush=True))
"""


def once(event, answer):
    """The answer, as soon as the event has come."""

    def patient(handler):
        event.wait(60)
        answer(handler)

    return patient


def start_fetching(models):
    command = [sys.executable, "-c", FETCH, str(models)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_of_two_at_once_the_second_waits_and_fetches_nothing(server, models):
    may_go_on = threading.Event()
    describe(models, server.add("/tiny.onnx", once(may_go_on, whole(DATA))))
    with start_fetching(models) as first, closing(first.stdout):
        while not server.requests:
            time.sleep(0.01)
        with start_fetching(models) as second, closing(second.stdout):
            assert second.stdout.readline() == "waiting\n"
            may_go_on.set()
    assert (first.returncode, second.returncode) == (0, 0)
    assert len(server.requests) == 1
    assert (models / "tiny.onnx").read_bytes() == DATA


def test_one_that_was_killed_keeps_nobody_waiting(server, models):
    killed = threading.Event()
    describe(models, server.add("/tiny.onnx", once(killed, whole(DATA)), whole(DATA)))
    with start_fetching(models) as first, closing(first.stdout):
        while not server.requests:
            time.sleep(0.01)
        first.kill()
    assert first.returncode == -signal.SIGKILL, "in the middle of it"
    killed.set()
    assert fetch_tiny(models)


def test_a_broken_download_goes_on_where_it_broke(server, models):
    describe(models, server.add("/a", whole(DATA, until=HALF), whole(DATA)))
    assert fetch_tiny(models)
    assert ranges(server) == [None, f"bytes={HALF}-"]
    assert server.requests[1][1]["If-Range"] == '"v1"'


def test_a_later_run_goes_on_where_the_first_one_gave_up(server, models):
    describe(models, server.add("/a", whole(DATA, until=HALF)))
    with pytest.raises(DownloadFailed, match=f"after {HALF:,} of {len(DATA):,} bytes"):
        download.fetch("tiny", models)
    assert files_in(models) == ["tiny.onnx.part"]
    server.requests.clear()
    server.add("/a", whole(DATA))
    assert fetch_tiny(models)
    assert ranges(server) == [f"bytes={HALF}-"]


def test_a_file_that_changed_meanwhile_is_fetched_from_its_start(server, models):
    answers = whole(OTHER, '"v1"', until=HALF), whole(DATA, '"v2"')
    describe(models, server.add("/a", *answers))
    assert fetch_tiny(models)


def test_a_mirror_without_ranges_sends_all_of_it_again(server, models):
    describe(models, server.add("/a", rangeless(DATA, until=HALF), rangeless(DATA)))
    assert fetch_tiny(models)


def test_a_part_of_something_else_is_thrown_away(server, models):
    describe(models, server.add("/a", whole(DATA)))
    (models / "tiny.onnx.part").write_bytes(OTHER[:HALF])
    assert fetch_tiny(models)
    assert ranges(server) == [f"bytes={HALF}-", None]


def test_a_part_that_is_too_long_is_thrown_away(server, models):
    describe(models, server.add("/a", fixed(416, {}), whole(DATA)))
    (models / "tiny.onnx.part").write_bytes(OTHER + b"more")
    assert fetch_tiny(models)
    assert ranges(server)[1] is None


def test_a_whole_part_needs_no_connection(models):
    describe(models, "http://127.0.0.1:9/never-asked")
    (models / "tiny.onnx.part").write_bytes(DATA)
    assert fetch_tiny(models)


LIARS = {
    "another sha256": whole(OTHER),
    "an HTML page": fixed(200, {"Content-Type": "text/html; charset=utf-8"}, HTML),
    "an HTML page instead": lengthless(HTML),
    f"has 12 bytes, expected {len(DATA):,}": fixed(200, {}, b"twelve bytes"),
    f"more than the expected {len(DATA):,}": lengthless(DATA + b"1"),
    "status 404": fixed(404, {}, b"gone"),
    "status 403": fixed(403, {}),
    "status 500; tried 5 times": fixed(500, {}),
    "connection ended after 4 of": lengthless(b"four"),
    "status 302": fixed(302, {"Location": "file:///etc/hostname"}),
    "the connection failed": fixed(302, {"Location": "ftp://127.0.0.1/weights"}),
    "status 301": fixed(301, {"Location": "/a"}),
}


@pytest.mark.parametrize("reason", LIARS)
def test_a_mirror_that_lies_is_named_and_the_next_one_asked(server, models, reason):
    liar = server.add("/a", LIARS[reason])
    describe(models, liar)
    with pytest.raises(DownloadFailed, match=reason) as failure:
        download.fetch("tiny", models)
    assert "image-colorizer fetch tiny --from FILE" in str(failure.value)
    assert "tiny.onnx" not in files_in(models)
    describe(models, liar, server.add("/b", whole(DATA)))
    assert fetch_tiny(models)


def test_a_wrong_range_is_refused(server, models):
    headers = {"Content-Range": f"bytes 7-{len(DATA) - 1}/{len(DATA)}"}
    describe(models, server.add("/a", whole(DATA, until=HALF), fixed(206, headers, DATA[7:])))
    with pytest.raises(DownloadFailed, match="another part of the file"):
        download.fetch("tiny", models)


def test_an_endless_file_is_cut_off(server, models):
    describe(models, server.add("/a", lengthless(DATA, times=10_000)))
    with pytest.raises(DownloadFailed, match="more than the expected"):
        download.fetch("tiny", models)
    assert files_in(models) == []


def test_redirects_are_followed_with_the_range(server, models):
    target = server.add("/b", whole(DATA, until=HALF), whole(DATA))
    describe(models, server.add("/a", fixed(302, {"Location": target})))
    assert fetch_tiny(models)
    assert server.requests[-1][0] == "/b"
    assert ranges(server)[-1] == f"bytes={HALF}-"


def test_a_mirror_that_recovers_is_asked_again(server, models):
    describe(models, server.add("/a", fixed(503, {}), fixed(429, {}), whole(DATA)))
    assert fetch_tiny(models)


def test_a_silent_mirror_is_given_up(server, models, monkeypatch):
    monkeypatch.setattr(download, "SILENCE_SECONDS", 0.1)
    hung_up = threading.Event()
    describe(models, server.add("/a", lambda handler: hung_up.wait(5), whole(DATA)))
    try:
        assert fetch_tiny(models)
    finally:
        hung_up.set()


def test_nobody_listening_is_a_clear_error(models):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        describe(models, f"http://127.0.0.1:{taken.getsockname()[1]}/a")
        with pytest.raises(DownloadFailed, match="the connection failed"):
            download.fetch("tiny", models)


def test_a_network_without_an_address_says_what_to_do(tmp_path):
    with pytest.raises(DownloadFailed, match="fetch richzhang-norebal --from FILE"):
        download.fetch("richzhang-norebal", tmp_path)


def test_unknown_names_list_the_known_ones(tmp_path):
    with pytest.raises(UnknownStrategy, match="colornet, richzhang"):
        download.fetch("nonesuch", tmp_path)
    with pytest.raises(UnknownStrategy):
        download.install("nonesuch", tmp_path / "file", tmp_path)


CHILD = """
import encodings.idna, os, sys
from colorizer.weights.download import fetch

if os.geteuid() == 0 and sys.argv[2] == "nobody":
    os.setuid(65534)
fetch("tiny", sys.argv[1])
"""


def last_words_of_fetch(models, user="me", limit=None):
    """Fetch in a process of its own, perhaps as nobody or with a file size limit; root may write anywhere."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(models), user],
        stderr=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
    )
    if limit:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (limit, limit))
    return process.communicate(timeout=60)[1].splitlines()[-1]


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux to limit another process")
def test_a_full_disk_leaves_nothing_half_written(server, models):
    describe(models, server.add("/a", whole(DATA)))
    last_words = last_words_of_fetch(models, limit=100_000)
    assert "OutputError: The weights cannot be written" in last_words
    assert "COLORIZER_MODELS_DIR" in last_words
    assert files_in(models) == []


def test_a_read_only_folder_is_a_clear_error(server):
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder)
        describe(models, server.add("/a", whole(DATA)))
        models.chmod(0o555)
        last_words = last_words_of_fetch(models, user="nobody")
        assert "OutputError: The weights cannot be written" in last_words
        assert "Permission denied" in last_words
        assert files_in(models) == []


def test_write_errors_take_the_part_away(server, models, monkeypatch):
    describe(models, server.add("/a", whole(DATA, until=HALF)))
    with pytest.raises(DownloadFailed):
        download.fetch("tiny", models)
    server.add("/a", whole(DATA))
    monkeypatch.setattr(
        download.os, "replace", lambda *paths: (_ for _ in ()).throw(OSError(28, "Disk full"))
    )
    with pytest.raises(OutputError, match="Disk full"):
        download.fetch("tiny", models)
    assert "tiny.onnx" not in files_in(models)


# install --from


def source_file(tmp_path, data):
    path = tmp_path / "mine.bin"
    path.write_bytes(data)
    return path


def test_install_copies_a_right_file(tmp_path, models):
    describe(models)
    source = source_file(tmp_path, DATA)
    assert download.install("tiny", source, models).read_bytes() == DATA
    assert source.exists()
    assert files_in(models) == ["tiny.onnx"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (OTHER, "another sha256"),
        (DATA[:5], "has 5 bytes, expected 300,000"),
        (DATA + b"1", "has more bytes, expected 300,000"),
        (HTML, "HTML page"),
        (b"", "has 0 bytes"),
    ],
)
def test_install_refuses_another_file(tmp_path, models, data, reason):
    describe(models)
    with pytest.raises(WeightsDamaged, match=reason):
        download.install("tiny", source_file(tmp_path, data), models)
    assert files_in(models) == []


def test_install_names_a_file_that_is_not_there(tmp_path, models):
    describe(models)
    with pytest.raises(DownloadFailed, match="nothing-here cannot be read"):
        download.install("tiny", tmp_path / "nothing-here", models)


def test_bundled_weights_are_neither_fetched_nor_installed(tmp_path):
    assert download.fetch("colornet", tmp_path) == resource_folder("models") / "colornet.onnx"
    with pytest.raises(DownloadFailed, match="comes with the program"):
        download.install("colornet", source_file(tmp_path, DATA), tmp_path)


def test_zeruniverse_is_checked_inside_and_its_digest_recorded(tmp_path, models):
    data = zeruniverse_onnx()
    path = download.install("zeruniverse", source_file(tmp_path, data), models)
    record = (models / "zeruniverse.onnx.sha256").read_text()
    assert record == f"{hashlib.sha256(data).hexdigest()}  zeruniverse.onnx\n"
    assert dict(download.verify(models))["zeruniverse"] == "intact"
    path.write_bytes(data[:-1])
    assert dict(download.verify(models))["zeruniverse"] == "damaged"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (zeruniverse_onnx(channels=64), "convolutions do not have the shapes"),
        (colornet_onnx(), "its inputs are lightness .* expected luma"),
        (b"\x08\x08junk", "not an ONNX network"),
        (HTML, "HTML page"),
    ],
)
def test_zeruniverse_refuses_another_network(tmp_path, models, data, reason):
    with pytest.raises(WeightsDamaged, match=reason):
        download.install("zeruniverse", source_file(tmp_path, data), models)
    assert not models.exists()


def test_verify_tells_the_three_states(server, models):
    describe(models, server.add("/a", whole(DATA)))
    assert dict(download.verify(models))["tiny"] == "not installed"
    download.fetch("tiny", models)
    assert dict(download.verify(models))["tiny"] == "intact"
    (models / "tiny.onnx").write_bytes(DATA[:-1])
    assert dict(download.verify(models))["tiny"] == "damaged"
    assert dict(download.verify(models))["colornet"] == "intact"
