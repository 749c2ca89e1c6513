"""The routes of kept images, /api/v1/images: each owner sees their own, and nobody else's."""

import re
from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from flask import Flask, Response, jsonify, request, url_for

from colorizer.errors import BadField, NoSuchImage
from colorizer.http.answers import check_accepts, colorized_name
from colorizer.http.headers import COOKIE
from colorizer.http.kept_files import send_kept
from colorizer.http.office import Office, kept_options, time_text
from colorizer.http.options import COLORIZE_FILES, CURSOR
from colorizer.http.service import Service
from colorizer.http.upload import Change, Upload
from colorizer.options import WholeNumber
from colorizer.photo.formats import sniff
from colorizer.store.coloring import ORIGINAL, color_kept, result_facts, result_files
from colorizer.store.images import Owner, Place, StoredImage

PAGE = WholeNumber(1, 100)
DEFAULT_PAGE = 20
HEAD_BYTES = 4096  # of a file tell what kind of photo it is
SAID = (  # of an image's facts
    *("name", "width", "height", "media_type", "strategy", "options", "confidence", "already_colored"),
    "scene",
)
Answer = Callable[[Service, Upload], Response]


def add_image_routes(
    app: Flask,
    service: Service,
    office: Office,
    answer_upload: Callable[[Service, Answer, Collection[str]], Response],
    read_change: Callable[[Service], Change],
) -> None:
    """Add them.

    answer_upload: reads a photo within the service's limits and hands it on; read_change: reads what comes
    without one.
    """

    @app.post("/api/v1/images")
    def keep_image() -> Response:
        owner, cookie = owner_or_guest(office)
        keep = partial(_keep, office, owner)
        response = answer_upload(service, keep, COLORIZE_FILES)
        return remember(response, cookie)

    @app.get("/api/v1/images")
    def list_images() -> Response:
        count = PAGE.parse(request.args.get("count", str(DEFAULT_PAGE)), "count")
        owner = known_owner(office)
        after = _place_of(request.args.get("after"))
        found = office.images.page(owner, count + 1, after) if owner else []
        more = _cursor(found[count - 1].place) if len(found) > count else None
        return jsonify(images=[image_document(image) for image in found[:count]], next=more)

    @app.get("/api/v1/images/<id>")
    def show_image(id: str) -> Response:
        return jsonify(image_document(_find(office, id)))

    @app.get("/api/v1/images/<id>/<name>")
    def send_image(id: str, name: str) -> Response:
        return service.uploads.until_sent(lambda: _send(office, _find(office, id), name))

    @app.patch("/api/v1/images/<id>")
    def change_image(id: str) -> Response:
        return jsonify(image_document(_recolor(service, office, id, read_change(service))))

    @app.delete("/api/v1/images/<id>")
    def delete_image(id: str) -> Response:
        office.images.remove(_owner_of(office), id)
        return Response(status=204)

    @app.delete("/api/v1/images")
    def delete_images() -> Response:
        if owner := known_owner(office):
            office.images.remove(owner)
        return Response(status=204)


def _cursor(place: Place) -> str:
    """Return what a client sends back to see what is behind a place."""
    created, id = place
    return f"{created:.9f}-{id}"


def _place_of(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    found = re.fullmatch(CURSOR, cursor)
    if found is None:
        raise BadField("after must be the next of the page before, as it was.")
    return float(found[1]), found[2]


def known_owner(office: Office) -> Owner | None:
    """Return the owner that the request names, or None. Raises UnknownToken."""
    return office.owners.find(request.headers.get("Authorization", ""), request.cookies.get(COOKIE))


def owner_or_guest(office: Office) -> tuple[Owner, str | None]:
    """Return the request's owner, or a new one with the cookie that `remember` sets."""
    owner = known_owner(office)
    return (owner, None) if owner else office.owners.welcome()


def remember(response: Response, cookie: str | None) -> Response:
    """Let a browser know itself again; no script can read the cookie, and no other site can send it."""
    if cookie:
        path = request.script_root or "/"
        secure = request.is_secure
        response.set_cookie(COOKIE, cookie, path=path, secure=secure, httponly=True, samesite="Strict")
    return response


def image_document(image: StoredImage) -> dict[str, Any]:
    """Return what is said of a kept image; what is not known yet, because it waits for a job, is null."""
    facts = {name: image.facts.get(name) for name in SAID}
    links = {name: url_for("send_image", id=image.id, name=name) for name in image.files}
    return {
        "id": image.id,
        "created": time_text(image.created),
        "expires": time_text(image.expires),
        **facts,
        "links": {"self": url_for("show_image", id=image.id), **links},
    }


def _keep(office: Office, owner: Owner, service: Service, upload: Upload) -> Response:
    options = kept_options(upload.fields) | upload.beside
    strategy = options.pop("strategy")
    with service.slots.slot():
        result = service.networks.colorizer(strategy).colorize(upload.photo, **options)
    service.on_timings(result.timings)
    files = {ORIGINAL: upload.photo, **result_files(result)}
    image = office.images.add(owner, files, {"name": upload.filename, **result_facts(result, options)})
    response = jsonify(image_document(image))
    response.status_code = 201
    response.location = url_for("show_image", id=image.id)
    return response


def _recolor(service: Service, office: Office, id: str, change: Change) -> StoredImage:
    owner, options = _owner_of(office), kept_options(change.fields) | change.beside
    colorizer = service.networks.colorizer(options.pop("strategy"))
    with service.slots.slot():
        return color_kept(office.images, owner, office.images.find(owner, id), colorizer, options)


def _owner_of(office: Office) -> Owner:
    owner = known_owner(office)
    if owner is None:
        raise NoSuchImage("There is no such image: you have none here.")
    return owner


def _find(office: Office, id: str) -> StoredImage:
    return office.images.find(_owner_of(office), id)


def _send(office: Office, image: StoredImage, name: str) -> Response:
    """Send one file, or the part of it that was asked for, or only that it has not changed."""
    file = image.files.get(name)
    if file is None:
        raise NoSuchImage(f"This image has no {name!r:.60}; there are: {', '.join(image.files)}.")
    kind = sniff(office.images.read(file, 0, min(file.size, HEAD_BYTES)))
    check_accepts(request.headers.get("Accept", ""), kind.media_type)
    response = send_kept(office.images, file, kind.media_type, _file_name(image, name, kind.name))
    response.vary.add("Accept")
    return response


def _file_name(image: StoredImage, name: str, kind: str) -> str:
    given = image.facts.get("name")
    return str(given) if name == ORIGINAL and given else colorized_name(given, kind)
