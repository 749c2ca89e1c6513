"""training/data.py: the split, the crops, and what ageing may touch."""

import gzip
import zipfile

import cv2
import numpy as np
import pytest

from colorizer.color import ab_bins
from training import data


def test_a_folder_gives_its_photos_by_digest_with_the_scene_of_their_folder(photos):
    listed = data.list_photos(photos)
    assert len(listed) == 24
    assert [photo.digest for photo in listed] == sorted(photo.digest for photo in listed)
    scenes = {photo.path.parent.name: photo.scene for photo in listed}
    assert scenes == {"people": 0, "landscape": 1, "holidays": data.NO_SCENE}


def test_zip_shards_give_the_photos_of_their_index(tmp_path):
    picture = np.full((40, 50, 3), (10, 200, 30), np.uint8)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as shard:
        shard.writestr("1.png", cv2.imencode(".png", picture)[1].tobytes())
    columns = "shard\tname\tsource_repo\tcategory\tsha256_prefix\n"
    rows = f"a.zip\t1.png\t{data.SHOWN_IN_DOCS}\turban\t01\n"
    rows += "a.zip\t1.png\tx/y\turban\tab\nmissing.zip\t1.png\tx/y\turban\tef\n"
    rows += f"a.zip\t1.png\t{data.CATS_AMONG_URBAN}\turban\tcd\n"
    with gzip.open(tmp_path / "INDEX.tsv.gz", "wt") as index:
        index.write(columns + rows)
    first, second = data.list_photos(tmp_path)
    assert first.read()[0, 0].tolist() == [30, 200, 10]
    assert (first.scene, second.scene) == (2, data.NO_SCENE)


def test_an_empty_folder_is_refused_by_name(tmp_path):
    with pytest.raises(ValueError, match=str(tmp_path)):
        data.list_photos(tmp_path)


def test_the_split_shares_no_photo_and_drops_near_duplicates_of_held_out_ones(photos):
    listed = data.list_photos(photos)
    copies = [data.Photo(photo.path, None, "f" * 16, 0) for photo in (listed[0], listed[3], listed[9])]
    split = data.split_photos([*listed, *copies])
    assert [len(split[name]) for name in ("test", "validation", "training")] == [2, 2, 20 + 1]
    digests = [photo.digest for name in split for photo in split[name]]
    assert len(digests) == len(set(digests))


def test_hashes_are_kept_and_made_anew_for_other_photos(photos, tmp_path):
    listed, kept = data.list_photos(photos), tmp_path / "hashes.npz"
    hashes = data.difference_hashes(listed, kept)
    unreadable = [data.Photo(tmp_path / "gone", None, photo.digest, 0) for photo in listed]
    assert np.array_equal(data.difference_hashes(unreadable, kept), hashes)
    assert len(data.difference_hashes(listed[:5], kept)) == 5


def test_a_crop_depends_on_its_number_alone(photos):
    listed = data.list_photos(photos)
    first, again = data.Crops(listed, 1), data.Crops(listed, 1)
    for name, value in first[7, 64].items():
        assert value.equal(again[7, 64][name]), name
    assert not first[7, 64]["lightness"].equal(first[8, 64]["lightness"])
    assert not first[7, 64]["lightness"].equal(data.Crops(listed, 2)[7, 64]["lightness"])


def test_an_example_has_the_shapes_and_ranges_that_the_networks_take(photos):
    crops = data.Crops(data.list_photos(photos), 1)
    for number in range(40):
        one = crops[number, 64]
        assert one["lightness"].shape == (1, 64, 64)
        assert 0 <= one["lightness"].min() <= one["lightness"].max() <= 100
        assert one["indices"].shape == one["weights"].shape == (16, 16, 5)
        mask = one["hints"][2]
        assert set(mask.unique().tolist()) <= {0.0, 1.0}
        assert not one["hints"][:2, mask == 0].any()


def test_every_fault_changes_the_lightness_and_keeps_its_shape():
    plane = cv2.resize(np.random.default_rng(1).random((8, 8), np.float32), (64, 48))
    for fault, _ in data.FAULTS:
        aged = fault(plane, np.random.default_rng(3))
        assert aged.shape == plane.shape, fault.__name__
        assert np.abs(aged - plane).max() > 1e-3, fault.__name__
        assert np.isfinite(aged).all(), fault.__name__


def test_ageing_stays_within_the_range_of_lightness():
    plane = np.random.default_rng(1).uniform(0, 100, (64, 48)).astype(np.float32)
    for seed in range(50):
        aged = data.age(plane, np.random.default_rng(seed))
        assert aged.dtype == np.float32
        assert 0 <= aged.min() <= aged.max() <= 100


def test_film_sees_a_gray_as_it_is():
    gray = np.repeat(np.arange(0, 256, 4, np.uint8).reshape(8, 8, 1), 3, 2)
    lightness = data.film_lightness(gray, np.random.default_rng(1))
    np.testing.assert_allclose(lightness, data.rgb_to_lab(gray)[:, :, 0], atol=0.1)


def test_looking_up_is_encoding():
    ab = np.random.default_rng(1).integers(-110, 111, (5, 4, 2)).astype(np.float32)
    for looked_up, encoded in zip(data.encode_by_table(ab), ab_bins.encode(ab), strict=True):
        np.testing.assert_allclose(looked_up, encoded, atol=1e-6)


def test_hints_carry_the_mean_colour_of_their_square():
    ab = np.zeros((32, 32, 2), np.float32)
    ab[..., 0] = 30
    hints = data.draw_hints(ab, np.random.default_rng(2))
    marked = hints[..., 2] == 1
    assert marked.any()
    np.testing.assert_allclose(hints[marked][:, :2], np.tile([30, 0], (marked.sum(), 1)))
