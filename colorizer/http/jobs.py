"""The routes of jobs, /api/v1/jobs: many photos in one request, coloured by a worker while nobody waits."""

import secrets
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any

from flask import Flask, Response, jsonify, request, url_for

from colorizer.errors import BadField, NoSuchImage, NoSuchJob
from colorizer.http.body import Body
from colorizer.http.films import film_of_job, film_options, parse_correction, send_film
from colorizer.http.idempotency import digests, request_key
from colorizer.http.images import known_owner, owner_or_guest, remember
from colorizer.http.job_document import job_document
from colorizer.http.job_photos import note_photos
from colorizer.http.job_upload import FilmDoor, JobUpload, read_job
from colorizer.http.job_zip import MAX_PHOTOS, zipped
from colorizer.http.notices import take_notices
from colorizer.http.office import Office
from colorizer.http.service import Service
from colorizer.jobs.records import Job, RequestKey
from colorizer.jobs.states import FILM
from colorizer.store.coloring import RESULT
from colorizer.store.images import Owner, StoredImage

MAX_FIELDS = 20  # beside them
FIELDS_BYTES = 1024 * 1024  # beside a film
OpenLarge = Callable[[Service, int], AbstractContextManager[Body]]


def add_job_routes(app: Flask, service: Service, office: Office, open_large: OpenLarge) -> None:
    """Add them. open_large: opens a request's body of at most so many bytes."""

    @app.post("/api/v1/jobs")
    def start_job() -> Response:
        owner, cookie = owner_or_guest(office)
        is_correction = service.takes_films and request.mimetype == "application/json"
        start = _start_correction if is_correction else _start
        job = start(service, office, owner, open_large)
        response = jsonify(job_document(office, owner, job))
        response.status_code, response.location = 202, url_for("show_job", id=job.id)
        return remember(response, cookie)

    @app.get("/api/v1/jobs/<id>")
    def show_job(id: str) -> Response:
        owner = _owner_of(office)
        return jsonify(job_document(office, owner, office.records.find(owner, id)))

    @app.delete("/api/v1/jobs/<id>")
    def cancel_job(id: str) -> Response:
        owner = _owner_of(office)
        job = office.records.find(owner, id)
        office.records.cancel(owner, id)
        if not job.started:  # else its worker looks, and ends it
            office.queue.cancel(id)
        if job.film:
            _part_with_film(office, owner, job, job.film.film)
        return Response(status=204)

    @app.get("/api/v1/jobs/<id>/<name>")
    def send_job(id: str, name: str) -> Response:
        owner = _owner_of(office)
        job = office.records.find(owner, id)
        if job.kind == FILM:
            return service.uploads.until_sent(lambda: send_film(office, owner, job, name))
        if name != RESULT:
            raise NoSuchJob(f"A job over photos has no {name!r:.60}, only a {RESULT}.")
        return service.uploads.until_sent(lambda: _send_zip(office, owner, job))


def _start(service: Service, office: Office, owner: Owner, open_large: OpenLarge) -> Job:
    """Note and queue a job over what the request brings: photos, or a film."""
    settings = service.settings
    most_film = settings.max_film_bytes if service.takes_films else 0
    most = max(settings.max_job_bytes, most_film + FIELDS_BYTES if most_film else 0)
    parts = MAX_PHOTOS + MAX_FIELDS
    with FilmDoor(office.images, owner, most_film, request.content_length) as door:
        with open_large(service, most) as body:
            query = request.args.items(multi=True)
            kind = request.content_type or ""
            upload = read_job(body, kind, query, door, (parts, settings.max_job_bytes))
        files = [*digests(upload.photos), *digests(upload.beside.items()), *door.digests]
        key = request_key(upload.fields, files)
        targets = take_notices(upload.fields, owner, settings, office.notices)
        id = office.records.known(owner, key) or (
            _note_film(office, owner, upload, door, key)
            if door.has_film
            else note_photos(service, office, owner, upload, key)
        )
        return _tell_of(office, owner, id, targets)


def _start_correction(service: Service, office: Office, owner: Owner, open_large: OpenLarge) -> Job:
    """Note and queue a job over the film of another."""
    with open_large(service, FIELDS_BYTES) as body:
        id, fields = parse_correction(b"".join(iter(body.read, b"")))
    key = request_key({FILM: id, **fields}, ())
    targets = take_notices(fields, owner, service.settings, office.notices)
    film, options = film_of_job(office, owner, id), film_options(fields)
    return _tell_of(office, owner, _add_film(office, owner, film, options, key), targets)


def _send_zip(office: Office, owner: Owner, job: Job) -> Response:
    headers = {"Content-Disposition": 'attachment; filename="photos-colorized.zip"'}
    return Response(zipped(office, owner, job), mimetype="application/zip", headers=headers)


def _tell_of(office: Office, owner: Owner, id: str, targets: dict[str, str]) -> Job:
    """Return a job, whose end others are told from now on."""
    office.notices.add(id, targets)
    return office.records.find(owner, id)


def _note_film(
    office: Office, owner: Owner, upload: JobUpload, door: FilmDoor, key: RequestKey | None
) -> str:
    """Note a job over a film that has just come; with an Idempotency-Key only the first time."""
    if upload.photos or upload.beside or "images" in upload.fields:
        raise BadField("A job is over photos or over a film. Send one job for each.")
    options, film = film_options(upload.fields), door.keep()
    id = _add_film(office, owner, film, options, key)
    if not office.records.uses_film(film.id):  # the same request came before
        office.images.remove(owner, film.id, FILM)
    return id


def _add_film(
    office: Office, owner: Owner, film: StoredImage, options: dict[str, Any], key: RequestKey | None
) -> str:
    job = secrets.token_hex(16)
    return office.records.add_film(owner, job, film.id, {**options, "quota": owner.quota}, key)


def _part_with_film(office: Office, owner: Owner, job: Job, film: str) -> None:
    """Forget a job that has ended, and delete the film where no other job is over it."""
    if job.finished:
        office.records.forget(owner, job.id)
    if not office.records.uses_film(film):
        with suppress(NoSuchImage):
            office.images.remove(owner, film, FILM)


def _owner_of(office: Office) -> Owner:
    owner = known_owner(office)
    if owner is None:
        raise NoSuchJob("There is no such job: you have none here.")
    return owner
