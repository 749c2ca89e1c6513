"""Bytes by key, in a folder (`file:`) or an S3-compatible bucket (`s3://bucket/prefix`).

Keys are ours, never a client's: letters, digits, dots, dashes and slashes. Whoever keeps secrets there lets
the bucket or the volume encrypt them.
"""

import hashlib
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from colorizer.errors import StoreUnavailable

KEY = re.compile(r"[0-9a-z][0-9a-z.-]*(/[0-9a-z][0-9a-z.-]*)*")
STAGED = "*#*"  # what the library is about to write to a folder, beside its place
ABANDONED_SECONDS = 6 * 3600.0  # after its last byte
ARRIVING_BYTES = 5 * 1024 * 1024  # of a part, the least that buckets take
ARRIVING_PARTS = 2  # that are held in memory
RETRY_SECONDS = 10  # a store that fails longer is reported, so that the request can be tried again
PIECE_BYTES = 1024 * 1024


class Objects:
    """A folder or bucket of ours. A key holds what was put there last, whole, or nothing."""

    def __init__(self, url: str) -> None:
        """url: file:///folder, which is made where it is missing, or s3://bucket/prefix.

        The bucket's region, endpoint and keys come from the usual AWS_* variables.
        Raises StoreUnavailable where the folder cannot be made.
        """
        self._store = _open(url)

    def put(self, key: str, data: bytes | Path) -> None:
        """Write an object whole, of bytes or of a file's; nobody ever sees a part of it.

        Raises StoreUnavailable.
        """
        with _translated("written"):
            obstore.put(self._store, _checked(key), data, max_concurrency=ARRIVING_PARTS)

    def open(self, key: str) -> "Arriving":
        """Return what an object is written to piece by piece, in little memory. Raises StoreUnavailable."""
        with _translated("written"):
            return Arriving(
                obstore.open_writer(
                    self._store,
                    _checked(key),
                    buffer_size=ARRIVING_BYTES,
                    max_concurrency=ARRIVING_PARTS,
                )
            )

    def get(self, key: str) -> bytes:
        """Return an object's bytes. Raises KeyError where there is none, or StoreUnavailable."""
        return b"".join(self.stream(key))

    def stream(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Open an object and return its pieces. What was opened can be read to its end, even if deleted.

        start, end: the bytes from the one up to, not including, the other.
        Raises KeyError where there is none, or StoreUnavailable.
        """
        with _translated("read"):
            found = obstore.get(
                self._store, _checked(key), options=None if end is None else {"range": (start, end)}
            )
            pieces = found.stream(min_chunk_size=PIECE_BYTES)
        return (bytes(piece) for piece in pieces)

    def get_range(self, key: str, start: int, end: int) -> bytes:
        """Return the bytes from start up to, not including, end. Raises KeyError or StoreUnavailable."""
        with _translated("read"):
            return bytes(obstore.get_range(self._store, _checked(key), start=start, end=end))

    def delete(self, key: str) -> None:
        """Delete an object; one that is not there is no fault. Raises StoreUnavailable."""
        try:
            with _translated("deleted"):
                obstore.delete(self._store, _checked(key))
        except KeyError:
            pass

    def keys(self, prefix: str) -> list[str]:
        """Return the keys that begin with the folder `prefix`. Raises StoreUnavailable."""
        with _translated("listed"):
            pages = obstore.list(self._store, prefix=_checked(prefix))
            return [found["path"] for page in pages for found in page]

    def clear(self, prefix: str) -> None:
        """Delete what is in the folder `prefix`, and what is half written to it: its writer is told so.

        A bucket's own rules delete what was half written there. Raises StoreUnavailable.
        """
        for key in self.keys(prefix):
            self.delete(key)
        for path in self._staged(f"{_checked(prefix)}/{STAGED}"):
            with suppress(OSError):
                path.unlink()
                path.parent.rmdir()

    def sweep(self) -> None:
        """Delete what processes that died had half written to a folder; a bucket's own rules do it there."""
        for path in self._staged(f"**/{STAGED}"):
            with suppress(OSError):
                if path.stat().st_mtime < time.time() - ABANDONED_SECONDS:
                    path.unlink()

    def _staged(self, pattern: str) -> Iterable[Path]:
        if isinstance(self._store, LocalStore) and self._store.prefix is not None:
            return list(Path(self._store.prefix).glob(pattern))
        return ()


class Arriving:
    """An object that is being written; it is there, whole, when it is closed."""

    def __init__(self, writer: "obstore.WritableFile") -> None:
        self._writer = writer
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def digest(self) -> str:
        """The SHA-256 of what was written so far, as hex digits."""
        return self._digest.hexdigest()

    def write(self, piece: bytes) -> None:
        """Write the next piece. Raises StoreUnavailable."""
        self._digest.update(piece)
        self.size += len(piece)
        with _translated("written"):
            self._writer.write(piece)

    def close(self) -> None:
        """Let the object be there; a second time nothing happens. Raises StoreUnavailable."""
        with _translated("written"):
            if not self._writer.closed():
                self._writer.close()


def _open(url: str) -> LocalStore | S3Store:
    with _translated("opened"):
        if url.startswith("file:"):
            folder = Path(unquote(urlsplit(url).path))
            return LocalStore(folder, mkdir=True, automatic_cleanup=True)
        return S3Store.from_url(url, retry_config={"retry_timeout": timedelta(seconds=RETRY_SECONDS)})


def _checked(key: str) -> str:
    """Return a key of ours; anything else is a fault of the program, not of a client."""
    if not KEY.fullmatch(key):
        raise ValueError(f"{key!r} is no key of ours.")
    return key


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """Turn the library's errors into ours; its messages name paths and hosts, which no client may see."""
    try:
        yield
    except FileNotFoundError as error:
        raise KeyError("There is no such object.") from error
    except (BaseError, OSError) as error:
        raise StoreUnavailable(f"The store could not be {what}. Try again in a moment.") from error
