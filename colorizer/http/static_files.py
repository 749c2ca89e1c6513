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
# Strings, which stay as they are; or comments, indents, and spaces beside a sign, which say nothing.
_TOKENS = (
    r'("(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`)|^[ \t]+|[ \t]*//.*|[ \t]*/\*(?s:.*?)\*/|(?<=[%s]) +| +(?=[%s])'
)
_SCRIPT_TOKENS = re.compile((_TOKENS % (2 * (r"=<>?:,;&|!*(){}\[\]",))).encode(), re.MULTILINE)
_STYLE_TOKENS = re.compile((_TOKENS % ("{};:,", "{}")).encode(), re.MULTILINE)


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
    return condensed(data, path.suffix) if path.suffix in CODE else data


def condensed(code: bytes, suffix: str) -> bytes:
    """Return a script or style sheet without comments, indents and needless spaces.

    Lines stay, so that errors name the right ones.
    """
    tokens = _STYLE_TOKENS if suffix == ".css" else _SCRIPT_TOKENS
    return tokens.sub(lambda found: found[1] or b"\n" * found[0].count(b"\n"), code)


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
