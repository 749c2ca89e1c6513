"""Outlines of things on a dozen photos with clear terms (NOTICE): what a correction of one spot should fill.

outlines.json has them as polygons, x and y in pixels one after the other, drawn by hand. A thing is what one
would name and give one colour: a coat, a face, a sky, as the annotators of segmentation benchmarks outline
them (Martin et al. 2001). Parts, small things inside another thing (the eyes of a cat), are apart: nobody
means the part rather than the whole but by a smaller reach.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from scipy.io import loadmat
from skimage import data
from sklearn.datasets import load_sample_image

HERE = Path(__file__).parent
KINDS = ("things", "parts")
SHARES = (0.02, 0.5)  # of a photo that a segment has which is a thing
OUTLINES = json.loads((HERE / "outlines.json").read_text(encoding="utf-8"))  # kind, photo, thing: corners
FILES = {"brothers": HERE.parent / "static" / "examples" / "brothers-before.jpg"}
OF_PACKAGES = {
    **{name: getattr(data, name) for name in ("astronaut", "camera", "chelsea", "coffee", "rocket")},
    **{name: lambda name=name: load_sample_image(f"{name}.jpg") for name in ("china", "flower")},
}


def things(kind: str) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield the name of each thing of a kind, its photo (uint8 RGB), and where it is on it (bool (h, w))."""
    for photo, outlines in OUTLINES[kind].items():
        rgb = load(photo)
        for thing, corners in outlines.items():
            inside = np.zeros(rgb.shape[:2], np.uint8)
            cv2.fillPoly(inside, [np.array(corners.split(), np.int32).reshape(-1, 2)], 1)
            yield f"{photo}, {thing}", rgb, inside.astype(bool)


def annotated(folder: Path, most: int) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield the same of at most so many photos of BSDS500 (Arbeláez et al. 2011), whose things are segments.

    folder: its BSDS500/data. Of a photo's annotators the one is believed who is in the middle by how many
    segments each saw; what is very small, or more than half of the photo, is no thing.
    """
    files = sorted(folder.glob("groundTruth/*/*.mat"))
    for file in files[:: max(1, len(files) // most)][:most]:
        rgb = cv2.imread(str(folder / "images" / file.parent.name / f"{file.stem}.jpg"))[..., ::-1]
        annotators = [each["Segmentation"][0, 0] for each in loadmat(file)["groundTruth"][0]]
        segments = sorted(annotators, key=np.max)[len(annotators) // 2]
        for label in np.unique(segments):
            inside = segments == label
            if SHARES[0] < inside.mean() < SHARES[1]:
                yield f"{file.stem}, {label}", np.ascontiguousarray(rgb), inside


def load(name: str) -> np.ndarray:
    """Return a photo of the outlines, uint8 RGB."""
    if name in OF_PACKAGES:
        photo = OF_PACKAGES[name]()
        return photo if photo.ndim == 3 else cv2.cvtColor(photo, cv2.COLOR_GRAY2RGB)
    path = FILES.get(name, HERE / "pictures" / f"{name}.jpg")
    return cv2.cvtColor(cv2.imread(str(path)), cv2.COLOR_BGR2RGB)
