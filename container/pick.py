"""Copies what packages of Debian hold into a new folder: python3 container/pick.py FOLDER PACKAGE..."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"  # ca-certificates made it, so no package lists it
# Manuals, but not licences; and glibc's conversions of text, which Python does itself.
UNUSED = re.compile(r"/usr/share/(lintian|locale|man|doc/(?!\S+/copyright$))|/usr/lib/[^/]+/gconv/")


def pick(folder: Path, packages: list[str]) -> None:
    """Copy the files of packages, and what scanners for known weaknesses read about these."""
    links = [str(path) for path in Path("/").iterdir() if path.is_symlink()]  # as /lib, for /usr/lib
    for name in sorted({*links, *_said("--listfiles", packages), CERTIFICATES}):
        if not UNUSED.match(name):
            _copy(Path(name), folder)
    status = folder / "var/lib/dpkg/status"
    status.parent.mkdir(parents=True, exist_ok=True)
    status.write_text("\n".join(_said("--status", packages)) + "\n")


def _said(option: str, packages: list[str]) -> list[str]:
    """Return the lines in which dpkg answers."""
    query = ["dpkg-query", option, *packages]
    return subprocess.run(query, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def _copy(path: Path, folder: Path) -> None:
    """Copy a file, a link or an empty folder to its place; what a slim base left out stays out."""
    place = folder / path.parent.resolve().relative_to("/") / path.name
    place.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        place.mkdir(exist_ok=True)
        shutil.copystat(path, place)
    elif path.is_symlink() or path.exists():
        shutil.copy2(path, place, follow_symlinks=False)


if __name__ == "__main__":
    pick(Path(sys.argv[1]), sys.argv[2:])
