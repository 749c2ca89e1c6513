"""Which files of a folder are photos to colour."""

import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from colorizer.photo.formats import READ

PHOTO_SUFFIXES = tuple(suffix for format in READ.values() for suffix in format.suffixes)
KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


@dataclass
class Listing:
    """What one folder holds: photos, names that look like photos and are none (with what they are), and
    how many other files there are. Hidden files count nowhere."""

    folder: Path
    photos: list[str] = field(default_factory=list)
    irregular: dict[str, str] = field(default_factory=dict)
    others: int = 0
    subfolders: list[Path] = field(default_factory=list)


def is_photo_name(name: str) -> bool:
    """Whether a file of this name is taken for a photo (what it holds is seen when it is read)."""
    return not name.startswith(".") and name.lower().endswith(PHOTO_SUFFIXES)


def list_photos(
    folder: Path,
    look_into: Callable[[Path], Listing],
    recursive: bool,
    refuse: Callable[[OSError], None],
    leave_out: Path | None = None,
) -> Iterator[Listing]:
    """Yield what a folder holds, and the folders inside it, in a steady order.

    Hidden files and folders are left alone, and links to folders are not followed.
    look_into: lists one folder. refuse: called for each that cannot be read; the others are still searched.
    leave_out: a folder below that is not entered, because the results go there.
    """
    waiting = [folder]
    while waiting:
        try:
            listing = look_into(waiting.pop())
        except OSError as error:
            refuse(error)
            continue
        yield listing
        if recursive:
            waiting += [path for path in reversed(listing.subfolders) if not _is_same(path, leave_out)]


def kind_of(mode: int) -> str | None:
    """Return what a file of this st_mode is, as "a pipe"; None for a regular file."""
    return None if stat.S_ISREG(mode) else KINDS.get(stat.S_IFMT(mode), "no regular file")


def list_folder(folder: Path) -> Listing:
    """Return what a folder of this machine holds; raises OSError."""
    listing = Listing(folder)
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if not entry.name.startswith("."):
                _sort_in(listing, entry)
    return listing


def _sort_in(listing: Listing, entry: os.DirEntry[str]) -> None:
    if entry.is_dir(follow_symlinks=False):
        listing.subfolders.append(Path(entry.path))
    elif not is_photo_name(entry.name):
        listing.others += not entry.is_symlink() or not os.path.isdir(entry.path)
    elif kind := _kind(entry):
        listing.irregular[entry.name] = kind
    else:
        listing.photos.append(entry.name)


def _kind(entry: os.DirEntry[str]) -> str | None:
    """Return what a name stands for that is no file; a dead link is a photo, which will not be found."""
    if entry.is_file(follow_symlinks=False):  # known without asking the file system again
        return None
    try:
        return kind_of(entry.stat().st_mode)
    except OSError:
        return None


def _is_same(folder: Path, other: Path | None) -> bool:
    return other is not None and folder.resolve() == other.resolve()
