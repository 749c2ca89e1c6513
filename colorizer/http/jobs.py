"""The routes of jobs, /api/v1/jobs: many photos in one request, coloured by a worker while nobody waits."""

import hashlib
import json
import secrets
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify, request, url_for

from colorizer.errors import BadField, NoPhoto, NoSuchJob
from colorizer.http.images import known_owner, owner_or_guest, remember
from colorizer.http.job_document import job_document
from colorizer.http.job_zip import MAX_PHOTOS, Named, unpacked, zipped
from colorizer.http.notices import take_notices
from colorizer.http.office import Office, kept_options
from colorizer.http.service import Service
from colorizer.http.upload import parse_photos
from colorizer.store.coloring import ORIGINAL
from colorizer.store.images import Owner

MAX_FIELDS = 20  # beside them


def add_job_routes(
    app: Flask, service: Service, office: Office, read_large: Callable[[Service, int], bytes]
) -> None:
    """Add them. read_large: reads a request's body of at most so many bytes."""

    @app.post("/api/v1/jobs")
    def start_job() -> Response:
        owner, cookie = owner_or_guest(office)
        body = read_large(service, office.max_job_bytes)
        query = request.args.items(multi=True)
        photos, fields = parse_photos(body, request.content_type or "", query, MAX_PHOTOS + MAX_FIELDS)
        targets = take_notices(fields, owner, service.settings, office.notices)
        kept = _kept(office, owner, fields.pop("images", "[]"))
        new = list(unpacked(photos, service.settings.max_upload_bytes, office.max_job_bytes))
        if not kept and not new:
            raise NoPhoto("The request carries no photos. Send files in the field image, a zip, or images.")
        id = _note(office, owner, kept, new, kept_options(fields))
        office.notices.add(id, targets)
        office.queue.submit(id)
        response = jsonify(job_document(office, office.records.find(owner, id)))
        response.status_code, response.location = 202, url_for("show_job", id=id)
        return remember(response, cookie)

    @app.get("/api/v1/jobs/<id>")
    def show_job(id: str) -> Response:
        return jsonify(job_document(office, office.records.find(_owner_of(office), id)))

    @app.delete("/api/v1/jobs/<id>")
    def cancel_job(id: str) -> Response:
        office.records.cancel(_owner_of(office), id)
        office.queue.cancel(id)
        return Response(status=204)

    @app.get("/api/v1/jobs/<id>/result")
    def send_job(id: str) -> Response:
        owner = _owner_of(office)
        pieces = zipped(office, owner, office.records.find(owner, id))
        headers = {"Content-Disposition": 'attachment; filename="photos-colorized.zip"'}
        return Response(pieces, mimetype="application/zip", headers=headers)


def _owner_of(office: Office) -> Owner:
    owner = known_owner(office)
    if owner is None:
        raise NoSuchJob("There is no such job: you have none here.")
    return owner


def _kept(office: Office, owner: Owner, text: str) -> list[str]:
    """Return the ids of kept images in the field `images`; raises BadField, or NoSuchImage."""
    try:
        ids = json.loads(text)
    except (ValueError, RecursionError):
        ids = None
    if not isinstance(ids, list) or not all(isinstance(id, str) for id in ids) or len(ids) > MAX_PHOTOS:
        raise BadField(f"images must be a JSON list of at most {MAX_PHOTOS} ids of kept images.")
    return [office.images.find(owner, id).id for id in ids]


def _note(office: Office, owner: Owner, kept: list[str], photos: list[Named], options: dict[str, Any]) -> str:
    """Keep the photos and note a job over all; with an Idempotency-Key only the first time."""
    key = request.headers.get("Idempotency-Key")
    digest = hashlib.sha256(key.encode()).hexdigest() if key else None
    new = [office.images.add(owner, {ORIGINAL: data}, {"name": name}).id for name, data in photos]
    job = secrets.token_hex(16)
    id = office.records.add(owner, job, [*kept, *new], {**options, "quota": owner.quota}, digest)
    if id != job:  # the same request came before
        for image in new:
            office.images.remove(owner, image)
    return id
