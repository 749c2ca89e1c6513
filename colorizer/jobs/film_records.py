"""What is known of the film of a job: which kept film it is, how far it has come, and what went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy
from sqlalchemy import Column, Engine, Integer, Row, String, Table, select

from colorizer.jobs.problems import Problem
from colorizer.jobs.states import MAX_ATTEMPTS, WAITING
from colorizer.store.database import make_tables, writing

tables = sqlalchemy.MetaData()
films = Table(
    "colorizer_job_films",
    tables,
    Column("job", String(32), primary_key=True),
    Column("film", String(32), nullable=False),
    Column("state", String(8), nullable=False, default=WAITING),
    Column("attempts", Integer, nullable=False, default=0),  # since a piece was last finished
    Column("frames", Integer, nullable=False, default=0),
    Column("frames_in_all", Integer),
    Column("seconds_left", Integer),
    Column("problems", sqlalchemy.JSON, nullable=False, default=[]),
)


@dataclass(frozen=True)
class JobFilm:
    """The film of a job.

    film: its id in the store. frames: coloured so far; frames_in_all: about, None where nobody knows.
    seconds_left: None where there is nothing to go by. problems: what its owner should hear, also of one
    that is done.
    """

    film: str
    state: str
    frames: int
    frames_in_all: int | None
    seconds_left: int | None
    problems: tuple[Problem, ...]


class FilmRecords:
    """The records of the films of all jobs; safe to use from several threads and processes at once."""

    def __init__(self, engine: Engine) -> None:
        """engine: of the store's database. Raises StoreUnavailable where it does not answer."""
        self._engine = engine
        make_tables(engine, tables)

    def attempt(self, job: str) -> bool:
        """Count an attempt before it is made; returns False where too many in a row came to nothing."""
        self._write(job, attempts=films.c.attempts + 1)
        with writing(self._engine) as connection:
            attempts = connection.execute(select(films.c.attempts).where(films.c.job == job)).scalar_one()
        return bool(attempts <= MAX_ATTEMPTS)

    def forgive(self, job: str) -> None:
        """Count no attempt so far: a piece is finished, or it was not the film that ended the work."""
        self._write(job, attempts=0)

    def go_on(self, job: str, frames: int, frames_in_all: int | None, seconds_left: int | None) -> None:
        """Note how far a film has come."""
        self._write(job, frames=frames, frames_in_all=frames_in_all, seconds_left=seconds_left)

    def settle(self, job: str, state: str, problems: Sequence[Problem]) -> None:
        """Note that a film is done or has failed, and what its owner should hear."""
        self._write(job, state=state, problems=list(problems), seconds_left=None)

    def _write(self, job: str, **values: Any) -> None:
        with writing(self._engine) as connection:
            connection.execute(films.update().where(films.c.job == job).values(values))


def job_film(row: Row[Any]) -> JobFilm:
    """Return the film that a row is about."""
    return JobFilm(row.film, row.state, row.frames, row.frames_in_all, row.seconds_left, tuple(row.problems))
