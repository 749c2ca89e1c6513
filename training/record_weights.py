"""Write the size and digest of models/colornet.onnx into models/manifest.json.

Run `python -m training.record_weights` after a new file was put there; `python -m training.export` does it
too, and a test fails where the manifest and the file disagree.
"""

import hashlib
import json
from pathlib import Path

MODELS = Path(__file__).resolve().parent.parent / "models"


def record_weights(models: Path = MODELS) -> None:
    """Replace colornet's old size and digest; the rest of the manifest stays as it was written."""
    manifest = models / "manifest.json"
    text = manifest.read_text(encoding="utf-8")
    (entry,) = (item for item in json.loads(text)["networks"] if item["name"] == "colornet")
    data = (models / entry["file"]).read_bytes()
    text = text.replace(entry["sha256"], hashlib.sha256(data).hexdigest())
    text = text.replace(f'"bytes": {entry["bytes"]},', f'"bytes": {len(data)},', 1)
    manifest.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    record_weights()
