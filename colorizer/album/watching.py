"""Colours what arrives in a folder, whole files only, until somebody stops it.

Each look plans the folder as `colorize --recursive` does, so that names, and what is done and kept, are the
same. What arrived while nobody watched is found by the first look: what is done is read from the results.
"""

import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from watchfiles import watch

from colorizer.album.crew import size_for
from colorizer.album.manifest import COMPLETED, Manifest
from colorizer.album.outcome import Outcome
from colorizer.album.places import DISK
from colorizer.album.plan import Plan, Target
from colorizer.album.recipe import Recipe
from colorizer.album.result_names import Job
from colorizer.album.run import colorize_jobs
from colorizer.strategies.registry import strategy_names

WAITS = (2.0, 30.0)  # seconds without a change before the first try, and before that after a failure
LOOK_SECONDS = 60.0  # from look to look all the same: shares do not tell what other machines write


def color_arrivals(
    folder: Path, target: Target, recipe: Recipe, jobs: int | None, stop: Event
) -> Iterator[Outcome]:
    """Yield what becomes of the photos that are in a folder, and of those that come, until `stop` is set.

    jobs: photos at once, as `size_for` takes it. Ends after an outcome that is fatal, too. Raises OSError
    where the system cannot watch the folder, and what `colorize_jobs` raises.
    """
    arrivals = _Arrivals(folder, target, recipe, jobs)
    next_look = 0.0
    for changes in _changes(folder, stop):
        if not (changes or arrivals.are_awaited() or time.monotonic() > next_look):
            continue
        next_look = time.monotonic() + LOOK_SECONDS
        with closing(arrivals.look()) as outcomes:
            for outcome in outcomes:
                yield outcome
                if outcome.fatal:
                    return
                if stop.is_set():
                    break


def _changes(folder: Path, stop: Event) -> Iterator[Iterable[object]]:
    """Yield what changed, at once and whenever something did, and nothing every other second."""
    yield ()
    milliseconds = int(WAITS[0] * 1000)
    yield from watch(
        folder,
        stop_event=stop,
        watch_filter=lambda _, path: not Path(path).name.startswith("."),
        debounce=milliseconds,
        step=milliseconds // 4,
        rust_timeout=milliseconds,
        yield_on_timeout=True,
        ignore_permission_denied=True,
    )


@dataclass
class _Arrival:
    """A photo that is not coloured yet: the stamp that it has had since when, and how often it was tried."""

    stamp: str | None
    since: float
    tries: int = 0

    def is_ripe(self) -> bool:
        return self.is_awaited() and time.monotonic() - self.since >= WAITS[self.tries]

    def is_awaited(self) -> bool:
        return self.tries < len(WAITS)


class _Arrivals:
    """What a folder holds that is not done."""

    def __init__(self, folder: Path, target: Target, recipe: Recipe, jobs: int | None) -> None:
        self._folder, self._target, self._recipe, self._jobs = folder, target, recipe, jobs
        self._names = strategy_names(recipe.models_dir)
        self._manifest = Manifest(recipe)
        self._arrivals: dict[Path, _Arrival] = {}
        self._refused: list[Outcome] = []

    def are_awaited(self) -> bool:
        return any(arrival.is_awaited() for arrival in self._arrivals.values())

    def look(self) -> Generator[Outcome]:
        """Colour what has arrived, and yield what became of it."""
        plan = Plan([self._folder], self._target, True, self._names)
        yield from (outcome for outcome in plan.refused if outcome not in self._refused)
        self._refused = plan.refused
        due = [*self._manifest.due(plan)]
        self._arrivals = {job.photo: self._arrival(job.photo) for job in due}
        yield from self._color([job for job in due if self._arrivals[job.photo].is_ripe()])

    def _arrival(self, photo: Path) -> _Arrival:
        known, stamp = self._arrivals.get(photo), DISK.stamp(photo)
        return known if known and known.stamp == stamp else _Arrival(stamp, time.monotonic())

    def _color(self, jobs: list[Job]) -> Iterator[Outcome]:
        if not jobs:
            return
        outcomes = colorize_jobs(self._recipe, jobs, size_for(self._jobs, len(jobs)))
        with closing(outcomes):
            for outcome in self._manifest.noted(outcomes):
                if self._is_final(outcome):
                    yield outcome

    def _is_final(self, outcome: Outcome) -> bool:
        """Whether no other try is to follow; a file that failed may have been copied half."""
        if outcome.state in COMPLETED:
            del self._arrivals[outcome.photo]
            return True
        arrival = self._arrivals[outcome.photo]
        arrival.tries = arrival.tries + 1 if outcome.state == "failed" else len(WAITS)
        return outcome.fatal or not arrival.is_awaited()
