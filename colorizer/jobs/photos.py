"""The work of a job over photos: each is coloured and kept, and what fails is noted with its reason."""

from collections.abc import Callable
from contextlib import suppress
from threading import Event

from colorizer.errors import Cancelled, NoSuchImage, StoreUnavailable
from colorizer.jobs.problems import Problem, given_up, problem_of
from colorizer.jobs.records import Job, JobPhoto, JobRecords
from colorizer.jobs.states import WAITING
from colorizer.pipeline import ImageColorizer
from colorizer.store.coloring import BESIDE, color_kept
from colorizer.store.images import ImageStore, Owner


class PhotoWork:
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

    def work(self, job: Job) -> bool:
        """Colour one photo after the other; as `coloring.Kind` has it."""
        for photo in job.photos:
            if self._records.is_cancelled(job.id):
                raise Cancelled("The job was cancelled.")
            if self._stop.is_set():
                return False
            if photo.state == WAITING:
                self._records.settle(job.id, photo.number, self._color(job, photo))
        if beside := job.options.get(BESIDE):
            with suppress(NoSuchImage):
                self._store.remove(_owner_of(job), beside, BESIDE)
        return True

    def _color(self, job: Job, photo: JobPhoto) -> Problem | None:
        """Colour one photo; returns what went wrong with it, or None."""
        if not self._records.attempt(job.id, photo.number):
            return given_up("photo")
        try:
            self._color_kept(job, photo)
        except StoreUnavailable:  # not the photo's fault
            raise
        except Exception as error:
            return problem_of(error)
        return None

    def _color_kept(self, job: Job, photo: JobPhoto) -> None:
        options, owner = dict(job.options), _owner_of(job)
        del options["quota"]
        colorizer = self._colorizer_of(options.pop("strategy", None))
        if beside := options.pop(BESIDE, None):
            options |= self._files(owner, beside)
        color_kept(self._store, owner, self._store.find(owner, photo.image), colorizer, options)

    def _files(self, owner: Owner, id: str) -> dict[str, bytes]:
        """Return the mask and the reference that are for all photos of a job."""
        files = self._store.find(owner, id, BESIDE).files
        return {name: self._store.read(file) for name, file in files.items()}


def _owner_of(job: Job) -> Owner:
    return Owner(job.owner, job.options["quota"])
