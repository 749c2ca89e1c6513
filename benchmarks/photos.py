"""Photos to measure with: samples that come with packages, any folder of photos, and large made-up ones."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import simplejpeg
from skimage import data
from sklearn.datasets import load_sample_image

SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
GRAIN = 3.0  # gray levels of noise, so that a made-up photo is as hard to encode as a real one
QUALITY = 90


def color_photos(folder: Path | None = None, most: int = 200) -> Iterator[np.ndarray]:
    """Yield RGB photos, uint8 (h, w, 3): of a folder of pictures or zip files, or else the samples."""
    if folder is None:
        yield from _samples()
        return
    for number, encoded in enumerate(_files(folder)):
        if number == most:
            return
        yield cv2.cvtColor(
            cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB
        )


def photo_file(megapixels: float, kind: str) -> bytes:
    """Return a photo of 3:2 as the bytes of a "gray jpg", "colour jpg" or "gray png" file."""
    width = round((megapixels * 1.5e6) ** 0.5 / 8) * 8
    size = (width, round(width / 1.5 / 8) * 8)
    photo = cv2.resize(load_sample_image("china.jpg"), size, interpolation=cv2.INTER_CUBIC)
    grain = np.random.default_rng(0).normal(0, GRAIN, (512, 512)).astype(np.int8)
    grain = np.tile(grain, (size[1] // 512 + 1, size[0] // 512 + 1))[: size[1], : size[0], None]
    photo = cv2.add(photo, np.repeat(grain, 3, axis=2), dtype=cv2.CV_8U)
    if kind == "colour jpg":
        return simplejpeg.encode_jpeg(photo, QUALITY, colorsubsampling="420")
    gray = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    if kind == "gray png":
        return cv2.imencode(".png", gray)[1].tobytes()
    return simplejpeg.encode_jpeg(gray[..., None], QUALITY, "GRAY", "Gray")


def _samples() -> Iterator[np.ndarray]:
    for photo in (data.astronaut, data.chelsea, data.coffee, data.rocket):
        yield photo()
    for name in ("china.jpg", "flower.jpg"):
        yield load_sample_image(name)


def _files(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as shard:
                yield from (shard.read(name) for name in shard.namelist() if Path(name).suffix in SUFFIXES)
        elif path.suffix.lower() in SUFFIXES:
            yield path.read_bytes()
