"""A job over photos is noted: they are kept, and so are a mask and a reference that are for all of them."""

import json
import secrets
from collections.abc import Iterable

from colorizer.errors import BadField, ColorizerError, NoPhoto
from colorizer.http.job_upload import JobUpload
from colorizer.http.job_zip import MAX_PHOTOS, Named, unpacked
from colorizer.http.office import Office, kept_options
from colorizer.http.options import REFERENCE
from colorizer.http.service import Service
from colorizer.jobs.records import RequestKey
from colorizer.store.coloring import BESIDE, ORIGINAL
from colorizer.store.images import KIND, Owner


def note_photos(
    service: Service, office: Office, owner: Owner, upload: JobUpload, key: RequestKey | None
) -> str:
    """Keep a job's photos and note it; returns its id, or that of the job which the same request has started.

    Raises NoPhoto, BadField, BadReference, NoSuchImage, MalformedRequest, TooManyBytes or StoreError.
    """
    settings, fields = service.settings, dict(upload.fields)
    kept = _kept(office, owner, fields.pop("images", "[]"))
    files = list(unpacked(upload.photos, settings.max_upload_bytes, settings.max_job_bytes))
    if not kept and not files:
        raise NoPhoto("The request carries no photos. Send files in the field image, a zip, or images.")
    options = kept_options(fields)
    _check_reference(service, options["strategy"], upload.beside)
    new = _keep(office, owner, files)
    beside = office.images.add(owner, upload.beside, {KIND: BESIDE}).id if upload.beside else None
    job = secrets.token_hex(16)
    options |= {"quota": owner.quota, "beside": beside}
    id = office.records.add(owner, job, [*kept, *new], options, key)
    if id != job:  # it came a moment before
        _forget(office, owner, new)
        if beside:
            office.images.remove(owner, beside, BESIDE)
    return id


def _kept(office: Office, owner: Owner, text: str) -> list[str]:
    """Return the ids of kept images in the field `images`; raises BadField, or NoSuchImage."""
    try:
        ids = json.loads(text)
    except (ValueError, RecursionError):
        ids = None
    if not isinstance(ids, list) or not all(isinstance(id, str) for id in ids) or len(ids) > MAX_PHOTOS:
        raise BadField(f"images must be a JSON list of at most {MAX_PHOTOS} ids of kept images.")
    return [office.images.find(owner, id).id for id in ids]


def _check_reference(service: Service, strategy: str | None, beside: dict[str, bytes]) -> None:
    """Raise BadReference now, not once for each photo."""
    if REFERENCE in beside:
        with service.slots.slot():
            service.networks.colorizer(strategy).reference(beside[REFERENCE])


def _keep(office: Office, owner: Owner, files: Iterable[Named]) -> list[str]:
    """Keep photos, all or none; returns their ids."""
    new: list[str] = []
    try:
        for name, data in files:
            new.append(office.images.add(owner, {ORIGINAL: data}, {"name": name}).id)
    except ColorizerError:  # there is no room for the rest
        _forget(office, owner, new)
        raise
    return new


def _forget(office: Office, owner: Owner, images: Iterable[str]) -> None:
    for image in images:
        office.images.remove(owner, image)
