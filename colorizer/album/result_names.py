"""Which file each result goes to: NAME-colorized.jpg beside the photo or in the output folder."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from colorizer.photo.formats import WRITTEN

COMPARISON = "side-by-side"


@dataclass(frozen=True)
class Job:
    """One photo and the folder and name of its results.

    name: the photo's name without its extension, or with it (a-png) where two photos would share a name.
    from_folder: found in a folder, where a result that exists means done.
    file: the result's whole path, where the user named it.
    """

    photo: Path
    folder: Path
    name: str
    from_folder: bool = False
    file: Path | None = None

    def result(self, suffix: str, strategy: str | None = None) -> Path:
        """Return the result's path; `strategy` is named where there are several."""
        if self.file:
            return self.file
        stem = f"{self.name}-colorized" + (f"-{strategy}" if strategy else "")
        return self.folder / f"{stem}{suffix}"


def tell_apart(jobs: Sequence[Job]) -> list[Job]:
    """Join the extension to the name of photos that would share one: a.jpg and a.png become a-jpg, a-png.

    Names that differ only by case are told apart too, since many file systems ignore it.
    """
    shared = sharing(jobs)
    return [_with_extension(job) if job in shared else job for job in jobs]


def sharing(jobs: Sequence[Job]) -> set[Job]:
    """Return the jobs whose results would have the same name as another's."""
    groups = defaultdict(set)
    for job in jobs:
        groups[str(job.folder / job.name).casefold()].add(job)
    return {job for group in groups.values() if len(group) > 1 for job in group}


def without_results(jobs: Sequence[Job], strategies: Sequence[str]) -> list[Job]:
    """Leave out files that are results of other photos of the list: NAME-colorized.jpg beside NAME.png."""
    endings = ["", *(f"-{name}" for name in (*strategies, COMPARISON))]
    results = {
        job.photo.with_name(f"{name}-colorized{ending}{format.suffix}")
        for job in jobs
        for name in (job.name, _with_extension(job).name)
        for ending in endings
        for format in WRITTEN.values()
    }
    return [job for job in jobs if job.photo not in results]


def _with_extension(job: Job) -> Job:
    return replace(job, name=f"{job.name}-{job.photo.suffix[1:]}")
