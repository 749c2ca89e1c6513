"""Colours photos file by file: skips what is done, writes results whole, goes on after a bad photo."""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from colorizer.album.contact_sheet import contact_sheet
from colorizer.album.result_format import is_result, needs_png
from colorizer.album.result_names import COMPARISON, Job
from colorizer.errors import ColorizerError, OutputError, PhotoError
from colorizer.options import Look
from colorizer.photo.formats import WRITTEN
from colorizer.pipeline import ImageColorizer
from colorizer.process.cpus import available_cpus
from colorizer.process.files import remove_abandoned_parts, write_whole
from colorizer.results import ColorizedPhoto

STDIN = Path("-")
MOST_AT_ONCE = 4  # photos; more would cost memory, and the network uses several processors itself


@dataclass(frozen=True)
class Outcome:
    """What became of one photo: the files written (none where all was done before), or the problem."""

    photo: Path
    written: Sequence[Path] = ()
    already_colored: bool = False
    problem: str = ""


class Batch:
    """One run: the strategies by name, the look of the results, and whether to replace earlier ones."""

    def __init__(self, colorizers: Mapping[str, ImageColorizer], look: Look, force: bool = False) -> None:
        """Prepare a run; loads nothing."""
        self.colorizers = colorizers
        self.look = look
        self.force = force
        self.originals: set[tuple[int, int]] = set()

    def run(self, jobs: Sequence[Job]) -> Iterator[Outcome]:
        """Colour the photos, several at once where it helps, and yield what became of each in turn."""
        self.originals = {_identity(job.photo) for job in jobs if job.photo.exists()}
        for folder in {job.folder for job in jobs}:
            remove_abandoned_parts(folder)
        with ThreadPoolExecutor(min(available_cpus(), MOST_AT_ONCE)) as pool:
            yield from pool.map(self._try, jobs)  # stopping early (Ctrl-C) cancels the photos not begun

    def colorize(self, photo: bytes, strategy: str) -> ColorizedPhoto:
        """Colour one photo in memory."""
        look = self.look
        format = self._format_for(photo)
        return self.colorizers[strategy].colorize(
            photo, format=format, quality=look.quality, saturation=look.saturation
        )

    def _format_for(self, photo: bytes) -> str:
        return self.look.format or ("png" if needs_png(photo) else "jpeg")

    def _try(self, job: Job) -> Outcome:
        try:
            return self._process(job)
        except ColorizerError as error:
            return Outcome(job.photo, problem=str(error))
        except Exception as error:  # whatever one photo brings up, the others are still to be coloured
            return Outcome(job.photo, problem=f"Unexpected {type(error).__name__}: {error}")

    def _process(self, job: Job) -> Outcome:
        if not self.force and (done := self._finished(job)):
            if job.from_folder:
                return Outcome(job.photo)
            raise OutputError(f"{done} exists already. --force colours the photo again.")
        photo = read_file(job.photo)
        if job.from_folder and is_result(photo):
            return Outcome(job.photo)
        return self._colorize_to_files(job, photo)

    def _finished(self, job: Job) -> Path | None:
        """Return the last file of a photo whose results are all there."""
        formats = [self.look.format] if self.look.format else ["jpeg", "png"]
        for format in formats:
            paths = [path for _, path in self._results(job, format)]
            if self._several:
                paths.append(job.result(WRITTEN["jpeg"].suffix, COMPARISON))
            if all(map(os.path.lexists, paths)):
                return paths[-1]
        return None

    @property
    def _several(self) -> bool:
        return len(self.colorizers) > 1

    def _results(self, job: Job, format: str) -> list[tuple[str, Path]]:
        suffix = WRITTEN[format].suffix
        return [(name, job.result(suffix, name if self._several else None)) for name in self.colorizers]

    def _colorize_to_files(self, job: Job, photo: bytes) -> Outcome:
        written, results, already_colored = [], {}, False
        for strategy, path in self._results(job, self._format_for(photo)):
            if self.force or not os.path.lexists(path):
                result = self.colorize(photo, strategy)
                already_colored = result.already_colored
                self._write(path, result.data)
                written.append(path)
            results[strategy] = path
        if self._several:
            written.append(self._write_sheet(job, photo, results))
        return Outcome(job.photo, written, already_colored)

    def _write_sheet(self, job: Job, photo: bytes, results: Mapping[str, Path]) -> Path:
        path = job.result(WRITTEN["jpeg"].suffix, COMPARISON)
        self._write(path, contact_sheet(photo, {name: read_file(result) for name, result in results.items()}))
        return path

    def _write(self, path: Path, data: bytes) -> None:
        if os.path.lexists(path) and not self._is_replaceable(path):
            raise OutputError(
                f"{path} is not one of our results, so it is kept. Name another place with --output."
            )
        write_whole(path, data)

    def _is_replaceable(self, path: Path) -> bool:
        """Only what we made ourselves is ever replaced, and none of the photos of this run."""
        return path.is_file() and _identity(path) not in self.originals and is_result(read_file(path))


def read_file(path: Path) -> bytes:
    """Return the bytes of a photo, or of stdin; raises PhotoError where the file cannot be read."""
    try:
        if path == STDIN:
            return sys.stdin.buffer.read()
        return path.read_bytes()
    except OSError as error:
        raise PhotoError(f"The file cannot be read: {error.strerror}.") from error


def _identity(path: Path) -> tuple[int, int]:
    """Return what two names of the same file have in common."""
    status = path.stat()
    return status.st_dev, status.st_ino
