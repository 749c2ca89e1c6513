"""What models/manifest.json says about every network: its file, where it comes from, its digest and terms."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import platformdirs

from colorizer.errors import WeightsError
from colorizer.process.resources import PACKAGE, resource_folder

FAMILIES = ("colornet", "zhang", "zeruniverse", "onnx")
MANIFEST_FILE = "manifest.json"
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
FILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
SHA256 = re.compile(r"[0-9a-f]{64}")
URL = re.compile(r"https?://\S+")


Shapes = Mapping[str, tuple[int | None, ...]]


@dataclass(frozen=True)
class Signature:
    """What an ONNX file must look like inside.

    inputs, outputs: shape by name; None stands for a side that may vary.
    parameters: the sorted shapes of all convolution kernels larger than 1x1, or () where they do not matter.
    """

    inputs: Shapes
    outputs: Shapes
    parameters: tuple[tuple[int, ...], ...] = ()


@dataclass(frozen=True)
class ManifestEntry:
    """One network of the manifest.

    family: the class in `colorizer.strategies` that runs it; urls: mirrors, in the order to try them.
    sha256 and bytes are None where nobody ever published them: then `signature` is checked when the file
    is installed, and the digest is recorded beside it.
    """

    name: str
    title: str
    family: str
    file: str
    licence: str
    paper: str
    notes: str
    urls: tuple[str, ...] = ()
    sha256: str | None = None
    bytes: int | None = None
    bundled: bool = False
    signature: Signature | None = None

    @property
    def fetch_command(self) -> str:
        """The command that brings the weights to this machine; "" where they come with the program."""
        if self.bundled:
            return ""
        return f"image-colorizer fetch {self.name}" + ("" if self.urls else " --from FILE")


Manifest = Mapping[str, ManifestEntry]


def default_models_dir() -> Path:
    """Return where fetched weights go: models/ in a checkout, else the user's data folder.

    A user without a home, as systemd and containers make some, looks into the machine's.
    """
    bundled = resource_folder("models")
    if bundled.parent != PACKAGE:
        return bundled
    try:  # installed from a wheel: not a place to write to
        data = platformdirs.user_data_path("image-colorizer", appauthor=False)
    except RuntimeError:
        data = platformdirs.site_data_path("image-colorizer", appauthor=False)
    return data / "models"


def load_manifest(models_dir: Path | None = None) -> Manifest:
    """Return the entries by name, in the manifest's order.

    A manifest.json in `models_dir` adds to the one that comes with the program: it can describe further
    ONNX networks, or other files under the names that there are.
    Raises WeightsError where an entry makes no sense.
    """
    own = Path(models_dir or default_models_dir()) / MANIFEST_FILE
    shipped = resource_folder("models") / MANIFEST_FILE
    files = [shipped] if own == shipped or not own.is_file() else [shipped, own]
    return {name: entry for file in files for name, entry in _read_once(file).items()}


def _read_once(path: Path) -> Manifest:
    """Read a manifest anew only where the file has changed."""
    try:
        status = path.stat()
    except OSError as error:
        raise WeightsError(f"The manifest of the networks cannot be read: {error}.") from error
    return _read_manifest(path, (status.st_ino, status.st_mtime_ns, status.st_size))


@lru_cache(maxsize=8)
def _read_manifest(path: Path, version: tuple[int, ...]) -> Manifest:
    try:
        return parse_manifest(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError) as error:
        raise WeightsError(f"The manifest of the networks cannot be read: {error}.") from error


def parse_manifest(document: object) -> Manifest:
    """Check a parsed manifest.json and return its entries by name; raises WeightsError."""
    if not isinstance(document, dict) or not isinstance(document.get("networks"), list):
        raise WeightsError('The manifest of the networks must be {"networks": [...]}.')
    entries = [_parse_entry(item) for item in document["networks"]]
    names = [entry.name for entry in entries]
    if len(set(names)) < len(names):
        raise WeightsError("Two entries of the manifest have the same name.")
    return {entry.name: entry for entry in entries}


def _parse_entry(item: object) -> ManifestEntry:
    if not isinstance(item, dict):
        raise WeightsError("Every entry of the manifest must be an object.")
    unknown = set(item) - {field.name for field in fields(ManifestEntry)}
    if unknown:
        raise WeightsError(f"The manifest has fields that nothing reads: {', '.join(sorted(unknown))}.")
    values = dict(item, urls=tuple(item.get("urls", ())))
    if "signature" in item:
        values["signature"] = _parse_signature(item["signature"])
    try:
        entry = ManifestEntry(**values)
    except TypeError as error:
        raise WeightsError(f"An entry of the manifest is incomplete: {error}.") from error
    _check_entry(entry)
    return entry


def _parse_signature(item: Any) -> Signature:
    try:
        return Signature(
            _parse_shapes(item["inputs"]), _parse_shapes(item["outputs"]), _parse_parameters(item)
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise WeightsError(
            "A signature of the manifest must have inputs and outputs, each with its shape."
        ) from error


def _parse_shapes(shapes: Mapping[str, list[int | None]]) -> Shapes:
    return {name: tuple(shape) for name, shape in shapes.items()}


def _parse_parameters(item: Mapping[str, list[list[int]]]) -> tuple[tuple[int, ...], ...]:
    return tuple(sorted(tuple(shape) for shape in item.get("parameters", ())))


def _check_entry(entry: ManifestEntry) -> None:
    texts = (entry.title, entry.licence, entry.paper, entry.notes)
    problems = {
        "name": not NAME.fullmatch(str(entry.name)),
        "file": not FILE.fullmatch(str(entry.file)),
        "urls": not all(URL.fullmatch(str(url)) for url in entry.urls),
        "sha256": entry.sha256 is not None and not SHA256.fullmatch(str(entry.sha256)),
        "bytes": entry.bytes is not None and not (isinstance(entry.bytes, int) and entry.bytes > 0),
        "family": entry.family not in FAMILIES,
        "title, licence, paper or notes": not all(isinstance(text, str) for text in texts),
        "sha256 and bytes (both or neither)": (entry.sha256 is None) != (entry.bytes is None),
        "signature (needed where there is no sha256)": entry.sha256 is None and entry.signature is None,
        "urls (none without a sha256)": entry.sha256 is None and bool(entry.urls),
    }
    wrong = [field for field, is_wrong in problems.items() if is_wrong]
    if wrong:
        raise WeightsError(f"The manifest's entry {entry.name!r} has a wrong {', '.join(wrong)}.")
