"""training/collection.py: what is listed, how it is split, and how often each photo is drawn."""

import gzip
import shutil
import zipfile
from collections import Counter
from dataclasses import replace

import cv2
import numpy as np
import pytest

from training import collection
from training.collection import Photo, list_photos, split_folder


@pytest.fixture
def shards(tmp_path):
    """A folder of two zip shards beside their index, one of which only measures."""
    picture = np.full((40, 50, 3), (10, 200, 30), np.uint8)
    for shard in ("a.zip", collection.MEASURED_ONLY):
        with zipfile.ZipFile(tmp_path / shard, "w") as file:
            file.writestr("1.png", cv2.imencode(".png", picture)[1].tobytes())
    rows = [
        ("a.zip", collection.SAMPLES, "01"),
        ("a.zip", "x/y", "ab"),
        ("missing.zip", "x/y", "ef"),
        ("a.zip", collection.CATS_AMONG_URBAN, "cd"),
        (collection.MEASURED_ONLY, "v/w", "02"),
    ]
    with gzip.open(tmp_path / "INDEX.tsv.gz", "wt") as index:
        index.write("shard\tname\tsource_repo\tcategory\tsha256_prefix\n")
        for shard, source, digest in rows:
            index.write(f"{shard}\t1.png\t{source}\turban\t{digest}\n")
    return tmp_path


def test_a_folder_gives_its_photos_by_digest_with_the_scene_of_their_folder(photos):
    listed = list_photos(photos)
    assert len(listed) == 24
    assert [photo.digest for photo in listed] == sorted(photo.digest for photo in listed)
    scenes = {photo.path.parent.name: photo.scene for photo in listed}
    assert scenes == {"people": 0, "landscape": 1, "holidays": collection.NO_SCENE}


def test_zip_shards_give_the_photos_of_their_index_less_those_that_only_measure(shards):
    first, second = list_photos(shards)
    assert first.read()[0, 0].tolist() == [30, 200, 10]
    assert (first.scene, second.scene) == (2, collection.NO_SCENE)
    assert (first.source, first.kind) == ("x/y", "urban")
    (measured,) = collection.list_measured_only(shards)
    assert measured.source == "v/w"


def test_an_empty_folder_is_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match=str(tmp_path)):
        list_photos(tmp_path)


def test_the_split_shares_no_photo_and_drops_near_duplicates_of_held_out_and_measured_ones(photos):
    listed = list_photos(photos)
    copies = [
        Photo(listed[place].path, None, "f" * 15 + str(number), 0)
        for number, place in enumerate((0, 3, 9, 11))
    ]
    found = collection.study([*listed, *copies], measured=[listed[11]])
    names = Counter(name for name, _ in found.values())
    assert names == {"test": 2, "validation": 2, "training": 20, "left out": 4}
    assert [found[copy.digest][0] for copy in copies] == ["left out", "left out", "training", "left out"]


def test_what_was_found_is_kept_and_splits_a_part_of_the_collection_alike(photos, tmp_path):
    whole = split_folder(photos, tmp_path / "known.tsv")
    part = tmp_path / "part"
    shutil.copytree(photos / "people", part / "people")
    again = split_folder(part, tmp_path / "known.tsv")
    assert list(again) == ["test", "validation", "training"]
    for name, listed in again.items():
        expected = {photo.digest for photo in whole[name] if photo.scene == 0}
        assert {photo.digest for photo in listed} == expected
    assert all(photo.colorfulness > 0 for photo in whole["training"])


def test_an_unknown_photo_lets_the_collection_be_studied_anew(photos, tmp_path):
    known = tmp_path / "known.tsv"
    known.write_text("ab\ttest\t20.00\n")
    assert sum(map(len, split_folder(photos, known).values())) == 24
    assert "ab" not in collection.read_known(known)


def test_rarer_kinds_and_sources_are_drawn_more_often_and_pale_photos_less(photos):
    one = replace(list_photos(photos)[0], colorfulness=40.0)
    common = [replace(one, source="a", kind="people")] * 50
    rare, pale = replace(one, source="b", kind="boats"), replace(one, source="a", colorfulness=5.0)
    shares = collection.draw_shares([*common, rare, pale])
    assert shares.sum() == pytest.approx(1)
    assert shares[50] > 2 * shares[0] > 4 * shares[51]
    assert shares.max() / shares.mean() <= 1.1 * collection.MOST_FAVOURED


def test_colourfulness_of_gray_is_nothing_and_of_poster_paint_much():
    gray = np.full((8, 8, 3), 90, np.uint8)
    paint = np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8).repeat(8, 0)
    assert collection.colorfulness(gray) == 0
    assert collection.colorfulness(paint) > 100
