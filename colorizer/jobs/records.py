"""What is known of each job: whose it is, which kept images or film it colours and how, and how far it is.

Photos, films and their names are in the image store; here are numbers, ids and reasons only.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy
from sqlalchemy import Boolean, Column, Connection, Engine, Float, Integer, Row, String, Table, func, select

from colorizer.errors import BadField, NoSuchJob
from colorizer.jobs import film_records
from colorizer.jobs.film_records import JobFilm, films, job_film
from colorizer.jobs.problems import Problem
from colorizer.jobs.states import DONE, FAILED, FILM, MAX_ATTEMPTS, PHOTOS, WAITING
from colorizer.store.database import make_tables, reading, writing
from colorizer.store.images import Owner

Rows = tuple[Table, Sequence[Mapping[str, Any]]]
Submit = Callable[[Connection, str, str], None]

tables = sqlalchemy.MetaData()
jobs = Table(
    "colorizer_jobs",
    tables,
    Column("id", String(32), primary_key=True),
    Column("owner", String(80), nullable=False),
    Column("key", String(64)),  # of a RequestKey
    Column("request", String(64)),
    Column("created", Float, nullable=False),  # seconds since 1970
    Column("expires", Float, nullable=False, index=True),
    Column("started", Float),
    Column("finished", Float),
    Column("cancelled", Boolean, nullable=False, default=False),
    Column("options", sqlalchemy.JSON, nullable=False),
    sqlalchemy.UniqueConstraint("owner", "key"),
)
photos = Table(
    "colorizer_job_photos",
    tables,
    Column("job", String(32), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("image", String(32), nullable=False),
    Column("state", String(8), nullable=False, default=WAITING),
    Column("attempts", Integer, nullable=False, default=0),
    Column("problem", sqlalchemy.JSON),
)


@dataclass(frozen=True)
class RequestKey:
    """An Idempotency-Key and the request that it came with, each as a SHA-256 in hex digits."""

    key: str
    request: str


@dataclass(frozen=True)
class JobPhoto:
    """One photo of a job. image: its id in the store; problem: why it failed, as {"code", "detail"}."""

    number: int
    image: str
    state: str
    problem: Problem | None


@dataclass(frozen=True)
class Job:
    """A job over photos, in their order, or over one film.

    Times are seconds since 1970; options: as `colorize` or `FilmOptions` takes them.
    """

    id: str
    owner: str
    created: float
    expires: float
    started: float | None
    finished: float | None
    cancelled: bool
    options: dict[str, Any]
    photos: tuple[JobPhoto, ...]
    film: JobFilm | None

    @property
    def kind(self) -> str:
        """What it is over: PHOTOS or FILM."""
        return FILM if self.film else PHOTOS

    @property
    def states(self) -> list[str]:
        """The state of each of its photos, or of its film."""
        return [self.film.state] if self.film else [photo.state for photo in self.photos]

    def count(self, state: str) -> int:
        """Return how many of its photos, or whether its film, are in a state."""
        return self.states.count(state)


class JobRecords:
    """The records of all jobs; safe to use from several threads and processes at once."""

    def __init__(
        self,
        engine: Engine,
        *,
        keep_seconds: float,
        submit: Submit,
        now: Callable[[], float] = time.time,
    ) -> None:
        """engine: of the store's database; keep_seconds: how long a job is known.

        submit: queues a job, by id and kind, in the transaction that notes it: whatever dies meanwhile, none
        is noted and never worked off.
        Raises StoreUnavailable where the database does not answer.
        """
        self._engine, self._keep_seconds, self._submit, self._now = engine, keep_seconds, submit, now
        self._attempted: tuple[str, int] | None = None  # the last photo, by this process
        make_tables(engine, tables, film_records.tables)

    def add(
        self, owner: Owner, id: str, images: Sequence[str], options: Mapping[str, Any], key: RequestKey | None
    ) -> str:
        """Note and queue a job over kept images; returns its id, or what `known` does where that is one."""
        rows = [{"job": id, "number": number, "image": image} for number, image in enumerate(images)]
        return self._add(owner, id, options, key, (photos, rows))

    def add_film(
        self, owner: Owner, id: str, film: str, options: Mapping[str, Any], key: RequestKey | None
    ) -> str:
        """Note and queue a job over a kept film; returns its id, or what `known` does where that is one."""
        return self._add(owner, id, options, key, (films, [{"job": id, "film": film}]))

    def known(self, owner: Owner, key: RequestKey | None) -> str | None:
        """Return the owner's job that the same request has started before, or None.

        Raises BadField where the key came with another request.
        """
        with reading(self._engine) as connection:
            return self._known(connection, owner, key) if key else None

    def _known(self, connection: Connection, owner: Owner, key: RequestKey) -> str | None:
        same = jobs.c.owner == owner.name, jobs.c.key == key.key, jobs.c.expires > self._now()
        row = connection.execute(select(jobs.c.id, jobs.c.request).where(*same)).one_or_none()
        if row and row.request != key.request:
            raise BadField("This Idempotency-Key came with another request before. Send a new one.")
        return str(row.id) if row else None

    def _add(
        self, owner: Owner, id: str, options: Mapping[str, Any], key: RequestKey | None, over: Rows
    ) -> str:
        now = self._now()
        row = {"id": id, "owner": owner.name, "created": now, "expires": now + self._keep_seconds}
        with writing(self._engine) as connection:
            if key:
                if known := self._known(connection, owner, key):
                    return known
                expired = jobs.c.owner == owner.name, jobs.c.key == key.key
                connection.execute(jobs.update().where(*expired).values(key=None))
                row |= {"key": key.key, "request": key.request}
            connection.execute(jobs.insert().values(**row, options=dict(options)))
            table, rows = over
            connection.execute(table.insert(), rows)
            self._submit(connection, id, FILM if table is films else PHOTOS)
        return id

    def find(self, owner: Owner | None, id: str) -> Job:
        """Return one job of this owner; None: of anyone, for the worker. Raises NoSuchJob."""
        query = select(jobs).where(jobs.c.id == id, jobs.c.expires > self._now())
        if owner is not None:
            query = query.where(jobs.c.owner == owner.name)
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                raise NoSuchJob("There is no such job: it has expired, was deleted, or never was.")
            of_job = select(photos).where(photos.c.job == id).order_by(photos.c.number)
            film = select(films).where(films.c.job == id)
            return _job(row, connection.execute(of_job).all(), connection.execute(film).one_or_none())

    def count_states(self) -> dict[str, int]:
        """Return how many jobs there are in each state, of all owners."""
        state = sqlalchemy.case(
            (jobs.c.cancelled, "cancelled"),
            (jobs.c.finished.is_not(None), "finished"),
            (jobs.c.started.is_not(None), "running"),
            else_="queued",
        )
        with reading(self._engine) as connection:
            found = connection.execute(select(state, func.count()).group_by(state)).all()
        return dict.fromkeys(("queued", "running", "finished", "cancelled"), 0) | dict(map(tuple, found))

    def longest_wait(self) -> float:
        """Return for how many seconds the oldest job that nobody has begun has waited, of all owners."""
        waiting = jobs.c.started.is_(None) & jobs.c.finished.is_(None) & ~jobs.c.cancelled
        with reading(self._engine) as connection:
            oldest = connection.execute(select(func.min(jobs.c.created)).where(waiting)).scalar()
        return 0.0 if oldest is None else max(0.0, self._now() - oldest)

    def start(self, id: str) -> None:
        """Note when work on a job began; only the first time counts."""
        query = jobs.update().where(jobs.c.id == id, jobs.c.started.is_(None))
        self._write(query.values(started=self._now()))

    def finish(self, id: str) -> None:
        """Note that nothing is left to do."""
        query = jobs.update().where(jobs.c.id == id, jobs.c.finished.is_(None))
        self._write(query.values(finished=self._now()))

    def cancel(self, owner: Owner, id: str) -> None:
        """Let a job end before its next photo; one that is finished stays as it is. Raises NoSuchJob."""
        self.find(owner, id)
        self._write(jobs.update().where(jobs.c.id == id, jobs.c.finished.is_(None)).values(cancelled=True))

    def forget(self, owner: Owner, id: str) -> None:
        """Let a job be as if it had never been. Raises NoSuchJob."""
        self.find(owner, id)
        self._delete(jobs.c.id == id)

    def uses_film(self, film: str) -> bool:
        """Return whether a job is over a kept film, and nobody cancelled it."""
        query = select(func.count()).select_from(jobs.join(films, jobs.c.id == films.c.job))
        query = query.where(films.c.film == film, jobs.c.cancelled.is_(False))
        with reading(self._engine) as connection:
            return bool(connection.execute(query).scalar_one())

    def is_cancelled(self, id: str) -> bool:
        """Return whether somebody cancelled a job, or it has expired."""
        query = select(jobs.c.cancelled).where(jobs.c.id == id, jobs.c.expires > self._now())
        with reading(self._engine) as connection:
            return connection.execute(query).scalar_one_or_none() is not False

    def attempt(self, id: str, number: int) -> bool:
        """Count an attempt at a photo before it is made; returns False where there were too many.

        A photo that ends the process that colours it would otherwise be tried for ever. A process counts one
        attempt, however often it tries: while the store is away, no photo is given up.
        """
        if self._attempted == (id, number):
            return True
        this = photos.c.job == id, photos.c.number == number
        with writing(self._engine) as connection:
            connection.execute(photos.update().where(*this).values(attempts=photos.c.attempts + 1))
            attempts = connection.execute(select(photos.c.attempts).where(*this)).scalar_one()
        self._attempted = id, number
        return bool(attempts <= MAX_ATTEMPTS)

    def settle(self, id: str, number: int, problem: Mapping[str, str] | None = None) -> None:
        """Note that a photo is done, or why it failed."""
        state = FAILED if problem else DONE
        query = photos.update().where(photos.c.job == id, photos.c.number == number)
        self._write(query.values(state=state, problem=dict(problem) if problem else None))

    def sweep(self) -> None:
        """Forget the jobs that have expired."""
        self._delete(jobs.c.expires < self._now())

    def unfinished(self) -> int:
        """Return how many jobs wait or are under way."""
        query = select(func.count()).where(jobs.c.finished.is_(None), jobs.c.cancelled.is_(False))
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar_one())

    def _delete(self, which: sqlalchemy.ColumnElement[bool]) -> None:
        ids = select(jobs.c.id).where(which)
        with writing(self._engine) as connection:
            connection.execute(photos.delete().where(photos.c.job.in_(ids)))
            connection.execute(films.delete().where(films.c.job.in_(ids)))
            connection.execute(jobs.delete().where(which))

    def _write(self, query: sqlalchemy.Update) -> None:
        with writing(self._engine) as connection:
            connection.execute(query)


def _job(row: Row[Any], of_job: Sequence[Row[Any]], film: Row[Any] | None) -> Job:
    found = tuple(JobPhoto(one.number, one.image, one.state, one.problem) for one in of_job)
    times = row.created, row.expires, row.started, row.finished
    return Job(row.id, row.owner, *times, row.cancelled, row.options, found, film and job_film(film))
