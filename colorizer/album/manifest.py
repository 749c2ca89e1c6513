"""What is done, kept beside the results as one SQLite file: a rerun lists files and reads none of them.

A row says that a photo's results were made, or found valid, while photo and results had these stamps. Where
nothing has another stamp now, nothing else is asked for and no network has changed, that is still true;
otherwise the results themselves are read and judged (`coloring`). So a row that is lost costs a reading, and
no promise rests on a manifest.
"""

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from functools import cached_property, lru_cache
from pathlib import Path
from types import TracebackType
from typing import TypeAlias

from colorizer.album.outcome import Outcome, Result
from colorizer.album.places import Place
from colorizer.album.recipe import Recipe
from colorizer.album.result_names import Job
from colorizer.errors import ColorizerError, OutputError
from colorizer.process.terminal import complain
from colorizer.strategies.registry import create_strategy

SQLITE = b"SQLite format 3\0"  # begins every file
MARKS = {"application_id": 0x696D6763, "user_version": 1}  # by which we know our own
SCHEMA = """
CREATE TABLE photos (
    photo TEXT PRIMARY KEY,  -- its path, or its key in a bucket
    stamp TEXT,              -- of the photo
    source TEXT,             -- SHA-256 of the photo's file
    name TEXT,               -- folder and name of its results
    options TEXT,            -- what was asked for, as JSON
    networks TEXT,           -- the version of each strategy's network, as JSON
    results TEXT,            -- path, strategy and stamp of each, as JSON
    seen REAL                -- when that was found: seconds since 1970
) WITHOUT ROWID
"""
JOIN = """
INSERT OR REPLACE INTO photos SELECT theirs.* FROM theirs.photos AS theirs
LEFT JOIN main.photos AS ours USING (photo) WHERE ours.seen IS NULL OR ours.seen < theirs.seen
"""
NOT_OURS = "{path} is no manifest of this version. Move it away; what is done is then read from the results."
SAVE_SECONDS = 60.0  # at least, from one saving to the next
SAVE_SHARE = 50  # of the time may go into savings, as one part in so many
COMPLETED = ("colorized", "done before")

Stamps: TypeAlias = Callable[[Path], dict[str, str]]  # of a folder's files, by name


class Manifest:
    """What is known to be done by a recipe; a context, at whose end it is saved."""

    def __init__(self, recipe: Recipe, path: Path | None = None) -> None:
        """Read what is known. path: the manifest's own in the target; None: it is not kept.

        Raises OutputError where the file is something else.
        """
        self._recipe = recipe
        self._table = _Table(recipe.target, path)
        asked = asdict(recipe.look) | recipe.options | {"sidecars": recipe.sidecars}
        self._options = json.dumps(asked)
        self._begun: dict[Path, tuple[str, str]] = {}

    def __enter__(self) -> "Manifest":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._table.save()
        self._table.close()

    def done(self, jobs: Iterable[Job]) -> Iterator[Outcome]:
        """Yield what became, in earlier runs, of each photo that is done and unchanged since."""
        for job, _, results in self._looked_up(jobs) if self._is_of_use() else ():
            if results:
                yield Outcome(job.photo, "done before", results)

    def due(self, jobs: Iterable[Job]) -> Iterator[Job]:
        """Yield all other photos; `noted` has to see what becomes of each."""
        for job, stamp, results in self._looked_up(jobs):
            if not results:
                if stamp:  # from before it is read: that it is replaced meanwhile will show
                    self._begun[job.photo] = stamp, _name_of(job)
                yield job

    def noted(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """Yield what became of the photos that were due, and remember it."""
        for outcome in outcomes:
            stamp, name = self._begun.pop(outcome.photo, ("", ""))
            if stamp and outcome.state in COMPLETED and self._networks:
                self._note(outcome, stamp, name)
            yield outcome

    def _looked_up(self, jobs: Iterable[Job]) -> Iterator[tuple[Job, str | None, tuple[Result, ...]]]:
        """Yield each job with its photo's stamp, and its results where they are known to be valid."""
        places = self._recipe.source, self._recipe.target
        photo_stamps, result_stamps = (lru_cache(1)(place.stamps) for place in places)
        is_of_use = self._is_of_use()
        for job in jobs:
            stamp = _stamp(photo_stamps, job.photo)
            results = self._results(job, stamp) if stamp and is_of_use else ()
            are_unchanged = all(_stamp(result_stamps, result.path) == result.stamp for result in results)
            yield job, stamp, results if are_unchanged else ()

    def _is_of_use(self) -> bool:
        return not (self._recipe.force or self._table.is_empty())

    def _results(self, job: Job, stamp: str) -> tuple[Result, ...]:
        """Return the results that are known of the photo as it is now, made as is asked for now."""
        row = self._table.row(job.photo)
        if row is None or row[:-1] != (stamp, _name_of(job), self._options, self._networks):
            return ()
        return tuple(
            Result(Path(path), strategy, stamp=found) for path, strategy, found in json.loads(row[-1])
        )

    def _note(self, outcome: Outcome, stamp: str, name: str) -> None:
        results = [(str(result.path), result.strategy, result.stamp) for result in outcome.results]
        made = (name, self._options, self._networks, json.dumps(results))
        self._table.insert(outcome.photo, stamp, outcome.source, *made)

    @cached_property
    def _networks(self) -> str:
        """The versions of the networks, as JSON; empty where this machine does not have them all."""
        try:
            strategies = [create_strategy(name, self._recipe.models_dir) for name in self._recipe.strategies]
            return json.dumps({strategy.name: strategy.version for strategy in strategies})
        except (OSError, ValueError, IndexError):  # as weights.check raises of what was not fetched
            return ""


class _Table:
    """The rows, in memory, and their file.

    Runs at once do not lose each other's rows: the file is replaced only where it is still as it was read,
    and otherwise read again and joined, of two rows the newer.
    """

    def __init__(self, place: Place, path: Path | None) -> None:
        self._place, self._path = place, path
        self._rows = sqlite3.connect(":memory:", isolation_level=None)
        self._rows.execute(SCHEMA)
        for name, value in MARKS.items():
            self._rows.execute(f"PRAGMA {name} = {value}")
        self._file_stamp: str | None = None
        self._is_saved, self._next_saving = True, time.monotonic() + SAVE_SECONDS
        self._join()

    def is_empty(self) -> bool:
        """Whether nothing is known."""
        return self._rows.execute("SELECT photo FROM photos LIMIT 1").fetchone() is None

    def row(self, photo: Path) -> tuple[str, ...] | None:
        """Return a photo's stamp, name, options, networks and results."""
        columns = "stamp, name, options, networks, results"
        found: tuple[str, ...] | None = self._rows.execute(
            f"SELECT {columns} FROM photos WHERE photo = ?", (_text(photo),)
        ).fetchone()
        return found

    def insert(self, photo: Path, *values: str) -> None:
        """Keep a row, its values in the table's order; saves from time to time."""
        row = (_text(photo), *values, time.time())
        self._rows.execute(f"INSERT OR REPLACE INTO photos VALUES ({', '.join('?' * len(row))})", row)
        self._is_saved = False
        if time.monotonic() > self._next_saving:
            self.save()

    def save(self) -> None:
        """Write what is new; where that fails it is told, and costs no more than a reading."""
        if self._path is None or self._is_saved:
            return
        start = time.monotonic()
        try:
            self._replace(self._path)
        except (ColorizerError, OSError) as error:
            complain(f"The manifest cannot be saved, so the next run reads what is done. {error}")
        seconds = time.monotonic() - start
        self._next_saving = start + max(SAVE_SECONDS, SAVE_SHARE * seconds)

    def close(self) -> None:
        """Forget everything."""
        self._rows.close()

    def _replace(self, path: Path) -> None:
        while (stamp := self._place.replace(path, self._rows.serialize(), self._file_stamp)) is None:
            self._join()
        self._file_stamp, self._is_saved = stamp, True

    def _join(self) -> None:
        """Read the file, and take in each row that is new or newer; raises OutputError where it is none."""
        self._file_stamp = self._place.stamp(self._path) if self._path else None
        if self._path is None or self._file_stamp is None:
            return
        file = self._place.read(self._path)
        self._rows.execute("ATTACH ':memory:' AS theirs")
        try:
            self._open(file)
            self._rows.execute(JOIN)
        except sqlite3.DatabaseError as error:
            raise OutputError(NOT_OURS.format(path=self._path)) from error
        finally:
            self._rows.execute("DETACH theirs")

    def _open(self, file: bytes) -> None:
        if not file.startswith(SQLITE):
            raise sqlite3.DatabaseError
        self._rows.deserialize(file, name="theirs")
        marks = [self._rows.execute(f"PRAGMA theirs.{name}").fetchone()[0] for name in MARKS]
        if marks != [*MARKS.values()]:
            raise sqlite3.DatabaseError


def _stamp(stamps: Stamps, path: Path) -> str | None:
    return stamps(path.parent).get(path.name)


def _name_of(job: Job) -> str:
    return _text(job.folder / (job.name + job.mark))


def _text(path: Path) -> str:
    """Return a path as SQLite takes it; names that are no UTF-8 can only be shown."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
