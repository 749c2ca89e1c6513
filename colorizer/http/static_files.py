"""One hash over static/, so that browsers may keep its files for a year and still see every change."""

import hashlib
from pathlib import Path

HASH_LETTERS = 12


def hash_folder(folder: Path) -> str:
    """Return a short hash over the names and contents of all files in `folder`."""
    digest = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        digest.update(f"{path.relative_to(folder).as_posix()} {content}\n".encode())
    return digest.hexdigest()[:HASH_LETTERS]
