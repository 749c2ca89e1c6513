"""Which file each result goes to: NAME-colorized.jpg, or with another mark, beside the photo or elsewhere.

Everything here is about names; whether such a file exists, and what it holds, is for others to say.
"""

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from os.path import splitext
from pathlib import Path
from typing import TYPE_CHECKING

from colorizer.photo.formats import WRITTEN

if TYPE_CHECKING:
    from colorizer.color.hints import Hint

MARK = "-colorized"
COMPARISON = "side-by-side"
DIGESTED = re.compile("-[0-9a-f]{8}$")
LONGEST_NAME = 255  # bytes, on nearly every file system


@dataclass(frozen=True)
class Job:
    """One photo and the folder and name of its results.

    name: the photo's name without its extension, or what else tells it from the others (`result_names`).
    mark: what follows it in the results' names.
    from_folder: found in a folder, where files that are no photos of the user's are passed over.
    file: the result's whole path, where the user named it. data: the photo itself, where it is no file.
    """

    photo: Path
    folder: Path
    name: str
    from_folder: bool = False
    file: Path | None = None
    data: bytes | None = None
    hints: "tuple[Hint, ...]" = ()
    mark: str = MARK

    def result(self, suffix: str, strategy: str | None = None) -> Path:
        """Return the result's path; `strategy` is named where there are several."""
        if self.file:
            return self.file
        return self.folder / fitting(self.name, self.mark + (f"-{strategy}" if strategy else "") + suffix)


def result_names(photos: Sequence[str]) -> list[str]:
    """Return what the results of each photo are called, before -colorized; all of them go to one folder.

    a.jpg gives a. Where two would share it the extension joins, as in a-jpg and a-png. Where that does not
    tell them apart (a.jpg beside A.JPG: many file systems ignore case) a digest of the name joins too.
    """
    parts = [splitext(photo) for photo in photos]
    shared = _shared([stem for stem, _ in parts])
    names = [f"{stem}-{suffix[1:]}" if stem.casefold() in shared else stem for stem, suffix in parts]
    shared = _shared(names)
    return [
        f"{name}-{_digest(photo)}" if name.casefold() in shared else name
        for photo, name in zip(photos, names, strict=True)
    ]


def without_results(photos: Sequence[str], strategies: Sequence[str], mark: str = MARK) -> list[str]:
    """Leave out what is named as a result of another photo: NAME-colorized.jpg beside NAME.png.

    mark: of results that there may be beside those with the usual one.
    """
    pattern, marks = _result_pattern(strategies, {MARK, mark}), (MARK, mark)
    found = {
        photo: match[1]
        for photo in photos
        if any(mark in photo for mark in marks) and (match := pattern.fullmatch(photo))
    }
    if not found:
        return list(photos)
    parts = [splitext(photo) for photo in photos]
    names = {stem for stem, _ in parts} | {f"{stem}-{suffix[1:]}" for stem, suffix in parts}
    if any(map(DIGESTED.search, found.values())):
        names |= {f"{stem}-{suffix[1:]}-{_digest(stem + suffix)}" for stem, suffix in parts}
    return [photo for photo in photos if found.get(photo) not in names]


def fitting(name: str, ending: str) -> str:
    """Return name + ending; a name too long for a file system is cut, and a digest tells it from others."""
    room = LONGEST_NAME - len(os.fsencode(ending))
    if len(os.fsencode(name)) <= room:
        return name + ending
    digest = f"-{_digest(name)}"
    while len(os.fsencode(name)) > room - len(digest):
        name = name[:-1]
    return name + digest + ending


def _result_pattern(strategies: Sequence[str], marks: Iterable[str]) -> re.Pattern[str]:
    any_mark = "|".join(map(re.escape, marks))
    makers = "|".join(map(re.escape, (*strategies, COMPARISON)))
    suffixes = "|".join(re.escape(format.suffix) for format in WRITTEN.values())
    return re.compile(f"(.+)(?:{any_mark})(?:-(?:{makers}))?(?:{suffixes})", re.DOTALL)


def _shared(names: Sequence[str]) -> set[str]:
    return {name for name, count in Counter(map(str.casefold, names)).items() if count > 1}


def _digest(name: str) -> str:
    return hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
