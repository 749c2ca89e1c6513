"""The work of a job over a film: a process of its own colours it, and each piece is kept when it is whole.

Whatever ends that process, or this one, the next one goes on after the last piece.
"""

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import Any

from colorizer.errors import Cancelled, ChildDied, DamagedFilm, StoreUnavailable
from colorizer.jobs.film_folder import FilmFolder, work_folder
from colorizer.jobs.film_records import FilmRecords
from colorizer.jobs.problems import Problem, given_up, problem_of
from colorizer.jobs.records import Job, JobRecords
from colorizer.jobs.states import DONE, FAILED, FILM, WAITING
from colorizer.settings import Settings
from colorizer.store.images import Owner
from colorizer.store.opening import Store
from colorizer.video import order as words
from colorizer.video.apart import color_apart
from colorizer.video.order import Order

NICENESS = 9  # more than the worker's: a film must not slow photos down
NOTE_SECONDS = 1.0  # how often progress is noted

log = logging.getLogger("colorizer")


class _Stopped(Exception):
    """The worker is to end; the film goes on with the next one."""


@dataclass(frozen=True)
class Conditions:
    """What holds for all films.

    strategy_of: returns the name of a strategy, or of the default for None; environ: of the processes that
    colour, and all that they know of ours.
    """

    settings: Settings
    strategy_of: Callable[[str | None], str]
    environ: Mapping[str, str]


class FilmWork:
    """Colours the films of jobs."""

    def __init__(self, records: JobRecords, store: Store, conditions: Conditions, stop: Event) -> None:
        """stop: set when the work is to end at once."""
        self._records, self._images, self._conditions = records, store.images, conditions
        self._films = FilmRecords(store.engine)
        self._stop = stop
        self._excused: set[str] = set()  # jobs whose last attempt the store or the database ended

    def work(self, job: Job) -> bool:
        """Colour the film, from the last piece that is kept; as `coloring.Kind` has it."""
        if job.film is None or job.film.state != WAITING:
            return True
        if job.id in self._excused:
            self._films.forgive(job.id)
            self._excused.discard(job.id)
        while self._films.attempt(job.id):
            try:
                return self._attempt(job, job.film.film)
            except ChildDied as error:
                log.warning("Job %s: %s", job.id, error)
        self._films.settle(job.id, FAILED, [given_up("film")])
        return True

    def _attempt(self, job: Job, film: str) -> bool:
        """Colour the film in one go; returns whether nothing is left to do."""
        try:
            self._films.settle(job.id, *self._color(job, film))
        except _Stopped:
            self._films.forgive(job.id)
            return False
        except (StoreUnavailable, OSError) as error:
            self._excused.add(job.id)
            raise StoreUnavailable(f"The film cannot be kept just now: {error}") from error
        except (Cancelled, ChildDied):
            raise
        except Exception as error:
            if self._records.is_cancelled(job.id):  # then its film may be deleted, which is no failure
                raise Cancelled("The job was cancelled.") from error
            self._films.settle(job.id, FAILED, [problem_of(error)])
        return True

    def _color(self, job: Job, film: str) -> tuple[str, list[Problem]]:
        """Return the film's state and what its owner should hear."""
        owner = Owner(job.owner, job.options["quota"])
        strategy = self._conditions.strategy_of(job.options["strategy"])
        with work_folder() as path:
            folder = FilmFolder(path, self._images, owner, self._images.find(owner, film, FILM))
            folder.fetch()
            listener = _Listener(job.id, folder, self._films)
            order = self._order(job, folder, strategy)
            environ = self._conditions.environ
            last = color_apart(order, environ, listener.hear, lambda: self._look(job.id))
            return listener.conclude(*last)

    def _look(self, job: str) -> None:
        if self._stop.is_set():
            raise _Stopped
        if self._records.is_cancelled(job):
            raise Cancelled("The job was cancelled.")

    def _order(self, job: Job, folder: FilmFolder, strategy: str) -> Order:
        options, settings = job.options, self._conditions.settings
        return Order(
            source=str(folder.source),
            folder=str(folder.folder),
            strategy=strategy,
            models_dir=str(settings.models_dir.absolute()) if settings.models_dir else None,
            device=settings.device,
            saturation=options["saturation"],
            warmth=options["warmth"],
            hints=options["hints"],
            longest=settings.max_film_seconds,
            most_pixels=settings.max_pixels,
            niceness=NICENESS,
        )


class _Listener:
    """Does what the words of a film's process ask for."""

    def __init__(self, job: str, folder: FilmFolder, films: FilmRecords) -> None:
        self._job, self._folder, self._films = job, folder, films
        self._begun: tuple[float, int] | None = None  # when, and at which frame
        self._noted = 0.0

    def hear(self, what: str, told: Any) -> None:
        """Note or keep what is told. Raises NoSuchImage, StoreFull or StoreUnavailable."""
        if what == words.FILM:
            self._folder.note(told)
        elif what == words.DONE:
            self._go_on(*told)
        elif what == words.PIECE:
            self._folder.keep_piece(told, self._job)
            self._films.forgive(self._job)

    def conclude(self, what: str, told: Any) -> tuple[str, list[Problem]]:
        """Keep the result, where there is one; returns the film's state and what its owner should hear."""
        if what == words.NO_ROOM:
            raise StoreUnavailable("There is no room in the worker's temporary folder.")
        if what == words.PROBLEM:
            return FAILED, [told]
        self._folder.keep_result(told["suffix"], told["pieces"])
        self._films.go_on(self._job, told["frames"], told["frames"], None)
        return DONE, [{"code": DamagedFilm.code, "detail": damage} for damage in told["damages"]]

    def _go_on(self, frames: int, in_all: int | None) -> None:
        now = time.monotonic()
        self._begun = self._begun or (now, frames)
        if now - self._noted >= NOTE_SECONDS:
            self._noted = now
            self._films.go_on(self._job, frames, in_all, self._seconds_left(now, frames, in_all))

    def _seconds_left(self, now: float, frames: int, in_all: int | None) -> int | None:
        """Return how long the rest will take, as long as the frames since we began took."""
        begun, first = self._begun or (now, frames)
        if in_all is None or frames == first:
            return None
        return round((now - begun) / (frames - first) * max(0, in_all - frames))
