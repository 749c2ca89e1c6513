"""A collection of photos: where they lie, how they are split, and how often each is drawn."""

import csv
import gzip
import hashlib
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np

SCENES = ("people", "landscape", "urban", "animals", "other")
NO_SCENE = -100  # what torch's cross entropy leaves out
CATS_AMONG_URBAN = "BernieChen96/ImageClassification"  # this source files cats under `urban`
SAMPLES = "scikit-image/scikit-image"  # benchmarks measure with its photos: never train on them
MEASURED_ONLY = "validation-wide.zip"  # a shard of sources that occur nowhere else: never train on it
HELD_OUT_PHOTOS = 1000  # for the test split, and as many for validation
NEAR_DUPLICATE = 6  # differing bits of 64 at which two difference hashes mean the same picture
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".bmp"}
KNOWN = Path("training/runs/collection.tsv")  # where split and colourfulness of a collection are kept

PALE = 15.0  # Hasler's colourfulness below which a photo teaches gray (BigColor left such photos out) ...
PALE_SHARE = 0.25  # ... and how often it is drawn, against the others
BALANCE = 0.12  # how much rarer kinds and sources are drawn more often: 0 not at all, 1 until all are equal
MOST_FAVOURED = 3.0  # times the mean, so that no photo is learned by heart


@dataclass(frozen=True)
class Photo:
    """A photo in a folder, or (with a member) in a zip shard."""

    path: Path
    member: str | None
    digest: str  # leading hex digits of the sha256 of the original file
    scene: int  # index into SCENES, or NO_SCENE
    source: str = ""  # who published it
    kind: str = ""  # what it shows, finer than the scene
    colorfulness: float = PALE  # Hasler's; known once the collection was split

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


def was_learned_from(row):
    return row["shard"] != MEASURED_ONLY  # the first run saw the samples too


def is_to_learn_from(row):
    return was_learned_from(row) and row["source_repo"] != SAMPLES


def list_photos(folder: Path, wanted: Callable[[dict[str, str]], bool] = is_to_learn_from) -> list[Photo]:
    """List the photos under `folder`, by digest: zip shards with those rows of their INDEX.tsv.gz that are
    wanted, or a tree of image files whose top folders may be named as the scenes."""
    index = Path(folder) / "INDEX.tsv.gz"
    photos = list_indexed(index, wanted) if index.exists() else list_files(Path(folder))
    if not photos:
        raise ValueError(f"{folder}: no INDEX.tsv.gz with zip shards and no image files found")
    return sorted(photos, key=lambda photo: (photo.digest, str(photo.path), photo.member or ""))


def list_measured_only(folder: Path) -> list[Photo]:
    """List the photos of the shard that only measures, in its own order, which is a shuffled one; none of a
    tree of image files."""
    index = Path(folder) / "INDEX.tsv.gz"
    return list_indexed(index, lambda row: row["shard"] == MEASURED_ONLY) if index.exists() else []


def list_indexed(index, wanted):
    with gzip.open(index, "rt", encoding="utf-8") as text:
        rows = list(csv.DictReader(text, delimiter="\t"))
    there = {shard for shard in {row["shard"] for row in rows} if (index.parent / shard).exists()}
    return [
        describe(row, index.parent / row["shard"]) for row in rows if row["shard"] in there and wanted(row)
    ]


def describe(row, shard):
    kind = row.get("fine_category") or row["category"]
    return Photo(shard, row["name"], row["sha256_prefix"], scene_of(row), row["source_repo"], kind)


def scene_of(row):
    return NO_SCENE if row["source_repo"] == CATS_AMONG_URBAN else SCENES.index(row["category"])


def list_files(folder):
    files = [path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES]
    return [Photo(path, None, digest_of(path), scene_of_file(path.relative_to(folder))) for path in files]


def digest_of(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def scene_of_file(relative):
    return SCENES.index(relative.parts[0]) if relative.parts[0] in SCENES else NO_SCENE


def split_folder(folder: Path, known: Path | None = None) -> dict[str, list[Photo]]:
    """Split the photos under `folder` into `test` and `validation` (the first two thousand by digest, or a
    tenth each of a small collection) and `training` (the others, less near-duplicates of those and of the
    photos that only measure).

    The file `known` keeps what was found. It also splits any part of its collection, as on a machine that
    was sent only some of the shards.
    """
    photos = list_photos(folder)
    found = read_known(known)
    if not found.keys() >= {photo.digest for photo in photos}:
        found = study(photos, list_measured_only(folder))
        write_known(found, known)
    split = {"test": [], "validation": [], "training": [], "left out": []}
    for photo in photos:
        name, colorful = found[photo.digest]
        split[name].append(replace(photo, colorfulness=colorful))
    del split["left out"]
    return split


def study(photos, measured=()):
    """Return (name of the split, colourfulness) by digest."""
    count = min(HELD_OUT_PHOTOS, max(1, len(photos) // 10))
    seen = [(difference_hash(rgb), colorfulness(rgb)) for rgb in (photo.read() for photo in photos)]
    held_out = [bits for bits, _ in seen[: 2 * count]]
    held_out = np.array(held_out + [difference_hash(photo.read()) for photo in measured], np.uint64)
    found = {}
    for place, (photo, (bits, colorful)) in enumerate(zip(photos, seen, strict=True)):
        name = ("test", "validation", "training")[min(place // count, 2)]
        if name == "training" and np.bitwise_count(held_out ^ np.uint64(bits)).min() <= NEAR_DUPLICATE:
            name = "left out"
        found[photo.digest] = name, colorful
    return found


def read_known(path):
    if not path or not path.exists():
        return {}
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]
    return {digest: (name, float(colorful)) for digest, name, colorful in rows}


def write_known(found, path):
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        lines = [f"{digest}\t{name}\t{colorful:.2f}\n" for digest, (name, colorful) in found.items()]
        path.write_text("".join(lines), encoding="utf-8")


def difference_hash(rgb):
    """Return a bit for each pair of neighbours of a 9x8 thumbnail, 64 in all."""
    gray = cv2.resize(
        np.ascontiguousarray(rgb).mean(2).astype(np.float32), (9, 8), interpolation=cv2.INTER_AREA
    )
    return int("".join("1" if bit else "0" for bit in (gray[:, 1:] > gray[:, :-1]).ravel()), 2)


def colorfulness(rgb):
    """Hasler and Suesstrunk 2003, equation (M3)."""
    red, green, blue = np.moveaxis(rgb.astype(np.float32), -1, 0)
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    spread = np.hypot(red_green.std(), yellow_blue.std())
    return float(spread + 0.3 * np.hypot(red_green.mean(), yellow_blue.mean()))


def draw_shares(photos: list[Photo]) -> np.ndarray:
    """Return how often each photo is drawn, (n,), summing to 1: rarer kinds and sources more often, pale
    photos less."""
    sources, kinds = Counter(photo.source for photo in photos), Counter(photo.kind for photo in photos)
    shares = np.array([(sources[photo.source] * kinds[photo.kind]) ** -BALANCE for photo in photos])
    shares = np.minimum(shares / shares.mean(), MOST_FAVOURED)
    shares[[photo.colorfulness < PALE for photo in photos]] *= PALE_SHARE
    return shares / shares.sum()
