"""Buckets as places: the same promises as folders, and a store that fails for a while."""

import time
from pathlib import Path

import boto3
import pytest
from buckets import s3_at, set_variables
from machines import eventually, results_in, run, start
from photos import encode, gray_scene

from colorizer.album.places import DISK
from colorizer.archive.bucket import Bucket
from colorizer.errors import PhotoError, StoreUnavailable, TooManyBytes
from colorizer.photo.limits import Limits

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
    assert not place.holds(path)
    for data in (b"first", b"second"):
        place.write(path, data)
        assert (place.holds(path), place.read(path)) == (True, data)
    with pytest.raises(TooManyBytes):
        place.read(path, Limits(max_bytes=5))
    with pytest.raises(PhotoError):
        place.read(Path("kept/other.jpg"))


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


def test_a_store_that_is_not_there_is_told_in_one_line(bucket, tmp_path):
    with pytest.raises(StoreUnavailable, match="The bucket nobodys does not answer"):
        Bucket("nobodys").list(Path("kept"))
    status, _, err = run("s3://nobodys/kept", "--output", tmp_path)
    assert (status, err.count("\n")) == (1, 1)
    assert results_in(tmp_path) == []
