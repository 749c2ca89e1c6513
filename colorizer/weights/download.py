"""Brings weights to this machine: from the manifest's mirrors, or from a file that the user has.

A file gets its name only when its size and sha256 are right, by an atomic move inside the models folder.
Until then it is NAME.part, which a later `fetch` goes on with.
"""

import hashlib
import http.client
import os
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import cast
from urllib.error import HTTPError
from urllib.parse import urlsplit

from filelock import FileLock, Timeout

from colorizer.errors import DownloadFailed, OutputError, UnknownStrategy, WeightsDamaged, WeightsNotInstalled
from colorizer.weights.check import check_weights, record_path, weights_path
from colorizer.weights.manifest import ManifestEntry, Signature, default_models_dir, load_manifest
from colorizer.weights.onnx_signature import check_signature

INTACT, DAMAGED, NOT_INSTALLED = "intact", "damaged", "not installed"
SILENCE_SECONDS = 30  # a mirror that sends nothing for so long is given up
ATTEMPTS = 5  # connections to one mirror; each goes on where the last one broke
PAUSE_SECONDS = 0.5  # before the second connection, twice that before the third, ...
PIECE_BYTES = 256 * 1024
LARGEST_FILE = 2**30  # bytes, where the manifest knows no size
HTML_STARTS = (b"<!doctype html", b"<html")

Progress = Callable[[int, int], None]


def fetch(
    name: str,
    models_dir: Path | None = None,
    progress: Progress | None = None,
    waiting: Callable[[], object] | None = None,
) -> Path:
    """Download the weights of a strategy and return where they lie; nothing to do where they are intact.

    progress: called with (bytes so far, bytes in all). waiting: called where another process is at it, for
    whose end we wait.
    Raises UnknownStrategy, DownloadFailed, or OutputError where the folder cannot be written.
    """
    models_dir = Path(models_dir or default_models_dir())
    entry = _find(name, models_dir)
    path = weights_path(entry, models_dir)
    if entry.bundled or _state(entry, models_dir) == INTACT:
        return path
    if not entry.urls:
        raise DownloadFailed(f"{name} has no address to fetch from. {entry.notes} Use: {entry.fetch_command}")
    with _writing(models_dir), _alone(path, waiting or (lambda: None)):
        if _state(entry, models_dir) != INTACT:  # it may have come while we waited
            _fetch_from_mirrors(entry, path, progress or (lambda done, total: None))
    return path


def install(name: str, source: Path, models_dir: Path | None = None) -> Path:
    """Copy a file that the user has to its place, once it is checked; returns where it lies.

    Raises UnknownStrategy, WeightsDamaged where it is another file, OutputError where it cannot be written.
    """
    models_dir = Path(models_dir or default_models_dir())
    entry = _find(name, models_dir)
    if entry.bundled:
        raise DownloadFailed(f"{name} comes with the program: there is nothing to install.")
    data = _read_source(Path(source), entry)
    _check_source(Path(source), entry, data)
    path = weights_path(entry, models_dir)
    with _writing(models_dir):
        models_dir.mkdir(parents=True, exist_ok=True)
        _write_whole(path, data)
        if entry.sha256 is None:
            _write_whole(record_path(path), f"{hashlib.sha256(data).hexdigest()}  {path.name}\n".encode())
    return path


def verify(models_dir: Path | None = None) -> list[tuple[str, str]]:
    """Check every network's file again: [(name, "intact" | "damaged" | "not installed"), ...]."""
    models_dir = Path(models_dir or default_models_dir())
    return [(name, _state(entry, models_dir)) for name, entry in load_manifest(models_dir).items()]


@contextmanager
def _alone(path: Path, waiting: Callable[[], object]) -> Iterator[None]:
    """Keep others from fetching this file meanwhile; the lock of a process that was killed is free."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        lock.acquire(blocking=False)
    except Timeout:
        waiting()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _find(name: str, models_dir: Path) -> ManifestEntry:
    manifest = load_manifest(models_dir)
    if name not in manifest:
        raise UnknownStrategy(f"There are no weights for {name!r}. There are: {', '.join(manifest)}.")
    return manifest[name]


def _state(entry: ManifestEntry, models_dir: Path) -> str:
    try:
        check_weights(entry, models_dir)
    except WeightsNotInstalled:
        return NOT_INSTALLED
    except WeightsDamaged:
        return DAMAGED
    return INTACT


# From a file of the user's


def _read_source(source: Path, entry: ManifestEntry) -> bytes:
    try:
        with source.open("rb") as file:
            return file.read((entry.bytes or LARGEST_FILE) + 1)
    except OSError as error:
        raise DownloadFailed(f"{source} cannot be read: {error.strerror}.") from error


def _check_source(source: Path, entry: ManifestEntry, data: bytes) -> None:
    problem: str | None
    if _is_html(data):
        problem = "it is an HTML page"
    elif entry.sha256 is None:
        problem = _signature_problem(entry, data)
    elif entry.bytes is not None and len(data) != entry.bytes:
        size = "more" if len(data) > entry.bytes else f"{len(data):,}"
        problem = f"it has {size} bytes, expected {entry.bytes:,}"
    else:
        problem = None if hashlib.sha256(data).hexdigest() == entry.sha256 else "it has another sha256"
    if problem:
        raise WeightsDamaged(f"{source} is not the file of {entry.name}: {problem}.")


def _signature_problem(entry: ManifestEntry, data: bytes) -> str | None:
    try:
        check_signature(data, cast(Signature, entry.signature))  # there is one where there is no digest
    except WeightsDamaged as error:
        return str(error)
    return None


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file under a passing name beside its place, then move it there; leaves nothing on failure."""
    passing = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with passing.open("wb") as file:
            file.write(data)
        _put(passing, path)
    finally:
        passing.unlink(missing_ok=True)


# From the mirrors


class _MirrorFailed(Exception):
    """This mirror will not deliver the file; the message says why."""


class _Broken(Exception):
    """The connection failed or ended early; it is worth another."""


@dataclass
class _Transfer:
    """One file on its way from one mirror into `part`."""

    entry: ManifestEntry
    url: str
    part: Path
    progress: Progress
    validator: str | None = None  # the mirror's name for the version that `part` holds the start of
    mixed: bool = False  # whether `part` was begun by an earlier run or from another mirror

    @property
    def size(self) -> int:
        """Bytes of the whole file, which the manifest has for every file that has mirrors."""
        return self.entry.bytes or 0

    @property
    def received(self) -> int:
        return self.part.stat().st_size if self.part.exists() else 0


def _fetch_from_mirrors(entry: ManifestEntry, path: Path, progress: Progress) -> None:
    part = path.with_name(path.name + ".part")
    problems = []
    for url in entry.urls:
        try:
            _download(_Transfer(entry, url, part, progress))
        except _MirrorFailed as problem:
            problems.append(f"{urlsplit(url).hostname}: {problem}.")
        else:
            _put(part, path)
            return
    raise DownloadFailed(
        f"{entry.name} could not be fetched. {' '.join(problems)} Run the command again later, or, if you "
        f"have the file ({entry.bytes:,} bytes), use: image-colorizer fetch {entry.name} --from FILE"
    )


def _download(transfer: _Transfer) -> None:
    """Bring the whole, right file into `part`, in as many connections as it takes; raises _MirrorFailed."""
    transfer.mixed = transfer.received > 0
    problem = "no answer"
    for attempt in range(ATTEMPTS):
        time.sleep(PAUSE_SECONDS * attempt)
        try:
            if transfer.received != transfer.size:
                _receive(transfer)
            _check_digest(transfer)
            return
        except _Broken as error:
            problem = str(error)
    raise _MirrorFailed(f"{problem}; tried {ATTEMPTS} times")


def _check_digest(transfer: _Transfer) -> None:
    with transfer.part.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() == transfer.entry.sha256:
            return
    transfer.part.unlink()
    if transfer.mixed:  # perhaps only the beginning was wrong
        transfer.mixed = False
        raise _Broken("the two parts of the file do not belong together")
    raise _MirrorFailed("the file has the right size but another sha256")


def _receive(transfer: _Transfer) -> None:
    """Open one connection and add what it brings to `part`; raises _Broken or _MirrorFailed."""
    try:
        with _open(transfer) as response:
            start = _check_answer(transfer, response)
            _store(transfer, start, _pieces(response))
    except HTTPError as error:
        error.close()
        _judge_status(transfer, error.code)
    except (OSError, http.client.HTTPException) as error:
        raise _Broken(f"the connection failed ({getattr(error, 'reason', None) or error})") from error
    if transfer.received < transfer.size:
        raise _Broken(f"the connection ended after {transfer.received:,} of {transfer.size:,} bytes")


def _open(transfer: _Transfer) -> http.client.HTTPResponse:
    headers = {"User-Agent": "image-colorizer"}
    if transfer.received:
        headers["Range"] = f"bytes={transfer.received}-"
        if transfer.validator:
            headers["If-Range"] = transfer.validator
    request = urllib.request.Request(transfer.url, headers=headers)
    response: http.client.HTTPResponse = _opener().open(request, timeout=SILENCE_SECONDS)
    return response


def _opener() -> urllib.request.OpenerDirector:
    """Return an opener of http and https alone; redirects are followed, ten at most."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.UnknownHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor,
    ):
        opener.add_handler(handler())
    return opener


def _judge_status(transfer: _Transfer, status: int) -> None:
    if status == 416:  # `part` is not the beginning of what this mirror has
        transfer.part.unlink(missing_ok=True)
    if status in (408, 416, 429) or status >= 500:
        raise _Broken(f"it answered with status {status}")
    raise _MirrorFailed(f"it answered with status {status}")


def _check_answer(transfer: _Transfer, response: http.client.HTTPResponse) -> int:
    """Return where in the file the answer starts; refuse what cannot be the file."""
    if response.headers.get_content_type() == "text/html":
        raise _MirrorFailed("it sent an HTML page instead of the file")
    start = _range_start(response.headers.get("Content-Range", "")) if response.status == 206 else 0
    if start not in (0, transfer.received):
        raise _MirrorFailed("it sent another part of the file than was asked for")
    if response.length is not None and start + response.length != transfer.size:
        raise _MirrorFailed(f"its file has {start + response.length:,} bytes, expected {transfer.size:,}")
    transfer.validator = _validator(response)
    return start


def _range_start(content_range: str) -> int:
    """Return 5 for "bytes 5-9/10", and -1 for what is no such header."""
    start = content_range.removeprefix("bytes ").partition("-")[0]
    return int(start) if start.isdecimal() else -1


def _validator(response: http.client.HTTPResponse) -> str | None:
    """Return what If-Range may carry (RFC 9110, 13.1.5): a strong ETag, else the date."""
    etag = response.headers.get("ETag", "")
    return etag if etag.startswith('"') else response.headers.get("Last-Modified")


def _pieces(response: http.client.HTTPResponse) -> Iterator[bytes]:
    while piece := response.read(PIECE_BYTES):
        yield piece


def _store(transfer: _Transfer, start: int, pieces: Iterator[bytes]) -> None:
    """Write the pieces into `part` from `start` on; what cannot be the file is deleted."""
    transfer.mixed = transfer.mixed and start > 0
    done = start
    with _open_part(transfer.part, start) as file:
        for piece in pieces:
            done += len(piece)
            problem = _piece_problem(transfer, done, piece)
            if problem:
                transfer.part.unlink()
                raise _MirrorFailed(problem)
            _write(file, piece, transfer.part)
            transfer.progress(done, transfer.size)


def _piece_problem(transfer: _Transfer, done: int, piece: bytes) -> str | None:
    if done == len(piece) and _is_html(piece):
        return "it sent an HTML page instead of the file"
    if done > transfer.size:
        return f"its file has more than the expected {transfer.size:,} bytes"
    return None


def _open_part(part: Path, start: int) -> FileIO:
    with _writing(part.parent):
        file = part.open("r+b" if start else "wb", buffering=0)
        file.seek(start)
        file.truncate()
        return file


def _write(file: FileIO, piece: bytes, part: Path) -> None:
    """Write all of a piece; where the disk is full, take the part away, for it only makes that worse."""
    left = memoryview(piece)
    with _writing(part.parent):
        try:
            while left:
                left = left[file.write(left) :]
        except OSError:
            part.unlink(missing_ok=True)
            raise


# Both


def _is_html(data: bytes) -> bool:
    return data[:1024].lstrip().lower().startswith(HTML_STARTS)


def _put(part: Path, path: Path) -> None:
    """Give a whole file its name, atomically and for good."""
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    os.replace(part, path)


@contextmanager
def _writing(models_dir: Path) -> Iterator[None]:
    """Turn an operating system's refusal to write into an OutputError that says what to do."""
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"The weights cannot be written to {models_dir}: {error.strerror}. "
            "Make room or give permission there, or choose another folder with COLORIZER_MODELS_DIR."
        ) from error
