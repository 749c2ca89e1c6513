"""What is special about jobs over a film: its fields, its document, and the files that are kept of it."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, url_for

from colorizer.errors import BadField, MalformedRequest, NoSuchImage, NoSuchJob
from colorizer.http.answers import named_colorized
from colorizer.http.job_upload import MEDIA_TYPE
from colorizer.http.kept_files import send_kept
from colorizer.http.office import Office
from colorizer.http.options import parse_film_options
from colorizer.jobs.records import Job
from colorizer.jobs.states import DONE, FILM
from colorizer.store.coloring import ORIGINAL, RESULT
from colorizer.store.images import Owner, StoredImage

FRAMES = "frames"  # the sheet of a job's first coloured frames
SAID = ("name", "width", "height", "seconds")  # of a film's facts


def parse_correction(body: bytes) -> tuple[str, dict[str, str]]:
    """Return the id of the job whose film is meant, and the fields, of a JSON body.

    Raises MalformedRequest or BadField.
    """
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise MalformedRequest("The body is no JSON.") from error
    if not isinstance(document, dict) or not isinstance(document.get(FILM), str):
        raise BadField('A job in JSON is {"film": "id of a job over a film", "hints": [...]}.')
    id = document.pop(FILM)
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in document.items()}
    return id, texts


def film_options(fields: Mapping[str, str]) -> dict[str, Any]:
    """Check the fields of a film; returns them as JSON holds them. Raises BadField or BadHints."""
    options = parse_film_options(fields)
    hints = json.loads(fields.get("hints", "[]"))
    return {
        "strategy": options.strategy,
        "saturation": options.saturation,
        "warmth": options.warmth,
        "hints": hints,
    }


def film_of_job(office: Office, owner: Owner, id: str) -> StoredImage:
    """Return the kept film that a job of this owner is over.

    Raises NoSuchJob, where the job is over photos too.
    """
    job = office.records.find(owner, id)
    if job.film is None:
        raise NoSuchJob("This job is over photos. Name a job over a film.")
    return _kept(office, owner, job)


def film_document(office: Office, owner: Owner, job: Job) -> dict[str, Any]:
    """Return what is said of the film of a job, and links to what is kept of it."""
    problems = list(job.film.problems) if job.film else []
    try:
        film = _kept(office, owner, job)
    except NoSuchJob:  # deleted, or expired before its correction
        return {"problems": problems, "film": None, "links": {}}
    links = {name: url_for("send_job", id=job.id, name=name) for name in _files(film, job)}
    return {"problems": problems, "film": {name: film.facts.get(name) for name in SAID}, "links": links}


def send_film(office: Office, owner: Owner, job: Job, name: str) -> Response:
    """Send the film as it came, coloured, or the sheet of its first frames. Raises NoSuchJob."""
    film = _kept(office, owner, job)
    file = _files(film, job).get(name)
    if file is None:
        raise NoSuchJob(f"This job has no {name!r:.60} yet.")
    given = film.facts.get("name") or "film"
    media_type, file_name = {
        ORIGINAL: (film.facts["media_type"], given),
        RESULT: (
            film.facts.get("result_type", MEDIA_TYPE),
            named_colorized(given, film.facts.get("suffix", "")),
        ),
        FRAMES: ("image/jpeg", named_colorized(given, ".jpg")),
    }[name]
    return send_kept(office.images, film.files[file], media_type, file_name)


def _files(film: StoredImage, job: Job) -> dict[str, str]:
    """Return which files of a film are there for a job, as {name in its address: name in the store}."""
    wanted = {ORIGINAL: ORIGINAL, FRAMES: f"{FRAMES}-{job.id}"}
    if job.count(DONE):
        wanted[RESULT] = RESULT
    return {name: file for name, file in wanted.items() if file in film.files}


def _kept(office: Office, owner: Owner, job: Job) -> StoredImage:
    try:
        return office.images.find(owner, job.film.film if job.film else "", FILM)
    except NoSuchImage as error:
        raise NoSuchJob("The film of this job is gone: it has expired, or was deleted.") from error
