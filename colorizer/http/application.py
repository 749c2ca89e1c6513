"""The HTTP edge put together: routes, headers, and where errors become answers. No image maths."""

import json
import logging
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flask import Flask, Response, jsonify, request
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from flask_cors import CORS
from werkzeug.exceptions import HTTPException

from colorizer import __version__
from colorizer.errors import BadField, ColorizerError, NotReady, SettingsError
from colorizer.http import problems
from colorizer.http.answers import (
    choose_form,
    colorized_name,
    result_document,
    result_headers,
    rounded,
    variant_document,
)
from colorizer.http.body import Body, open_body, read_body
from colorizer.http.compression import add_compression
from colorizer.http.headers import CORS_HEADERS, FILE_HEADERS, FILM_HEADERS, SECURITY_HEADERS
from colorizer.http.openapi import openapi_document
from colorizer.http.openapi_jobs import Jobs
from colorizer.http.options import (
    COLORIZE_FIELDS,
    COLORIZE_FILES,
    REFERENCE,
    parse_colorize_options,
    parse_suggest_options,
)
from colorizer.http.page import add_page
from colorizer.http.proxies import behind_proxies
from colorizer.http.requests import Answered, log_request, request_id, tell_requests
from colorizer.http.service import PHOTO_KINDS, Service
from colorizer.http.upload import Change, Upload, parse_change, parse_upload
from colorizer.options import MAX_HINTS, quality_for
from colorizer.photo.formats import READ
from colorizer.process.extras import require
from colorizer.process.resources import resource_folder
from colorizer.settings import Settings

if TYPE_CHECKING:
    from colorizer.http.office import Office

FIELDS_BYTES = 256 * 1024  # of a form without files
FORM_BYTES = 1024 * 1024  # what a request may be larger than its photos: for a mask, and many hints
ANSWER_SECONDS = 60.0  # for a client to take its answer
LARGE_SECONDS = 900.0  # for the photos or the film of a job to arrive
OURS = (500, 502)  # errors of these are our fault, and their messages for the log only

log = logging.getLogger("colorizer")


def create_app(settings: Settings | None = None) -> Flask:
    """Build the service with its default strategy loaded and verified.

    Raises a ColorizerError where that strategy is unknown, not installed or damaged.
    """
    service = Service(settings or Settings())
    app = Flask(__name__, static_folder=None, template_folder=resource_folder("templates"))
    app.json = _Json(app)
    app.extensions["colorizer"] = service
    add_page(app)
    _add_photo_routes(app, service)
    office = _add_kept_routes(app, service) if service.settings.store_url else None
    _add_status_routes(app, service, office)
    _add_errors(app)
    _add_listeners(app, service, office)
    _add_rate_limit(app, service.settings, office)
    _add_answer_deadline(app)
    _add_headers(app, service)
    add_compression(app)
    app.wsgi_app = behind_proxies(  # type: ignore[method-assign, assignment]
        app.wsgi_app, service.settings.proxies, service.settings.prefix
    )
    return app


class _Json(DefaultJSONProvider):
    sort_keys = False  # members keep the order of the documentation


def _add_photo_routes(app: Flask, service: Service) -> None:
    @app.post("/colorize")  # the first address, for ever
    @app.post("/api/v1/colorize")
    def colorize() -> Response:
        return _answer_upload(service, _colorize, COLORIZE_FILES)

    @app.post("/api/v1/variants")
    def variants() -> Response:
        return _answer_upload(service, _variants, COLORIZE_FILES)

    @app.post("/api/v1/suggestions")
    def suggestions() -> Response:
        return _answer_upload(service, _suggest)


def _add_kept_routes(app: Flask, service: Service) -> "Office":
    """Import them only here: without a store their packages need not be installed."""
    try:
        from colorizer.http.images import add_image_routes
        from colorizer.http.jobs import add_job_routes
        from colorizer.http.office import Office
    except ModuleNotFoundError as error:
        raise SettingsError(
            f"COLORIZER_STORE_URL needs the package {error.name}: pip install 'image-colorizer[jobs]'."
        ) from error
    office = Office(service.settings)
    add_image_routes(app, service, office, _answer_upload, _read_change)
    add_job_routes(app, service, office, _open_large)
    return office


def _add_listeners(app: Flask, service: Service, office: "Office | None") -> None:
    """Let the log know of each request, and the metrics where they are turned on."""
    listeners: list[Callable[[Answered], None]] = [log_request]
    if service.settings.metrics:
        require("metrics", "COLORIZER_METRICS")
        from colorizer.http.metrics import add_metrics

        listeners.append(add_metrics(app, service, office.records if office else None))
    tell_requests(app, listeners)


def _add_rate_limit(app: Flask, settings: Settings, office: "Office | None") -> None:
    if settings.rate_limit:
        require("limits", "COLORIZER_RATE_LIMIT")
        from colorizer.http.rate_limit import add_rate_limit

        add_rate_limit(app, settings.rate_limit, office.owners if office else None)


def _kept_fields(service: Service) -> tuple[str, ...]:
    if not service.settings.store_url:
        return ()
    from colorizer.http.notices import offered

    films = ("film",) if service.takes_films else ()
    return ("images", "jobs", *films, *offered(service.settings))


def _film_limits(service: Service) -> dict[str, float]:
    if not service.takes_films:
        return {}
    settings = service.settings
    return {"max_film_bytes": settings.max_film_bytes, "max_film_seconds": settings.max_film_seconds}


def _answer_upload(
    service: Service, answer: Callable[[Service, Upload], Response], beside: Collection[str] = ()
) -> Response:
    """Read the request and answer it, holding a place for uploads until the answer is sent.

    beside: the fields in which files may come with the photo.
    """
    if service.draining:
        raise NotReady("The service is stopping. Try again in a moment.")

    def respond() -> Response:
        response = answer(service, _read_upload(service.settings, beside))
        response.cache_control.no_store = True
        return response

    return service.uploads.until_sent(respond)


def _read_upload(settings: Settings, beside: Collection[str]) -> Upload:
    most = _max_body(settings, photos=2 if REFERENCE in beside and _is_form() else 1)
    body = read_body(request.stream, request.content_length, most, settings.upload_seconds, _connection())
    return parse_upload(body, request.content_type or "", request.args.items(multi=True), beside)


def _read_change(service: Service) -> Change:
    """Return fields, and a mask and a reference beside them; they have the deadline of a photo too."""
    settings = service.settings
    most = _max_body(settings, photos=1) if _is_form() else FIELDS_BYTES
    with service.uploads.place():
        body = read_body(request.stream, request.content_length, most, settings.upload_seconds, _connection())
    return parse_change(body, request.content_type or "", request.args.items(multi=True), COLORIZE_FILES)


@contextmanager
def _open_large(service: Service, most: int) -> Iterator[Body]:
    """Open a body of at most so many bytes, which holds a place for uploads while it arrives."""
    if service.draining:
        raise NotReady("The service is stopping. Try again in a moment.")
    with (
        service.uploads.place(),
        open_body(request.stream, request.content_length, most, LARGE_SECONDS, _connection()) as body,
    ):
        yield body


def _max_body(settings: Settings, photos: int) -> int:
    return photos * settings.max_upload_bytes + FORM_BYTES


def _is_form() -> bool:
    return request.mimetype.startswith("multipart/")


def _connection() -> socket.socket | None:
    """Return the client's socket, which gunicorn passes on; other servers do not."""
    return request.environ.get("gunicorn.socket")


def _colorize(service: Service, upload: Upload) -> Response:
    options = parse_colorize_options(upload.fields)
    form = choose_form(request.headers.get("Accept", ""), options.format)
    quality = quality_for(form.format, options.quality)
    if options.confidence_map and not form.as_json:
        raise BadField("confidence_map comes with the JSON answer only; let Accept be application/json.")
    with service.slots.slot():
        result = service.networks.colorizer(options.strategy).colorize(
            upload.photo,
            hints=options.hints,
            format=form.format,
            quality=quality,
            saturation=options.saturation,
            turn=options.turn,
            warmth=options.warmth,
            mask=upload.beside.get("mask"),
            reference=upload.beside.get(REFERENCE),
        )
    service.on_timings(result.timings)
    name = colorized_name(upload.filename, form.format)
    if form.as_json:
        response = jsonify(result_document(result, name, options.confidence_map))
    else:
        response = Response(result.data, mimetype=result.media_type, headers=result_headers(result, name))
    response.vary.add("Accept")
    return response


def _variants(service: Service, upload: Upload) -> Response:
    options = parse_colorize_options(upload.fields)
    with service.slots.slot():
        found = service.networks.colorizer(options.strategy).variants(
            upload.photo,
            hints=json.loads(upload.fields.get("hints", "[]")),  # as the answer names them again
            saturation=options.saturation,
            turn=options.turn,
            warmth=options.warmth,
            mask=upload.beside.get("mask"),
            reference=upload.beside.get(REFERENCE),
        )
    return jsonify(variants=[variant_document(variant) for variant in found])


def _suggest(service: Service, upload: Upload) -> Response:
    options = parse_suggest_options(upload.fields)
    with service.slots.slot():
        colors = service.networks.colorizer(options.strategy).suggest(upload.photo, options.x, options.y)
    return jsonify(colors=[{"color": color, "share": rounded(share)} for color, share in colors])


def _add_status_routes(app: Flask, service: Service, office: "Office | None") -> None:
    @app.get("/api/v1/strategies")
    def strategies() -> Response:
        return jsonify(strategies=list(service.describe_strategies()))

    @app.get("/api/v1/limits")
    def limits() -> Response:
        return jsonify(
            max_upload_bytes=service.settings.max_upload_bytes,
            max_pixels=service.settings.max_pixels,
            max_hints=MAX_HINTS,
            **_film_limits(service),
            media_types=[READ[kind].media_type for kind in PHOTO_KINDS],
            fields=[*COLORIZE_FIELDS, *COLORIZE_FILES, "variants", *_kept_fields(service)],
        )

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok", version=__version__)

    @app.get("/readyz")
    def readyz() -> Response:
        if service.draining:
            raise NotReady("The service is stopping.")
        return jsonify(status="ready", strategy=service.networks.default)

    @app.get("/openapi.json")
    def openapi() -> Response:
        jobs = Jobs(office.telling, service.takes_films) if office else None
        strategies, metrics = service.describe_strategies(), service.settings.metrics
        return jsonify(openapi_document(request.script_root, strategies, jobs, metrics))


def _add_errors(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def on_routing_error(error: HTTPException) -> ResponseReturnValue:
        if error.code is None or error.code < 400:  # a redirect
            return error.get_response()
        response = _problem_response(problems.routing_problem(error.code))
        response.headers.extend(pair for pair in error.get_headers() if pair[0] in ("Allow", "Content-Range"))
        return response

    @app.errorhandler(Exception)
    def on_error(error: Exception) -> Response:
        if not isinstance(error, ColorizerError) or error.status in OURS:
            return _internal_error(error)
        response = _problem_response(problems.problem_of(error))
        if hasattr(error, "retry_after"):
            response.headers["Retry-After"] = str(error.retry_after)
        return response


def _internal_error(error: Exception) -> Response:
    """Tell the log what happened, and the client only under which id."""
    facts = {"request_id": request_id()}
    log.error("Internal error in request %(request_id)s", facts, exc_info=error, extra={"facts": facts})
    return _problem_response(problems.internal_problem())


def _problem_response(document: problems.Document) -> Response:
    type = request.script_root + document["type"]
    response = jsonify({**document, "type": type, "id": request_id()})
    response.status_code = document["status"]
    response.mimetype = problems.MEDIA_TYPE
    response.cache_control.no_store = True
    return response


def _add_answer_deadline(app: Flask) -> None:
    """Let no client that does not take its answer hold a thread for long."""

    @app.after_request
    def limit(response: Response) -> Response:
        connection = _connection()
        if connection is not None:
            connection.settimeout(ANSWER_SECONDS)
        return response


def _add_headers(app: Flask, service: Service) -> None:
    guards = FILM_HEADERS if service.takes_films else SECURITY_HEADERS

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers.update(FILE_HEADERS if request.endpoint == "static_file" else guards)
        response.headers.setdefault("Cache-Control", "no-cache")  # what may be kept says so itself
        return response

    if origins := service.settings.cors_origins:
        CORS(app, origins=list(origins), methods=["GET", "POST"], expose_headers=CORS_HEADERS)
