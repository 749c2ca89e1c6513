"""Which files of a folder are photos to colour."""

import os
from collections.abc import Iterator
from pathlib import Path

from colorizer.errors import PhotoError

PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff")


def is_photo_name(name: str) -> bool:
    """Whether a file of this name is taken for a photo (what it holds is seen when it is read)."""
    return not name.startswith(".") and name.lower().endswith(PHOTO_SUFFIXES)


def find_photos(folder: Path, recursive: bool, leave_out: Path | None = None) -> list[Path]:
    """Return the photos of a folder in a steady order; hidden files and folders are left alone.

    leave_out: a folder below that is not entered, because the results go there.
    Raises PhotoError where a folder cannot be read.
    """
    photos = []
    for parent, names in _walk(folder, recursive, leave_out):
        photos += [parent / name for name in sorted(names) if is_photo_name(name)]
    return photos


def _walk(folder: Path, recursive: bool, leave_out: Path | None) -> Iterator[tuple[Path, list[str]]]:
    """Yield each folder with its file names; links to folders are not followed, so the walk ends."""
    for parent, subfolders, names in os.walk(folder, onerror=_refuse):
        yield Path(parent), names
        kept = [name for name in sorted(subfolders) if not name.startswith(".")] if recursive else []
        subfolders[:] = [name for name in kept if not _is_same(Path(parent, name), leave_out)]


def _is_same(folder: Path, other: Path | None) -> bool:
    return other is not None and folder.resolve() == other.resolve()


def _refuse(error: OSError) -> None:
    raise PhotoError(f"{error.filename}: the folder cannot be read: {error.strerror}.") from error
