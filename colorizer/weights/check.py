"""The networks' files on this machine: where they lie, and whether they are those of the manifest."""

import hashlib
from os import SEEK_END
from pathlib import Path

from colorizer.errors import WeightsDamaged, WeightsNotInstalled
from colorizer.process.resources import resource_folder
from colorizer.weights.manifest import ManifestEntry

RECORD_SUFFIX = ".sha256"  # beside a file without a published digest, in the format of sha256sum


def weights_path(entry: ManifestEntry, models_dir: Path) -> Path:
    """Return where the network's file lies or would lie."""
    folder = resource_folder("models") if entry.bundled else Path(models_dir)
    return folder / entry.file


def record_path(path: Path) -> Path:
    """Return where the digest of a file without a published one is recorded."""
    return path.with_name(path.name + RECORD_SUFFIX)


def is_installed(entry: ManifestEntry, models_dir: Path) -> bool:
    """Whether the file is there; whether it is intact is for `check_weights` to say."""
    return weights_path(entry, models_dir).is_file()


def check_weights(entry: ManifestEntry, models_dir: Path) -> Path:
    """Return where the file lies, once its size and sha256 are found right.

    Raises WeightsNotInstalled or WeightsDamaged, with the command that mends it.
    """
    path = weights_path(entry, models_dir)
    try:
        problem = _find_problem(entry, models_dir)
    except FileNotFoundError as error:
        raise WeightsNotInstalled(
            f"The weights of {entry.name} are not installed. {_remedy(entry, 'Fetch')}"
        ) from error
    except (OSError, ValueError, IndexError) as error:
        raise WeightsDamaged(
            f"The weights of {entry.name} cannot be read. {_remedy(entry, 'Replace')}"
        ) from error
    if problem:
        raise WeightsDamaged(
            f"The weights of {entry.name} on disk are damaged: {problem}. {_remedy(entry, 'Replace')}"
        )
    return path


def expected_digest(entry: ManifestEntry, models_dir: Path) -> str:
    """Return the sha256 that the file must have, in hexadecimal digits.

    It is the manifest's, or else the one that was recorded when the file was installed; raises OSError,
    ValueError or IndexError where that is missing or broken.
    """
    return entry.sha256 or record_path(weights_path(entry, models_dir)).read_text(encoding="ascii").split()[0]


def _find_problem(entry: ManifestEntry, models_dir: Path) -> str | None:
    """Read the file piece by piece, for it may be large; return what is wrong with it."""
    with weights_path(entry, models_dir).open("rb") as file:
        size = file.seek(0, SEEK_END)
        if entry.bytes is not None and size != entry.bytes:
            return f"they have {size:,} bytes, expected {entry.bytes:,}"
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return None if digest == expected_digest(entry, models_dir) else "they have another sha256"


def _remedy(entry: ManifestEntry, verb: str) -> str:
    if entry.bundled:
        return "They come with the program: install it anew."
    return f"{verb} them with: {entry.fetch_command}"
