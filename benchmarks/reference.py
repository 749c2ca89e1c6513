"""The recipe of the 2018 tutorial that every peer follows, and a Caffe file to run it with.

The file has the structure and size of Zhang's real one and generated weights: time and memory are the same,
the colours mean nothing.
"""

import hashlib
import json
import tempfile
from pathlib import Path

import cv2
import numpy as np
from caffe_file import encode_caffe, generate_blobs

from colorizer.color.ab_bins import CENTRES
from colorizer.process.resources import resource_folder
from colorizer.strategies.zhang import SHARPENING, SIDE, deploy_prototxt

GENERATED = Path(tempfile.gettempdir()) / "image-colorizer-benchmarks"
CAFFEMODEL = "colorization_release_v2.caffemodel"


class Tutorial:
    """Decode, float Lab of the whole picture, Zhang's network, bilinear ab, back to BGR, clip, encode."""

    def __init__(self) -> None:
        """Load the network as the tutorial does, Winograd and all."""
        models = generated_models()
        self._net = cv2.dnn.readNetFromCaffe(str(models / "deploy.prototxt"), str(models / CAFFEMODEL))
        self._fill("class8_ab", CENTRES.T.reshape(2, -1, 1, 1))
        self._fill("conv8_313_rh", np.full((1, len(CENTRES)), SHARPENING))

    def colorize(self, photo: bytes) -> bytes:
        """Return the coloured photo as jpg."""
        image = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)
        lab = cv2.cvtColor(image.astype("float32") / 255.0, cv2.COLOR_BGR2LAB)
        shown = cv2.split(cv2.resize(lab, (SIDE, SIDE)))[0] - 50
        self._net.setInput(cv2.dnn.blobFromImage(shown), "data_l")
        ab = self._net.forward("class8_ab")[0].transpose((1, 2, 0))
        ab = cv2.resize(ab, (image.shape[1], image.shape[0]))
        lightness = cv2.split(lab)[0]
        colored = np.concatenate((lightness[:, :, np.newaxis], ab), axis=2)
        colored = np.clip(cv2.cvtColor(colored, cv2.COLOR_LAB2BGR), 0, 1)
        return cv2.imencode(".jpg", (255 * colored).astype("uint8"))[1].tobytes()

    def _fill(self, layer: str, values: np.ndarray) -> None:
        self._net.getLayer(self._net.getLayerId(layer)).blobs = [np.ascontiguousarray(values, np.float32)]


def generated_models() -> Path:
    """Return a models folder in which richzhang is installed with generated weights; made once, 129 MB."""
    if not (GENERATED / "manifest.json").exists():
        GENERATED.mkdir(exist_ok=True)
        weights = encode_caffe(generate_blobs())
        (GENERATED / CAFFEMODEL).write_bytes(weights)
        (GENERATED / "deploy.prototxt").write_text(deploy_prototxt())
        (GENERATED / "manifest.json").write_text(_manifest(weights))
    return GENERATED


def _manifest(weights: bytes) -> str:
    document = json.loads((resource_folder("models") / "manifest.json").read_text())
    entry = next(entry for entry in document["networks"] if entry["name"] == "richzhang")
    entry.update(file=CAFFEMODEL, sha256=hashlib.sha256(weights).hexdigest(), bytes=len(weights))
    return json.dumps({**document, "networks": [entry]})
