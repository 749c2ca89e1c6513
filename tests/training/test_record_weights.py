import hashlib
import shutil

from colorizer.process.resources import resource_folder
from colorizer.weights.manifest import load_manifest
from training.record_weights import record_weights


def test_a_new_file_is_recorded_and_nothing_else_changes(tmp_path):
    shipped = resource_folder("models") / "manifest.json"
    shutil.copy(shipped, tmp_path)
    (tmp_path / "colornet.onnx").write_bytes(b"trained anew")
    record_weights(tmp_path)
    before, after = load_manifest(), load_manifest(tmp_path)
    assert after["colornet"].bytes == len(b"trained anew")
    assert after["colornet"].sha256 == hashlib.sha256(b"trained anew").hexdigest()
    assert [name for name in before if before[name] != after[name]] == ["colornet"]
