"""One contract for a folder and for a bucket."""

import os
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest

from colorizer.errors import StoreUnavailable
from colorizer.store.objects import Objects

LARGE = bytes(range(256)) * 20_000


def test_what_was_put_is_there_whole(objects):
    objects.put("a1/original", LARGE)
    assert objects.get("a1/original") == LARGE


def test_the_last_one_counts(objects):
    objects.put("a1/original", b"old")
    objects.put("a1/original", b"new")
    assert objects.get("a1/original") == b"new"


def test_a_file_is_put_as_its_bytes_are(objects, tmp_path):
    (tmp_path / "film").write_bytes(LARGE * 3)
    objects.put("a1/original", tmp_path / "film")
    assert objects.get("a1/original") == LARGE * 3


def test_what_arrives_in_pieces_is_there_when_it_is_closed(objects):
    arriving = objects.open("a1/original")
    for _ in range(3):
        arriving.write(LARGE)
    with pytest.raises(KeyError):
        objects.get("a1/original")
    arriving.close()
    arriving.close()
    assert objects.get("a1/original") == LARGE * 3
    assert (arriving.size, arriving.digest) == (3 * len(LARGE), sha256(LARGE * 3).hexdigest())


def test_what_was_half_written_by_a_process_that_died_is_swept_away(tmp_path):
    objects = Objects(f"file://{tmp_path}")
    half, young = tmp_path / "a1" / "original#1", tmp_path / "a1" / "original#2"
    objects.put("a1/original", b"photo")
    for path in (half, young):
        path.write_bytes(b"pho")
    os.utime(half, (0, 0))
    objects.sweep()
    assert sorted(path.name for path in (tmp_path / "a1").iterdir()) == ["original", "original#2"]


def test_a_folder_is_cleared(objects):
    for key in ("a1/original", "a1/result", "a12/original"):
        objects.put(key, b"photo")
    objects.clear("a1")
    objects.clear("a1")
    assert (objects.keys("a1"), objects.keys("a12")) == ([], ["a12/original"])


def test_what_is_half_written_is_cleared_too_and_its_writer_is_told(tmp_path):
    objects = Objects(f"file://{tmp_path}")
    arriving = objects.open("a1/original")
    arriving.write(LARGE * 3)  # more than is held in memory
    assert list((tmp_path / "a1").iterdir()) != []
    objects.clear("a1")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(StoreUnavailable):
        arriving.close()
    assert list(tmp_path.iterdir()) == []


def test_an_empty_object(objects):
    objects.put("a1/original", b"")
    assert objects.get("a1/original") == b""


def test_a_range(objects):
    objects.put("a1/original", b"0123456789")
    assert objects.get_range("a1/original", 3, 7) == b"3456"


@pytest.mark.parametrize(
    "read",
    [
        lambda objects: objects.get("b2/result"),
        lambda objects: objects.stream("b2/result"),
        lambda objects: objects.get_range("b2/result", 0, 1),
    ],
)
def test_what_is_not_there(objects, read):
    with pytest.raises(KeyError):
        read(objects)


def test_deleting_twice_is_no_fault(objects):
    objects.put("a1/original", b"photo")
    objects.delete("a1/original")
    objects.delete("a1/original")
    with pytest.raises(KeyError):
        objects.get("a1/original")


def test_keys_of_one_folder_only(objects):
    for key in ("a1/original", "a1/result", "a11/original"):
        objects.put(key, b"x")
    assert sorted(objects.keys("a1")) == ["a1/original", "a1/result"]
    assert objects.keys("b2") == []


def test_what_is_being_read_is_read_to_its_end(objects):
    objects.put("a1/original", LARGE)
    pieces = objects.stream("a1/original")
    objects.delete("a1/original")
    assert b"".join(pieces) == LARGE


def test_readers_never_see_half_an_object(objects):
    objects.put("a1/original", bytes(1_000_000))

    def write(number):
        objects.put("a1/original", bytes([number]) * 1_000_000)

    def read(_):
        return len(set(objects.get("a1/original")))

    with ThreadPoolExecutor(8) as pool:
        writing = [pool.submit(write, number) for number in range(20)]
        kinds = list(pool.map(read, range(40)))
        assert [future.result() for future in writing] == [None] * 20
    assert kinds == [1] * 40


@pytest.mark.parametrize("key", ["/etc/passwd", "../a", "a//b", "", "A", "a/../b", "a\\b", "a\n"])
def test_no_key_that_is_not_ours(objects, key):
    with pytest.raises(ValueError, match="no key of ours"):
        objects.put(key, b"x")


def test_nothing_is_left_of_a_folder_that_was_emptied(tmp_path):
    objects = Objects(f"file://{tmp_path}/kept")
    objects.put("a1/original", b"photo")
    objects.delete("a1/original")
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "kept").write_text("a file")
    with pytest.raises(StoreUnavailable, match="could not be opened") as failure:
        Objects(f"file://{tmp_path}/kept/photos")
    assert str(tmp_path) not in str(failure.value)


def test_a_bucket_that_does_not_answer(bucket, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setattr("colorizer.store.objects.RETRY_SECONDS", 0)
    with pytest.raises(StoreUnavailable, match="could not be written"):
        Objects(bucket).put("a1/original", b"photo")
