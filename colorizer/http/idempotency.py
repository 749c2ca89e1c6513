"""Idempotency-Key: the same request sent again, because its answer was lost, starts nothing a second time.

https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/
"""

import hashlib
import json
from collections.abc import Iterable, Mapping

from flask import request

from colorizer.errors import BadField
from colorizer.http.options import MAX_KEY
from colorizer.jobs.records import RequestKey


def request_key(fields: Mapping[str, str], files: Iterable[tuple[str, str]]) -> RequestKey | None:
    """Return the key of the present request, or None where it has none; raises BadField for a long one.

    fields: its text fields; files: name and SHA-256 of each. Another order of fields is the same request.
    """
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > MAX_KEY:
        raise BadField(f"Idempotency-Key may have at most {MAX_KEY} characters.")
    contents = json.dumps([sorted(fields.items()), list(files)])
    return RequestKey(_digest(key.encode()), _digest(contents.encode())) if key else None


def digests(files: Iterable[tuple[str, bytes]]) -> Iterable[tuple[str, str]]:
    """Yield the name of each file with its SHA-256."""
    return ((name, _digest(data)) for name, data in files)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
