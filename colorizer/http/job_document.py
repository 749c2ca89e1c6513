"""What is said of a job, whatever its kind."""

import time
from typing import Any

from flask import url_for

from colorizer.http.films import film_document
from colorizer.http.office import Office, time_text
from colorizer.jobs.film_records import JobFilm
from colorizer.jobs.records import Job
from colorizer.jobs.states import DONE, FAILED, WAITING
from colorizer.store.coloring import RESULT
from colorizer.store.images import Owner


def job_document(office: Office, owner: Owner, job: Job) -> dict[str, Any]:
    """Return a job as JSON has it."""
    special = film_document(office, owner, job) if job.film else _photos_document(job)
    return {
        "id": job.id,
        "kind": job.kind,
        "state": _state(job),
        "created": time_text(job.created),
        "expires": time_text(job.expires),
        "progress": _film_progress(job.film) if job.film else _progress(job),
        "place": None if job.started or job.cancelled else office.queue.place(job.id),
        **special,
        "links": {"self": url_for("show_job", id=job.id), **special["links"]},
    }


def _photos_document(job: Job) -> dict[str, Any]:
    return {
        "problems": [{"photo": photo.number, **photo.problem} for photo in job.photos if photo.problem],
        "images": [url_for("show_image", id=photo.image) for photo in job.photos],
        "links": {"result": url_for("send_job", id=job.id, name=RESULT)},
    }


def _film_progress(film: JobFilm) -> dict[str, float | None]:
    done, of = film.frames, film.frames_in_all
    share = round(min(1.0, done / of), 4) if of else None
    return {"done": done, "of": of, "share": share, "seconds_left": film.seconds_left}


def _state(job: Job) -> str:
    if job.cancelled:
        return "cancelled"
    if job.finished:
        return "failed" if job.count(FAILED) == len(job.states) else "done"
    return "running" if job.started else "queued"


def _progress(job: Job) -> dict[str, float | None]:
    settled, of = job.count(DONE) + job.count(FAILED), len(job.photos)
    share = round(settled / of, 4)
    return {"done": settled, "of": of, "share": share, "seconds_left": _seconds_left(job, settled)}


def _seconds_left(job: Job, settled: int) -> int | None:
    """Return how long the rest will take, as long as the photos so far took; None where that is not known."""
    if not job.started or not settled or job.finished or job.cancelled:
        return None
    return round((time.time() - job.started) / settled * job.count(WAITING))
