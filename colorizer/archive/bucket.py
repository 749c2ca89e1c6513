"""An S3-compatible bucket as a place of photos and results; a path is a key.

Region, endpoint and keys come from the usual AWS_* variables, on every machine from its own.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, cast

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, GenericError, PreconditionError
from obstore.store import S3Store

from colorizer.album.find import Listing, is_photo_name
from colorizer.errors import OutputError, PhotoError, StoreGone, StoreUnavailable
from colorizer.photo.limits import DEFAULT_LIMITS, Limits

RETRIES = {  # of each request that the store refuses or does not answer, after growing waits
    "max_retries": 12,
    "backoff": {
        "init_backoff": timedelta(milliseconds=200),
        "max_backoff": timedelta(seconds=20),
        "base": 2,
    },
    "retry_timeout": timedelta(minutes=3),
}
AT_ONCE = {"max_retries": 0}
ASKED_AGAIN = re.compile(r", after \d+ retries,")  # says the library where it gave up after all waits
CHECK = "Check its name, AWS_* and the network."
UNUSUAL = "a key with an empty part, . or .."


@dataclass(frozen=True)
class Bucket:
    """A bucket by its name; see `album.places.Place`. Writing replaces an object whole."""

    name: str

    def is_folder(self, path: Path) -> bool:
        """Whether photos can lie below a path: below any."""
        return True

    def list(self, folder: Path) -> Listing:
        """Return what lies below a key, up to the next slash; raises StoreUnavailable."""
        listing, prefix = Listing(folder), _key(folder)
        with _reached(self) as store:
            found = obstore.list_with_delimiter(store, prefix or None)
        listing.subfolders = sorted(Path(each) for each in found["common_prefixes"])
        for key in sorted(each["path"] for each in found["objects"]):
            _sort_in(listing, key)
        return listing

    def read(self, path: Path, limits: Limits = DEFAULT_LIMITS) -> bytes:
        """See `Place`; an object that is too large is not fetched. Raises StoreUnavailable too."""
        try:
            with _reached(self) as store:
                found = obstore.get(store, _key(path))
                limits.check_bytes(found.meta["size"])
                return bytes(found.bytes())
        except FileNotFoundError as error:
            raise PhotoError("The bucket has no such object.") from error

    def stamp(self, path: Path) -> str | None:
        """See `Place`; raises StoreUnavailable."""
        try:
            with _reached(self) as store:
                return _stamp(obstore.head(store, _key(path)))
        except FileNotFoundError:
            return None

    def stamps(self, folder: Path) -> dict[str, str]:
        """See `Place`: a request for a thousand; raises StoreUnavailable."""
        with _reached(self) as store:
            found = obstore.list_with_delimiter(store, _key(folder) or None)
        return {Path(each["path"]).name: _stamp(each) for each in found["objects"]}

    def write(self, path: Path, data: bytes) -> str:
        """See `Place`: an object appears whole. Raises OutputError where it may not, or StoreUnavailable."""
        return self._put(path, data)

    def replace(self, path: Path, data: bytes, stamp: str | None) -> str | None:
        """See `Place`: a conditional put, If-Match or If-None-Match; raises as `write`."""
        mode = "create" if stamp is None else {"e_tag": stamp}
        try:
            return self._put(path, data, mode=mode, use_multipart=False)  # conditions are for whole puts
        except (AlreadyExistsError, PreconditionError):
            return None

    def tidy(self, folder: Path) -> None:
        """See `Place`; an upload that was cut off leaves no object."""

    def _put(self, path: Path, data: bytes, **how: Any) -> str:
        try:
            with _reached(self) as store:
                return _stamp(obstore.put(store, _key(path), data, **how))
        except FileNotFoundError as error:
            raise OutputError(f"There is no bucket {self.name}.") from error


def _stamp(facts: Mapping[str, Any]) -> str:
    return str(facts["e_tag"])


def _sort_in(listing: Listing, key: str) -> None:
    name = Path(key).name
    if name.startswith("."):
        return
    if not is_photo_name(name):
        listing.others += 1
    elif _key(Path(key)) != key:
        listing.irregular[name] = UNUSUAL
    else:
        listing.photos.append(name)


def _key(path: Path) -> str:
    """Return the key of a path; the bucket's own is empty."""
    return "" if path == Path() else path.as_posix()


# Buckets that this process has waited for in vain: it waits no more, until they answer.
_gone: set[str] = set()


@cache
def _store(name: str, is_gone: bool) -> S3Store:
    return S3Store.from_url(f"s3://{name}", retry_config=cast(Any, AT_ONCE if is_gone else RETRIES))


@contextmanager
def _reached(bucket: Bucket) -> Iterator[S3Store]:
    """Turn the library's errors into ours, which name hosts and keys, but for what the caller judges."""
    try:
        yield _store(bucket.name, bucket.name in _gone)
        _gone.discard(bucket.name)
    except (FileNotFoundError, AlreadyExistsError, PreconditionError):
        raise
    except (BaseError, OSError) as error:
        raise _problem(bucket.name, error) from error


def _problem(name: str, error: Exception) -> StoreUnavailable:
    """Return what is wrong with a bucket, or with one of its objects; remember where it is the bucket."""
    if isinstance(error, GenericError) and (name in _gone or ASKED_AGAIN.search(str(error))):
        _gone.add(name)
        return StoreGone(
            f"The bucket {name} has not answered for as long as we wait."
            f" {CHECK} The same command goes on where this one stopped."
        )
    reason = type(error).__name__.removesuffix("Error")
    return StoreUnavailable(f"The bucket {name} does not answer ({reason}). {CHECK}")
