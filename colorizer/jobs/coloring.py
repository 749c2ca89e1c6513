"""Works a job off, whatever its kind: while the store or the database is away it waits."""

import logging
from collections.abc import Mapping
from threading import Event
from typing import Protocol

from colorizer.errors import Cancelled, NoSuchJob, StoreUnavailable
from colorizer.jobs.records import Job, JobRecords

LONGEST_WAIT = 30.0  # seconds between attempts while the store or the database is away

log = logging.getLogger("colorizer")


class Kind(Protocol):
    """The work of one kind of jobs."""

    def work(self, job: Job) -> bool:
        """Go on with a job where it was left; returns whether nothing is left to do.

        Raises Cancelled where its owner wants it no more, NoSuchJob or StoreUnavailable.
        """


class JobColoring:
    """Takes each job to the work of its kind."""

    def __init__(self, records: JobRecords, kinds: Mapping[str, Kind], stop: Event) -> None:
        """kinds: by `Job.kind`; stop: set when the work is to end soon."""
        self._records, self._kinds, self._stop = records, kinds, stop

    def work(self, id: str) -> bool:
        """Work a job off, from where it was left; returns whether nothing is left to do."""
        wait = 1.0
        while not self._stop.is_set():
            try:
                return self._work(id)
            except (NoSuchJob, Cancelled):  # it expired in the queue, or nobody wants it
                return True
            except StoreUnavailable as error:
                log.warning("Job %s waits: %s", id, error)
                self._stop.wait(wait)
                wait = min(2 * wait, LONGEST_WAIT)
        return False

    def _work(self, id: str) -> bool:
        job = self._records.find(None, id)
        self._records.start(id)
        if not self._kinds[job.kind].work(job):
            return False
        self._records.finish(id)
        return True
