"""The results of a job over photos as one zip, made while it is sent."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

from colorizer.errors import ColorizerError, NoSuchJob
from colorizer.http.answers import colorized_name
from colorizer.http.office import Office
from colorizer.jobs.records import Job, JobPhoto
from colorizer.photo.formats import sniff
from colorizer.store.coloring import RESULT
from colorizer.store.images import Owner

FAILURES = "failures.txt"  # beside the results


def zipped(office: Office, owner: Owner, job: Job) -> Iterator[bytes]:
    """Yield a zip of a job's results, each under its photo's name, with a list of what failed."""
    target = _Pieces()
    names: set[str] = set()
    failures: list[str] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for photo in job.photos:
            try:
                name, data = _result_of(office, owner, photo)
            except ColorizerError as error:
                failures.append(f"{photo.number + 1}: {error}")
                continue
            archive.writestr(_unused(name, names), data)
            yield target.take()
        if failures:
            archive.writestr(FAILURES, "\n".join(failures) + "\n")
    yield target.take()


def _result_of(office: Office, owner: Owner, photo: JobPhoto) -> tuple[str, bytes]:
    if photo.problem:
        raise ColorizerError(photo.problem["detail"])
    image = office.images.find(owner, photo.image)
    if RESULT not in image.files:
        raise NoSuchJob("This photo has not been coloured yet.")
    data = office.images.read(image.files[RESULT])
    folder, _, name = str(image.facts.get("name") or "photo").rpartition("/")
    result = colorized_name(name, sniff(data).name)
    safe = "/".join(part for part in folder.split("/") if part not in ("", ".", ".."))
    return f"{safe}/{result}" if safe else result, data


def _unused(name: str, names: set[str]) -> str:
    """Return the name, with a number where another photo has it."""
    stem, dot, suffix = name.rpartition(".")
    number, free = 1, name
    while free in names:
        number += 1
        free = f"{stem}-{number}{dot}{suffix}"
    names.add(free)
    return free


class _Pieces(io.RawIOBase):
    """What a zip is written to, to be taken away piece by piece."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        """Return True: it is written to."""
        return True

    def write(self, piece: Any) -> int:
        """Keep a piece until it is taken."""
        self._pieces.append(bytes(piece))
        return len(piece)

    def take(self) -> bytes:
        """Return what was written since the last call."""
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
