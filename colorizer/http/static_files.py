"""The files of static/, under one hash, so that browsers may keep them for a year and see every change."""

import gzip
import hashlib
import mimetypes
import re
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
CODE = (".css", ".js")
_IMPORTS = re.compile(r'^import .+ from "(.+)";$', re.MULTILINE)
_COMMENTS_AND_INDENTS = re.compile(rb"^[ \t]*(?://.*|/\*(?s:.*?)\*/)$|^[ \t]+", re.MULTILINE)
_SPACES_OF_STYLES = re.compile(rb"(?<=[{};:,]) | (?=[{}])")  # that say nothing


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
    """Return the text files in `folder` by their names in it, as they are sent; these are worth packing."""
    texts = (path for path in folder.rglob("*") if path.suffix in TEXTS)
    return {path.relative_to(folder).as_posix(): _as_sent(path) for path in texts}


def _as_sent(path: Path) -> bytes:
    data = path.read_bytes()
    if path.suffix not in CODE:
        return data
    return condensed_style(data) if path.suffix == ".css" else condensed(data)


def condensed(code: bytes) -> bytes:
    """Return a script without indents, with empty lines for comments, so that errors name the right lines."""
    return _COMMENTS_AND_INDENTS.sub(lambda found: b"\n" * found[0].count(b"\n"), code)


def condensed_style(code: bytes) -> bytes:
    """Return a style sheet likewise, and without the spaces between its tokens."""
    return _SPACES_OF_STYLES.sub(b"", condensed(code))


def pack(data: bytes) -> bytes:
    """Return data as gzip makes it, without a time, so that it is the same at every start."""
    return gzip.compress(data, mtime=0)


def modules(folder: Path) -> list[str]:
    """Return the names of the modules without which app.js cannot start, which the page asks for at once."""
    waiting, found = [(folder / "app.js").resolve()], set[Path]()
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [(path.parent / name).resolve() for name in _IMPORTS.findall(path.read_text())]
    return sorted(path.relative_to(folder.resolve()).as_posix() for path in found)
