"""Who is to be told when a job is finished: noted in the database, so that no restart forgets it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy
from sqlalchemy import Column, Engine, Float, Integer, Row, String, Table, func, select

from colorizer.jobs.records import jobs
from colorizer.store.database import make_tables, reading, writing
from colorizer.store.images import Owner

CALLBACK, EMAIL = "callback_url", "notify_email"  # kinds of notices, named as the fields that ask for them
GIVE_UP_SECONDS = 86_400.0  # after the job's end
FIRST_WAIT, LONGEST_WAIT = 30.0, 6 * 3600.0  # seconds; each wait is four times the one before
EMAILS_AN_HOUR = 20  # that one owner may ask for

tables = sqlalchemy.MetaData()
notices = Table(
    "colorizer_notices",
    tables,
    Column("job", String(32), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("target", String(2000), nullable=False),  # empty as soon as it is not needed any more
    Column("attempts", Integer, nullable=False, default=0),
    Column("due", Float, default=0.0),  # seconds since 1970 of the next attempt; None: there is none
)


@dataclass(frozen=True)
class Notice:
    """A notice to be sent now. target: an address of its kind; finished: when the job was."""

    job: str
    kind: str
    target: str
    finished: float


class Notices:
    """The notices of all jobs; safe to use from several threads and processes at once."""

    def __init__(self, engine: Engine, *, now: Callable[[], float] = time.time) -> None:
        """engine: of the store's database. Raises StoreUnavailable where it does not answer."""
        self._engine, self._now = engine, now
        make_tables(engine, tables)

    def add(self, job: str, targets: Mapping[str, str]) -> None:
        """Note whom to tell of a job's end, as {CALLBACK: address, EMAIL: address}; either may be missing.

        What was noted before stays as it was.
        """
        with writing(self._engine) as connection:
            known = set(connection.execute(select(notices.c.kind).where(notices.c.job == job)).scalars())
            for kind in targets.keys() - known:
                connection.execute(notices.insert().values(job=job, kind=kind, target=targets[kind]))

    def may_ask_for_email(self, owner: Owner) -> bool:
        """Return whether an owner has not asked for too many e-mails of late."""
        lately = jobs.c.owner == owner.name, jobs.c.created > self._now() - 3600
        query = select(func.count()).select_from(_with_jobs()).where(notices.c.kind == EMAIL, *lately)
        with reading(self._engine) as connection:
            return int(connection.execute(query).scalar_one()) < EMAILS_AN_HOUR

    def claim(self) -> Notice | None:
        """Return a notice to be sent now, or None; nobody else gets it before its next attempt is due."""
        with reading(self._engine) as connection:
            if connection.execute(self._due()).first() is None:
                return None
        with writing(self._engine) as connection:
            row = connection.execute(self._due()).first()
            if row is None:
                return None
            due = self._now() + min(FIRST_WAIT * 4**row.attempts, LONGEST_WAIT)
            connection.execute(_this(row).values(due=due, attempts=row.attempts + 1))
        return Notice(row.job, row.kind, row.target, row.finished)

    def settle(self, notice: Notice) -> None:
        """Forget whom a notice was for: it has arrived, or is given up."""
        with writing(self._engine) as connection:
            connection.execute(_this(notice).values(due=None, target=""))

    def is_last(self, notice: Notice) -> bool:
        """Return whether a notice that failed is not to be tried again."""
        return self._now() - notice.finished > GIVE_UP_SECONDS

    def sweep(self) -> None:
        """Forget the notices of jobs that have expired."""
        with writing(self._engine) as connection:
            connection.execute(notices.delete().where(notices.c.job.not_in(select(jobs.c.id))))

    def _due(self) -> sqlalchemy.Select[Any]:
        ready = jobs.c.finished.is_not(None), notices.c.due <= self._now()
        return (
            select(notices, jobs.c.finished).select_from(_with_jobs()).where(*ready).order_by(notices.c.due)
        )


def _with_jobs() -> sqlalchemy.Join:
    return notices.join(jobs, notices.c.job == jobs.c.id)


def _this(notice: Notice | Row[Any]) -> sqlalchemy.Update:
    return notices.update().where(notices.c.job == notice.job, notices.c.kind == notice.kind)
