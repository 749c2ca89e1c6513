"""training/nearest.py: a shown photo is told from its copies among those that were learned from."""

import gzip
import zipfile

import cv2
import pytest

from training import collection, nearest
from training.collection import list_photos


@pytest.fixture
def lines(capsys):
    """The lines that the command prints, in words."""

    def printed(paths, folder):
        nearest.main([*map(str, paths), "--photos", str(folder)])
        return [line.split() for line in capsys.readouterr().out.splitlines()]

    return printed


def test_a_copy_is_found_smaller_mirrored_and_worse(photos, tmp_path, lines):
    photo = list_photos(photos)[5]
    bgr = photo.read()[..., ::-1]
    copy = cv2.resize(bgr[:, ::-1], None, fx=0.7, fy=0.7, interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(tmp_path / "copy.jpg"), copy, [cv2.IMWRITE_JPEG_QUALITY, 40])
    cv2.imwrite(str(tmp_path / "turned.png"), cv2.rotate(bgr, cv2.ROTATE_90_CLOCKWISE))
    copied, turned = lines([tmp_path / "copy.jpg", tmp_path / "turned.png"], photos)
    assert copied[1:] == ["copy.jpg:", photo.path.name]
    assert int(copied[0]) <= collection.NEAR_DUPLICATE < int(turned[0])


def test_samples_count_as_the_first_run_saw_them_and_what_only_measures_does_not(photos, tmp_path, lines):
    sample, measured = (photo.path for photo in list_photos(photos)[:2])
    rows = [("a.zip", collection.SAMPLES, sample), (collection.MEASURED_ONLY, "v/w", measured)]
    with gzip.open(tmp_path / "INDEX.tsv.gz", "wt") as index:
        index.write("shard\tname\tsource_repo\tcategory\tsha256_prefix\n")
        for shard, source, path in rows:
            index.write(f"{shard}\t{path.name}\t{source}\turban\t{path.stem}\n")
            with zipfile.ZipFile(tmp_path / shard, "w") as file:
                file.write(path, path.name)
    seen, unseen = lines([sample, measured], tmp_path)
    assert seen == ["0", f"{sample.name}:", "a.zip", sample.name]
    assert int(unseen[0]) > collection.NEAR_DUPLICATE
