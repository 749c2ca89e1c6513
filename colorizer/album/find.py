"""Which files of a folder are photos to colour."""

import os
from collections.abc import Callable
from pathlib import Path

from colorizer.photo.formats import READ

PHOTO_SUFFIXES = tuple(suffix for format in READ.values() for suffix in format.suffixes)


def is_photo_name(name: str) -> bool:
    """Whether a file of this name is taken for a photo (what it holds is seen when it is read)."""
    return not name.startswith(".") and name.lower().endswith(PHOTO_SUFFIXES)


def find_photos(
    folder: Path, recursive: bool, refuse: Callable[[OSError], None], leave_out: Path | None = None
) -> list[Path]:
    """Return the photos of a folder in a steady order; hidden files and folders are left alone.

    refuse: called for each folder that cannot be read; the others are still searched.
    leave_out: a folder below that is not entered, because the results go there.
    """
    photos = []
    for parent, subfolders, names in os.walk(folder, onerror=refuse):
        photos += [Path(parent, name) for name in sorted(names) if is_photo_name(name)]
        kept = [name for name in sorted(subfolders) if not name.startswith(".")] if recursive else []
        subfolders[:] = [name for name in kept if not _is_same(Path(parent, name), leave_out)]
    return photos


def _is_same(folder: Path, other: Path | None) -> bool:
    return other is not None and folder.resolve() == other.resolve()
