"""What a run is to do: which photos are meant, and where the results of each go.

A plan keeps names only, so that one for 50,000 photos is small; each job is made when its turn has come.
"""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from colorizer.album.find import list_photos
from colorizer.album.outcome import Outcome
from colorizer.album.places import DISK, Place
from colorizer.album.result_names import MARK, Job, result_names, without_results
from colorizer.process.memory import give_back

STDIN, STDIN_NAME = Path("-"), "photo"
CLASH = "Another photo would have the same result, {name}. Rename one, or name two folders."


@dataclass(frozen=True)
class Target:
    """Where results go: to one file, into a folder, or (neither) beside each photo; and in which place.

    mark: what follows a photo's name in those of its results.
    """

    file: Path | None = None
    folder: Path | None = None
    place: Place = DISK
    mark: str = MARK


class _Names:
    """Very many names of files as one string: a list of strings takes five times the memory."""

    EACH = re.compile("[^\0]+")  # no file system has a NUL in names

    def __init__(self, names: Sequence[str] = ()) -> None:
        self._text, self._number = "\0".join(names), len(names)

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[str]:
        return (found[0] for found in self.EACH.finditer(self._text))


@dataclass
class _Shelf:
    """Photos of one folder whose results go to one folder; `names` are those of the results."""

    source: Path
    target: Path
    photos: _Names
    from_folder: bool = False
    names: _Names = field(default_factory=_Names)


class Plan:
    """What is to be done; its length is the number of photos.

    refused: what cannot be coloured, or is no photo in spite of its name, and why. others: how many files
    of the folders are no photos.
    """

    def __init__(
        self,
        photos: Sequence[Path],
        target: Target,
        recursive: bool,
        strategies: Sequence[str],
        source: Place = DISK,
    ) -> None:
        """Find the photos; strategies: the names of all that there are, by which results are known.

        source: where the photos lie; raises StoreUnavailable where that is a bucket that does not answer.
        """
        self._source = source
        self.refused: list[Outcome] = []
        self.others = 0
        self._target, self._recursive = target, recursive
        folders = [photo for photo in photos if source.is_folder(photo)]
        self._alone = len(photos) == 1
        self._shelves = [shelf for folder in folders for shelf in self._search(folder)]
        self._shelves += self._named(photo for photo in photos if photo not in folders)
        for shelf in self._shelves:
            shelf.photos = _Names(without_results([*shelf.photos], strategies, self._mark_beside()))
        self._clashing = self._name_results()
        give_back()  # what finding and naming took meanwhile

    def __len__(self) -> int:
        """Return how many photos there are to colour."""
        return sum(len(shelf.photos) for shelf in self._shelves) - len(self._clashing)

    def __iter__(self) -> Iterator[Job]:
        """Make the jobs one by one, folder by folder."""
        for shelf in self._shelves:
            for photo, name in zip(shelf.photos, shelf.names, strict=True):
                path = shelf.source / photo
                if path not in self._clashing:
                    stem = STDIN_NAME if path == STDIN else name
                    file, mark = self._target.file, self._target.mark
                    yield Job(path, shelf.target, stem, shelf.from_folder, file, mark=mark)

    def _mark_beside(self) -> str:
        """Return the mark of results beside photos; elsewhere NAME_edited.jpg is somebody's photo."""
        return self._target.mark if self._target.folder is None else MARK

    def _search(self, folder: Path) -> Iterator[_Shelf]:
        root = self._root(folder)
        results = self._target.folder if self._target.place == self._source else None
        look_into, refuse = self._source.list, self._refuse
        for listing in list_photos(folder, look_into, self._recursive, refuse, leave_out=results):
            self.others += listing.others
            self.refused += [
                _irregular(listing.folder / name, kind) for name, kind in listing.irregular.items()
            ]
            target = root / listing.folder.relative_to(folder)
            yield _Shelf(listing.folder, target, _Names(listing.photos), from_folder=True)

    def _named(self, photos: Iterable[Path]) -> Iterator[_Shelf]:
        """Yield the photos that were named one by one, but for those of the folders that were named too."""
        searched = {shelf.source: set(shelf.photos) for shelf in self._shelves}
        by_parent = defaultdict(list)
        for photo in photos:
            if photo.name not in searched.get(photo.parent, ()):
                by_parent[photo.parent].append(photo.name)
        for parent, names in by_parent.items():
            yield _Shelf(parent, self._target.folder or parent, _Names(names))

    def _root(self, folder: Path) -> Path:
        """Return where a folder's tree begins: below its own name where it is not the only one."""
        if self._target.folder is None:
            return folder
        return self._target.folder if self._alone else self._target.folder / folder.resolve().name

    def _refuse(self, error: OSError) -> None:
        problem = f"The folder cannot be read: {error.strerror}."
        self.refused.append(Outcome(Path(error.filename), "failed", problem=problem))

    def _name_results(self) -> set[Path]:
        """Give every result its name; return the photos that would share one all the same."""
        clashing = set()
        by_target = defaultdict(list)
        for shelf in self._shelves:
            by_target[os.path.realpath(shelf.target).casefold()].append(shelf)
        for shelves in by_target.values():
            names = iter(result_names([photo for shelf in shelves for photo in shelf.photos]))
            for shelf in shelves:
                shelf.names = _Names([*islice(names, len(shelf.photos))])
            clashing |= self._refuse_clashes(shelves)
        return clashing

    def _refuse_clashes(self, shelves: Sequence[_Shelf]) -> set[Path]:
        counts = Counter(name.casefold() for shelf in shelves for name in shelf.names)
        clashing = {
            shelf.source / photo: name
            for shelf in shelves
            for photo, name in zip(shelf.photos, shelf.names, strict=True)
            if counts[name.casefold()] > 1
        }
        self.refused += [
            Outcome(photo, "failed", problem=CLASH.format(name=name + self._target.mark))
            for photo, name in clashing.items()
        ]
        return set(clashing)


def _irregular(photo: Path, kind: str) -> Outcome:
    return Outcome(photo, "left out", problem=f"This is {kind}, not a file, so it is left out.")
