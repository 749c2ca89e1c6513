"""Zips of photos: those that come with a job, and the results of one, which is made while it is sent."""

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from typing import Any

from colorizer.errors import (
    BadField,
    ColorizerError,
    MalformedRequest,
    NotReady,
    StoreUnavailable,
    TooManyBytes,
)
from colorizer.http.office import Office
from colorizer.http.upload import ZIP_START
from colorizer.jobs.records import Job, JobPhoto
from colorizer.photo.formats import WRITTEN, sniff
from colorizer.store.coloring import RESULT
from colorizer.store.images import Owner, StoredImage

MEMBER = b"PK\x01\x02"  # begins what a zip says of each of its files
MAX_PHOTOS = 1000  # of a job
MAX_MEMBERS = 10 * MAX_PHOTOS  # with folders, and what is hidden
HIDDEN = re.compile(r"(^|/)(\.[^./]|__MACOSX/)")  # what systems add of their own
FAILURES = "failures.txt"  # beside the results
LONGEST_PART = 100  # of a path in a zip
Named = tuple[str, bytes]  # a photo's name and its file


def unpacked(files: Iterable[Named], most: int, in_all: int) -> Iterator[Named]:
    """Yield each photo by name, those of zips too.

    most: bytes of one photo; one that is larger is cut, and refused as too large when it is opened. in_all:
    bytes that all may have.
    Raises BadField where there are too many photos, TooManyBytes or MalformedRequest.
    """
    count = size = 0
    for name, data in files:
        for photo in _members(data, most) if data.startswith(ZIP_START) else [(name, data)]:
            count, size = count + 1, size + len(photo[1])
            if count > MAX_PHOTOS:
                raise BadField(f"A job takes at most {MAX_PHOTOS} photos. Send several jobs.")
            if size > in_all:
                raise TooManyBytes(f"The photos take more than {in_all:,} bytes together. Send several jobs.")
            yield photo


def _members(data: bytes, most: int) -> Iterator[Named]:
    """Yield the files of a zip but those that systems hide; none is inflated to more than `most` and one."""
    if data.count(MEMBER) > MAX_MEMBERS:  # to list millions would take gigabytes
        raise BadField(f"The zip has more than {MAX_MEMBERS} entries. Send several jobs.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.infolist():
                if not member.is_dir() and not HIDDEN.search(member.filename):
                    with archive.open(member) as file:
                        yield member.filename, file.read(most + 1)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise MalformedRequest(
            "The zip is broken, encrypted, or packed in a way that is not read."
        ) from error


def zipped(office: Office, owner: Owner, job: Job) -> Iterator[bytes]:
    """Yield a zip of a job's results, each under its photo's name, with a list of what failed."""
    target = _Pieces()
    names: set[str] = set()
    failures: list[str] = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for photo in job.photos:
            name = f"photo {photo.number + 1}"
            try:
                image = office.images.find(owner, photo.image)
                name = str(image.facts.get("name") or name)
                data = _result_of(office, image, photo)
            except StoreUnavailable:  # a zip that breaks off is better than one that lacks photos
                raise
            except ColorizerError as error:
                failures.append(f"{_printable(name)}: {error}")
                continue
            archive.writestr(_unused(_result_name(name, sniff(data).name), names), data)
            yield target.take()
        if failures:
            archive.writestr(FAILURES, "\n".join(failures) + "\n")
    yield target.take()


def _result_of(office: Office, image: StoredImage, photo: JobPhoto) -> bytes:
    if photo.problem:
        raise ColorizerError(photo.problem["detail"])
    if RESULT not in image.files:
        raise NotReady("This photo has not been coloured yet.")
    return office.images.read(image.files[RESULT])


def _result_name(given: str, kind: str) -> str:
    """Return a photo's folders and name with the ending of its result, harmless wherever it is unpacked."""
    *folders, name = re.split(r"[/\\:]", given)
    stem = _harmless(name.rpartition(".")[0] or name) or "photo"
    return "/".join([*filter(None, map(_harmless, folders)), stem + WRITTEN[kind].suffix])


def _harmless(part: str) -> str:
    return _printable(part).strip(" .")[:LONGEST_PART].rstrip(" .")


def _printable(text: str) -> str:
    return "".join(letter for letter in text if unicodedata.category(letter)[0] != "C")


def _unused(name: str, names: set[str]) -> str:
    """Return the name, with a number where another photo has it."""
    stem, dot, suffix = name.rpartition(".")
    number, free = 1, name
    while free.casefold() in names:  # some systems do not tell Beach.jpg from beach.jpg
        number += 1
        free = f"{stem}-{number}{dot}{suffix}"
    names.add(free.casefold())
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
