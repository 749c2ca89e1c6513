"""The files of static/, under one hash, so that browsers may keep them for a year and see every change."""

import gzip
import hashlib
import mimetypes
from pathlib import Path

HASH_LETTERS = 12
GZIP = "gzip"
TEXTS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}
PICTURES = {".webp": "image/webp"}


def hash_folder(folder: Path) -> str:
    """Return a short hash over the names and contents of all files in `folder`."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:HASH_LETTERS]


def media_type(name: str) -> str:
    """Return the media type of a file of ours; not every system's table knows all of them."""
    suffix = Path(name).suffix
    return (
        TEXTS.get(suffix)
        or PICTURES.get(suffix)
        or mimetypes.guess_type(name)[0]
        or "application/octet-stream"
    )


def text_files(folder: Path) -> dict[str, bytes]:
    """Return the text files in `folder` by their names in it; these are worth packing."""
    texts = (path for path in folder.rglob("*") if path.suffix in TEXTS)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in texts}


def pack(data: bytes) -> bytes:
    """Return data as gzip makes it, without a time, so that it is the same at every start."""
    return gzip.compress(data, mtime=0)


def modules(folder: Path) -> list[str]:
    """Return the names of the JavaScript modules, which the page asks for at once."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.js"))
