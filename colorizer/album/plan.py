"""What a run is to do: which photos are meant, and where the results of each go."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from colorizer.album.batch import STDIN, Outcome
from colorizer.album.find import find_photos
from colorizer.album.result_names import Job, sharing, tell_apart, without_results

CLASH = "Another photo would have the same result, {name}-colorized. Rename one, or name two folders."


@dataclass(frozen=True)
class Target:
    """Where results go: to one file, into a folder, or (neither) beside each photo."""

    file: Path | None = None
    folder: Path | None = None


class Plan:
    """`jobs`, the photos to colour, and `refused`, what cannot be coloured and why."""

    def __init__(
        self, photos: Sequence[Path], target: Target, recursive: bool, strategies: Sequence[str]
    ) -> None:
        """Find the photos; strategies: the names of all that there are, by which results are known."""
        self.refused: list[Outcome] = []
        self._target, self._recursive = target, recursive
        self._alone = len(photos) == 1
        found = [job for photo in photos for job in self._find(photo)]
        self.jobs = self._without_clashes(tell_apart(without_results(found, strategies)))

    def _find(self, photo: Path) -> list[Job]:
        target = self._target
        if photo == STDIN:
            return [Job(photo, target.folder or Path(), "photo", file=target.file)]
        if not photo.is_dir():
            return [Job(photo, target.folder or photo.parent, photo.stem, file=target.file)]
        root = self._root(photo)
        return [
            Job(path, root / path.parent.relative_to(photo), path.stem, from_folder=True)
            for path in find_photos(photo, self._recursive, self._refuse, leave_out=target.folder)
        ]

    def _root(self, folder: Path) -> Path:
        """Return where a folder's tree begins: below its own name where it is not the only one."""
        if self._target.folder is None:
            return folder
        return self._target.folder if self._alone else self._target.folder / folder.resolve().name

    def _refuse(self, error: OSError) -> None:
        problem = f"The folder cannot be read: {error.strerror}."
        self.refused.append(Outcome(Path(error.filename), problem=problem))

    def _without_clashes(self, jobs: Sequence[Job]) -> list[Job]:
        clashing = sharing(jobs)
        for job in jobs:
            if job in clashing:
                self.refused.append(Outcome(job.photo, problem=CLASH.format(name=job.name)))
        return [job for job in jobs if job not in clashing]
