"""The work of a job: each of its photos is coloured and kept, and what fails is noted with its reason."""

import logging
import uuid
from collections.abc import Callable
from threading import Event

from colorizer.errors import ColorizerError, NoSuchJob, StoreUnavailable
from colorizer.jobs.records import WAITING, Job, JobPhoto, JobRecords
from colorizer.pipeline import ImageColorizer
from colorizer.store.coloring import color_kept
from colorizer.store.images import ImageStore, Owner

LONGEST_WAIT = 30.0  # seconds between attempts while the store or the database is away

log = logging.getLogger("colorizer")


class JobColoring:
    """Colours the photos of jobs, those that are not settled yet."""

    def __init__(
        self,
        records: JobRecords,
        store: ImageStore,
        colorizer_of: Callable[[str | None], ImageColorizer],
        stop: Event,
    ) -> None:
        """colorizer_of: returns the colorizer of a strategy, or of the default for None.

        stop: set when the work is to end before its next photo.
        """
        self._records, self._store = records, store
        self._colorizer_of, self._stop = colorizer_of, stop

    def work(self, id: str) -> bool:
        """Work a job off, from where it was left; returns whether nothing is left to do."""
        wait = 1.0
        while not self._stop.is_set():
            try:
                return self._work(id)
            except NoSuchJob:  # it expired in the queue
                return True
            except StoreUnavailable as error:
                log.warning("Job %s waits: %s", id, error)
                self._stop.wait(wait)
                wait = min(2 * wait, LONGEST_WAIT)
        return False

    def _work(self, id: str) -> bool:
        job = self._records.find(None, id)
        self._records.start(id)
        for photo in job.photos:
            if self._records.is_cancelled(id):
                return True
            if self._stop.is_set():
                return False
            if photo.state == WAITING:
                self._records.settle(id, photo.number, self._color(job, photo))
        self._records.finish(id)
        return True

    def _color(self, job: Job, photo: JobPhoto) -> dict[str, str] | None:
        """Colour one photo; returns what went wrong with it, or None."""
        if not self._records.attempt(job.id, photo.number):
            detail = "Colouring this photo ended our process several times, so we gave it up."
            return {"code": ColorizerError.code, "detail": detail}
        try:
            self._color_kept(job, photo)
        except StoreUnavailable:  # not the photo's fault
            raise
        except ColorizerError as error:
            return {"code": error.code, "detail": str(error)}
        except Exception:
            number = uuid.uuid4().hex
            log.exception("Internal error %s", number)
            return {"code": ColorizerError.code, "detail": f"Something went wrong on our side ({number})."}
        return None

    def _color_kept(self, job: Job, photo: JobPhoto) -> None:
        options = dict(job.options)
        colorizer = self._colorizer_of(options.pop("strategy", None))
        owner = Owner(job.owner, options.pop("quota"))
        color_kept(self._store, owner, self._store.find(owner, photo.image), colorizer, options)
