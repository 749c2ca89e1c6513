"""How the photos of a run are to be coloured."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from colorizer.album.places import DISK, Place
from colorizer.options import DEFAULT_LOOK, Look
from colorizer.photo.limits import Limits

MAX_BYTES = 2 * 2**30  # of one file
FILE_LIMITS = Limits(max_bytes=MAX_BYTES)


@dataclass(frozen=True)
class Recipe:
    """How the photos of a run are coloured.

    look: of the results; without a format it is jpeg, but png for 16 bit and alpha. force: whether valid
    results are made again too. dry_run: only tells what would become of each photo. originals: (device,
    inode) of files that are photos of the run, and are kept even where they look like results. reference: the
    file of a photo whose colours are wanted. source, target: where photos lie, and where results go.
    all_pages: whether all pages of TIFFs are coloured, into TIFFs. sidecars: whether results have XMP files
    beside them.
    """

    strategies: tuple[str, ...]
    look: Look = DEFAULT_LOOK
    device: str = "cpu"
    models_dir: Path | None = None
    limits: Limits = FILE_LIMITS
    force: bool = False
    dry_run: bool = False
    originals: frozenset[tuple[int, int]] = frozenset()
    reference: bytes | None = None
    source: Place = DISK
    target: Place = DISK
    all_pages: bool = False
    sidecars: bool = False

    @property
    def options(self) -> dict[str, str | bool]:
        """What results of the run are told apart by, beside their look."""
        digest = hashlib.sha256(self.reference).hexdigest() if self.reference else ""
        return {"reference": digest, "all_pages": self.all_pages}
