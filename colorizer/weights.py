"""The networks' files on this machine: where they lie, and whether they are those of the manifest."""

import hashlib
from pathlib import Path

from colorizer.errors import WeightsDamaged, WeightsNotInstalled
from colorizer.manifest import ManifestEntry
from colorizer.resources import resource_folder

RECORD_SUFFIX = ".sha256"  # beside a file without a published digest, in the format of sha256sum


def weights_path(entry: ManifestEntry, models_dir: Path) -> Path:
    """Return where the network's file lies or would lie."""
    folder = resource_folder("models") if entry.bundled else Path(models_dir)
    return folder / entry.file


def record_path(path: Path) -> Path:
    """Return where the digest of a file without a published one is recorded."""
    return path.with_name(path.name + RECORD_SUFFIX)


def is_installed(entry: ManifestEntry, models_dir: Path) -> bool:
    """Whether the file is there; whether it is intact is for `read_weights` to say."""
    return weights_path(entry, models_dir).is_file()


def read_weights(entry: ManifestEntry, models_dir: Path) -> bytes:
    """Return the file's bytes, checked by size and sha256.

    Raises WeightsNotInstalled or WeightsDamaged, with the command that mends it.
    """
    path = weights_path(entry, models_dir)
    try:
        data = path.read_bytes()
        expected = entry.sha256 or record_path(path).read_text(encoding="ascii").split()[0]
    except FileNotFoundError as error:
        raise WeightsNotInstalled(
            f"The weights of {entry.name} are not installed. {_remedy(entry, 'Fetch')}"
        ) from error
    except (OSError, ValueError, IndexError) as error:
        raise WeightsDamaged(
            f"The weights of {entry.name} cannot be read. {_remedy(entry, 'Fetch')}"
        ) from error
    _check_bytes(entry, data, expected)
    return data


def _check_bytes(entry: ManifestEntry, data: bytes, expected: str) -> None:
    if entry.bytes is not None and len(data) != entry.bytes:
        found = f"{len(data):,} bytes instead of {entry.bytes:,}"
    elif hashlib.sha256(data).hexdigest() != expected:
        found = "another sha256"
    else:
        return
    raise WeightsDamaged(
        f"The weights of {entry.name} on disk are not the right ones: they have {found}. "
        f"{_remedy(entry, 'Replace')}"
    )


def _remedy(entry: ManifestEntry, verb: str) -> str:
    if entry.bundled:
        return "They come with the program: install it anew."
    return f"{verb} them with: {entry.fetch_command}"
