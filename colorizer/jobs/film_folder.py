"""A folder of the worker's own for a film while it is coloured, and what goes between it and the store."""

import shutil
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from colorizer.process.files import lock
from colorizer.store.coloring import ORIGINAL, RESULT
from colorizer.store.images import ImageStore, Owner, StoredFile, StoredImage
from colorizer.video.order import FRAMES, PIECES

PREFIX, LOCK, NEW_LOCK = "image-colorizer-film-", "lock", "new"
PIECE = "piece-"  # begins the names of pieces in the store
ENDINGS = {".mp4": "video/mp4", ".mov": "video/quicktime", ".mkv": "video/x-matroska"}


class FilmFolder:
    """The files of one film, and the store that keeps those that are whole."""

    def __init__(self, folder: Path, images: ImageStore, owner: Owner, film: StoredImage) -> None:
        self.folder, self.film = folder, film
        self._images, self._owner = images, owner
        ending = Path(str(film.facts.get("name"))).suffix.lower()
        self.source = folder / f"film{ending if ending in ENDINGS else ''}"

    def fetch(self) -> None:
        """Bring the film and its pieces here. Raises NoSuchImage or StoreUnavailable."""
        self._fetch(self.film.files[ORIGINAL], self.source)
        (self.folder / PIECES).mkdir()
        for name, file in self.film.files.items():
            if name.startswith(PIECE):
                self._fetch(file, self.folder / PIECES / name.removeprefix(PIECE))

    def note(self, facts: dict[str, Any]) -> None:
        """Keep what is known of the film now. Raises NoSuchImage or StoreUnavailable."""
        self._keep({}, facts)

    def keep_piece(self, piece: str, job: str) -> None:
        """Keep a piece that is whole, and a job's first frames where there are new ones.

        Raises NoSuchImage, StoreFull or StoreUnavailable.
        """
        files = {f"{PIECE}{path.name}": path for path in (self.folder / PIECES).glob(f"{piece}.*")}
        sheet, name = self.folder / FRAMES, f"frames-{job}"
        if name not in self.film.files and sheet.exists():
            files[name] = sheet
        self._keep(files)

    def keep_result(self, suffix: str, pieces: Collection[str]) -> None:
        """Keep the coloured film in the place of an earlier one, and of all pieces those it is made of.

        Raises NoSuchImage, StoreFull or StoreUnavailable.
        """
        needless = [
            name
            for name in self.film.files
            if name.startswith(PIECE) and Path(name.removeprefix(PIECE)).stem not in pieces
        ]
        facts = {"suffix": suffix, "result_type": ENDINGS[suffix]}
        self._keep({RESULT: self.folder / f"{RESULT}{suffix}"}, facts, needless)

    def _keep(
        self, files: dict[str, Path], facts: dict[str, Any] | None = None, without: Collection[str] = ()
    ) -> None:
        known = {**self.film.facts, **(facts or {})}
        self.film = self._images.change(self._owner, self.film, files, known, without)

    def _fetch(self, file: StoredFile, path: Path) -> None:
        with path.open("wb") as target:
            for piece in self._images.stream(file):
                target.write(piece)


@contextmanager
def work_folder() -> Iterator[Path]:
    """Yield an empty folder, which is gone at the end; folders of processes that died go first."""
    _remove_abandoned(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name:
        folder = Path(name)
        with (folder / NEW_LOCK).open("wb") as held:
            lock(held)
            (folder / NEW_LOCK).rename(folder / LOCK)
            yield folder


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError), (folder / LOCK).open("rb") as held:
            lock(held)  # which fails while somebody is at work there
            shutil.rmtree(folder)
