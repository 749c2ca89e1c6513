import hashlib

import pytest

from colorizer.errors import WeightsDamaged, WeightsNotInstalled
from colorizer.process.resources import resource_folder
from colorizer.weights.check import check_weights, is_installed, record_path, weights_path
from colorizer.weights.manifest import load_manifest

ENTRIES = load_manifest()


def test_bundled_weights_are_found_whatever_the_folder(tmp_path):
    assert check_weights(ENTRIES["colornet"], tmp_path) == resource_folder("models") / "colornet.onnx"


def test_fetched_weights_are_in_the_models_folder(tmp_path):
    assert weights_path(ENTRIES["ddcolor"], tmp_path) == tmp_path / "ddcolor-tiny-fp16.onnx"


def test_a_folder_of_that_name_is_no_file(tmp_path):
    weights_path(ENTRIES["ddcolor"], tmp_path).mkdir()
    assert not is_installed(ENTRIES["ddcolor"], tmp_path)
    with pytest.raises(WeightsDamaged, match="cannot be read"):
        check_weights(ENTRIES["ddcolor"], tmp_path)


def test_sizes_are_told(tmp_path):
    weights_path(ENTRIES["ddcolor"], tmp_path).write_bytes(b"short")
    with pytest.raises(WeightsDamaged, match=r"5 bytes, expected 135,444,402.*image-colorizer fetch ddcolor"):
        check_weights(ENTRIES["ddcolor"], tmp_path)


@pytest.mark.parametrize("record", [None, "", "0" * 64, "\xff"])
def test_without_a_right_record_a_file_is_not_trusted(tmp_path, record):
    path = weights_path(ENTRIES["zeruniverse"], tmp_path)
    path.write_bytes(b"weights")
    if record is not None:
        record_path(path).write_text(record, encoding="latin-1")
    with pytest.raises((WeightsDamaged, WeightsNotInstalled), match="fetch zeruniverse --from FILE"):
        check_weights(ENTRIES["zeruniverse"], tmp_path)


def test_a_recorded_digest_is_trusted(tmp_path):
    path = weights_path(ENTRIES["zeruniverse"], tmp_path)
    path.write_bytes(b"weights")
    record_path(path).write_text(f"{hashlib.sha256(b'weights').hexdigest()}  {path.name}\n")
    assert check_weights(ENTRIES["zeruniverse"], tmp_path) == path


def test_messages_name_no_path(tmp_path):
    with pytest.raises(WeightsNotInstalled) as failure:
        check_weights(ENTRIES["richzhang"], tmp_path)
    assert str(tmp_path) not in str(failure.value)
