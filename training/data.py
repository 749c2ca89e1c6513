"""Photos for training: where they lie, how they are split, and how a crop is made from one.

A crop depends only on (seed, its number), never on the state of a worker: a run that is resumed at crop n
sees exactly what it would have seen.
"""

import csv
import gzip
import hashlib
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.utils.data import Dataset

from colorizer.color import ab_bins
from colorizer.color.lab import rgb_to_lab

SCENES = ("people", "landscape", "urban", "animals", "other")
NO_SCENE = -100  # what torch's cross entropy leaves out
CATS_AMONG_URBAN = "BernieChen96/ImageClassification"  # this source files cats under `urban`
SHOWN_IN_DOCS = "scikit-image/scikit-image"  # its photos illustrate the docs: never train on them
HELD_OUT_PHOTOS = 1000  # for the test split, and as many for validation
NEAR_DUPLICATE = 6  # differing bits of 64 at which two difference hashes mean the same picture
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}
HASHES = Path("training/runs/difference-hashes.npz")  # where the hashes of a collection are kept
STRIDE = 4  # the target's grid against the crop's

# Share of crops that ...
FLIPPED = 0.5
HINTED = 0.5  # ... carry hints, as most visitors place none and some place many
AGED = 0.5  # ... look like an old photo
FILMED = 0.15  # ... were taken on film that sees colours unlike the eye
ZOOM = (0.7, 1.0)  # side of the crop against the photo's short side


@dataclass(frozen=True)
class Photo:
    """A photo in a folder, or (with a member) in a zip shard."""

    path: Path
    member: str | None
    digest: str  # leading hex digits of the sha256 of the original file
    scene: int  # index into SCENES, or NO_SCENE

    def read(self) -> np.ndarray:
        """Return the photo as uint8 RGB (h, w, 3)."""
        data = open_shard(self.path).read(self.member) if self.member else self.path.read_bytes()
        bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        if bgr is None:
            raise ValueError(f"{self.path} {self.member or ''}: not a picture that OpenCV can read")
        return bgr[:, :, ::-1]


@cache
def open_shard(path):
    return zipfile.ZipFile(path)


def list_photos(folder: Path) -> list[Photo]:
    """List the photos under `folder`, by digest: zip shards with their INDEX.tsv.gz, or a tree of image
    files whose top folders may be named as the scenes."""
    index = Path(folder) / "INDEX.tsv.gz"
    photos = list_indexed(index) if index.exists() else list_files(Path(folder))
    if not photos:
        raise ValueError(f"{folder}: no INDEX.tsv.gz with zip shards and no image files found")
    return sorted(photos, key=lambda photo: (photo.digest, str(photo.path), photo.member or ""))


def list_indexed(index):
    with gzip.open(index, "rt", encoding="utf-8") as text:
        rows = list(csv.DictReader(text, delimiter="\t"))
    return [
        Photo(index.parent / row["shard"], row["name"], row["sha256_prefix"], scene_of(row))
        for row in rows
        if row["source_repo"] != SHOWN_IN_DOCS and (index.parent / row["shard"]).exists()
    ]


def scene_of(row):
    return NO_SCENE if row["source_repo"] == CATS_AMONG_URBAN else SCENES.index(row["category"])


def list_files(folder):
    files = [path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES]
    return [Photo(path, None, digest_of(path), scene_of_file(path.relative_to(folder))) for path in files]


def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def scene_of_file(relative):
    return SCENES.index(relative.parts[0]) if relative.parts[0] in SCENES else NO_SCENE


def split_photos(photos: list[Photo], cache_file: Path | None = None) -> dict[str, list[Photo]]:
    """Split photos, ascending by digest, into `test` and `validation` (the first two thousand, or a tenth
    each of a small collection) and `training` (the others, less near-duplicates of those)."""
    count = min(HELD_OUT_PHOTOS, max(1, len(photos) // 10))
    test, validation, training = photos[:count], photos[count : 2 * count], photos[2 * count :]
    hashes = difference_hashes(photos, cache_file)
    held_out, candidates = hashes[: 2 * count], hashes[2 * count :]
    distance = np.array([np.bitwise_count(held_out ^ h).min(initial=64) for h in candidates])
    training = [photo for photo, bits in zip(training, distance, strict=True) if bits > NEAR_DUPLICATE]
    return {"test": test, "validation": validation, "training": training}


def difference_hashes(photos, cache_file=None):
    """Return uint64 hashes (n,), a bit for each pair of neighbours of a 9x8 thumbnail; kept in the file."""
    key = hashlib.sha256("".join(photo.digest for photo in photos).encode()).hexdigest()
    if cache_file and cache_file.exists():
        stored = np.load(cache_file)
        if str(stored["key"]) == key:
            return stored["hashes"]
    hashes = np.array([difference_hash(photo.read()) for photo in photos], np.uint64)
    if cache_file:
        cache_file.parent.mkdir(parents=True, exist_ok=True)
        np.savez(cache_file, key=key, hashes=hashes)
    return hashes


def difference_hash(rgb):
    gray = cv2.resize(
        np.ascontiguousarray(rgb).mean(2).astype(np.float32), (9, 8), interpolation=cv2.INTER_AREA
    )
    return int("".join("1" if bit else "0" for bit in (gray[:, 1:] > gray[:, :-1]).ravel()), 2)


class Crops(Dataset):
    """Crops by (number, side): the photo is the number's place in a shuffled epoch, the rest drawn by it."""

    def __init__(self, photos: list[Photo], seed: int, clean: bool = False):
        """clean: whole photos squeezed to a square, not flipped or aged, all with hints."""
        self.photos, self.seed, self.clean = photos, seed, clean

    def __getitem__(self, key):
        number, side = key
        epoch, place = divmod(number, len(self.photos))
        photo = self.photos[shuffled(len(self.photos), self.seed, epoch)[place]]
        random = np.random.default_rng([self.seed, number])
        return self.clean_example(photo, side, random) if self.clean else self.example(photo, side, random)

    def example(self, photo, side, random):
        rgb = random_crop(photo.read(), side, random)
        lab = rgb_to_lab(rgb)
        lightness = film_lightness(rgb, random) if random.random() < FILMED else lab[:, :, 0]
        if random.random() < AGED:
            lightness = age(lightness, random)
        hints = draw_hints(lab[:, :, 1:], random) if random.random() < HINTED else np.zeros_like(lab)
        return example(lightness, lab[:, :, 1:], hints, photo.scene)

    def clean_example(self, photo, side, random):
        lab = rgb_to_lab(
            cv2.resize(np.ascontiguousarray(photo.read()), (side, side), interpolation=cv2.INTER_AREA)
        )
        return example(lab[:, :, 0], lab[:, :, 1:], draw_hints(lab[:, :, 1:], random), photo.scene)


@cache
def shuffled(count, seed, epoch):
    return np.random.default_rng([seed, epoch]).permutation(count)


def example(lightness, ab, hints, scene):
    """Return one example as tensors; the target is the mean ab of each 4x4 cell, shared among its bins."""
    height, width = lightness.shape
    target = cv2.resize(ab, (width // STRIDE, height // STRIDE), interpolation=cv2.INTER_AREA)
    indices, weights = encode_by_table(target)
    return {
        "lightness": torch.from_numpy(np.ascontiguousarray(lightness[None], np.float32)),  # [1, H, W]
        "hints": torch.from_numpy(np.ascontiguousarray(hints.transpose(2, 0, 1), np.float32)),  # [3, H, W]
        "ab": torch.from_numpy(np.ascontiguousarray(target.transpose(2, 0, 1))),  # [2, H/4, W/4]
        "indices": torch.from_numpy(indices),  # [H/4, W/4, 5]
        "weights": torch.from_numpy(weights),  # [H/4, W/4, 5]
        "scene": torch.tensor(scene),
    }


@cache
def encoding_table():
    """`ab_bins.encode` of all whole a and b from -110 to 110: looking up is a hundred times faster."""
    axis = np.arange(-110, 111, dtype=np.float32)
    rows = [ab_bins.encode(np.stack([np.full_like(axis, a), axis], -1)) for a in axis]
    return np.stack([row[0] for row in rows]).astype(np.int16), np.stack([row[1] for row in rows])


def encode_by_table(ab):
    indices, weights = encoding_table()
    whole = np.clip(np.rint(ab), -110, 110).astype(int) + 110
    return indices[whole[..., 0], whole[..., 1]], weights[whole[..., 0], whole[..., 1]]


def random_crop(rgb, side, random):
    """Cut a random square of 0.7 to 1 times the short side, flip it half of the time, and bring it to
    `side` pixels."""
    height, width = rgb.shape[:2]
    cut = int(min(height, width) * random.uniform(*ZOOM))
    top, left = random.integers(height - cut + 1), random.integers(width - cut + 1)
    crop = rgb[top : top + cut, left : left + cut]
    if random.random() < FLIPPED:
        crop = crop[:, ::-1]
    way = cv2.INTER_AREA if cut > side else cv2.INTER_LINEAR
    return cv2.resize(np.ascontiguousarray(crop), (side, side), interpolation=way)


def draw_hints(ab, random):
    """Draw 1 to 60 hints at random: squares of 1 to 9 pixels of their mean colour (Zhang et al. 2017)."""
    height, width = ab.shape[:2]
    planes = np.zeros((height, width, 3), np.float32)
    for _ in range(min(60, random.geometric(1 / 8))):
        radius = min(4, random.geometric(0.5))  # product: 1, a square of 3 pixels
        radius -= random.random() < 0.2  # sometimes a single pixel
        y, x = random.integers(height), random.integers(width)
        cell = np.s_[max(0, y - radius) : y + radius + 1, max(0, x - radius) : x + radius + 1]
        planes[cell][..., :2] = ab[cell].mean((0, 1))
        planes[cell][..., 2] = 1
    return planes


def film_lightness(rgb, random):
    """Lightness 0..100 as film sees it: blue-sensitive film, for one, darkens red and bleaches the sky."""
    response = random.dirichlet((1.5, 3.0, 2.0)).astype(np.float32)
    gray = (rgb.astype(np.float32) / 255) @ response
    return rgb_to_lab(np.repeat(gray[:, :, None], 3, 2))[:, :, 0]


def age(lightness, random):
    """Return a lightness plane (h, w), 0..100, with faults of old prints and their scans, each by chance."""
    plane = lightness / 100
    for fault, chance in FAULTS:
        if random.random() < chance:
            plane = fault(plane, random)
    return np.clip(plane, 0, 1).astype(np.float32) * 100


def bend_tones(plane, random):
    return np.clip(plane, 0, 1) ** np.exp(random.uniform(-0.4, 0.4))


def fade(plane, random):
    black, white = random.uniform(0, 0.25), random.uniform(0.75, 1)
    return black + plane * (white - black)


def overexpose(plane, random):
    return (plane - 0.5) * random.uniform(1.0, 1.4) + 0.5 + random.uniform(-0.1, 0.1)


def blur(plane, random):
    return cv2.GaussianBlur(plane, (0, 0), random.uniform(0.3, 1.3))


def add_grain(plane, random):
    height, width = plane.shape
    size = random.uniform(1, 2)  # grain of one to two pixels
    grain = random.standard_normal((int(height / size) + 1, int(width / size) + 1), np.float32)
    return plane + cv2.resize(grain, (width, height)) * np.float32(random.uniform(0.01, 0.07))


def add_vignette(plane, random):
    height, width = plane.shape
    y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return plane * (1 - random.uniform(0.1, 0.5) * (x * x + y * y) / 2).astype(np.float32)


def add_scratches(plane, random):
    height, width = plane.shape
    plane = plane.copy()
    for _ in range(random.integers(1, 6)):
        ends = random.integers(0, (width, height), (2, 2))
        cv2.line(plane, ends[0].tolist(), ends[1].tolist(), float(random.random() < 0.7), 1, cv2.LINE_AA)
    return plane


def add_halftone(plane, random):
    height, width = plane.shape
    period = random.uniform(2.5, 4)
    y, x = np.mgrid[:height, :width] * (2 * np.pi / period)
    dots = np.sin(x + y) * np.sin(x - y)
    return plane + (random.uniform(0.03, 0.12) * dots).astype(np.float32)


def compress(plane, random):
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(25, 80))]
    data = cv2.imencode(".jpg", np.clip(plane * 255, 0, 255).astype(np.uint8), quality)[1]
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE).astype(np.float32) / 255


FAULTS = (
    (bend_tones, 0.5),
    (fade, 0.4),
    (overexpose, 0.2),
    (blur, 0.3),
    (add_vignette, 0.2),
    (add_grain, 0.4),
    (add_halftone, 0.05),
    (add_scratches, 0.1),
    (compress, 0.3),
)


def gather(examples):
    """Stack examples into a batch."""
    return {name: torch.stack([one[name] for one in examples]) for name in examples[0]}
