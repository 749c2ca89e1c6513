"""The description of the HTTP interface (OpenAPI 3.1) that /openapi.json answers with."""

from collections.abc import Iterable, Mapping

import colorizer
from colorizer.http.openapi_images import SECURITY, SECURITY_SCHEMES, image_paths
from colorizer.http.openapi_jobs import Jobs, job_paths
from colorizer.http.problems import all_problems
from colorizer.http.schemas import (
    BESIDE,
    COLOR,
    COORDINATE,
    COUNT,
    FLAG,
    NUMBER,
    SHARE,
    TEXT,
    Schema,
    colorize_fields,
    json_answer,
    list_of,
    object_of,
    or_null,
    photo_request,
    problems,
    question,
)
from colorizer.options import FORMATS

MILLISECONDS = {"type": "number", "minimum": 0}
PICTURE_HEADERS = ("Content-Disposition", "Server-Timing", "X-Confidence", "X-Strategy")
STAGES = ("decode", "network", "chroma", "encode", "total")


def openapi_document(
    root: str, strategies: Iterable[Mapping[str, object]], jobs: Jobs | None, metrics: bool
) -> dict[str, object]:
    """Describe the service.

    root: the path that all addresses begin with, or ""; strategies: what /api/v1/strategies says about each;
    jobs: what it offers for jobs, or None where nothing is kept; metrics: whether there are any.
    """
    installed = [strategy for strategy in strategies if strategy["installed"]]
    coloring = _names(installed)
    suggesting = _names(strategy for strategy in installed if strategy["suggestions"])
    return {
        "openapi": "3.1.0",
        "info": {"title": "Image Colorizer", "version": colorizer.__version__, "license": {"name": "MIT"}},
        "servers": [{"url": root or "/"}],
        "paths": {
            "/colorize": {"post": _colorize(coloring)},
            "/api/v1/colorize": {"post": _colorize(coloring)},
            "/api/v1/variants": {"post": _variants(coloring)},
            "/api/v1/suggestions": {"post": _suggestions(suggesting)},
            "/api/v1/strategies": {"get": question("Say what can colour photos here.", _strategies())},
            "/api/v1/limits": {"get": question("Say what the service takes.", _limits())},
            "/healthz": {"get": question("Say whether the process lives.", _health())},
            "/readyz": {"get": question("Say whether photos can be coloured.", _readiness(), (503,))},
            **({"/metrics": {"get": _metrics()}} if metrics else {}),
            **(image_paths(coloring) | job_paths(coloring, jobs) if jobs else {}),
        },
        "components": {
            "schemas": {"Problem": _problem()},
            "securitySchemes": SECURITY_SCHEMES if jobs else {},
        },
        "security": SECURITY if jobs else [],
    }


def _names(strategies: Iterable[Mapping[str, object]]) -> Schema:
    names = [strategy["name"] for strategy in strategies]
    return {**TEXT, "enum": names, "description": "The service's default where left out."}


def _colorize(strategy: Schema) -> dict[str, object]:
    answers = {"application/json": {"schema": _result()}}
    answers |= {f"image/{name}": {"schema": {"type": "string", "format": "binary"}} for name in FORMATS}
    headers = {name: {"schema": TEXT, "description": "With a picture."} for name in PICTURE_HEADERS}
    answer = {"description": "Done.", "content": answers, "headers": headers}
    return photo_request("Colour a photo.", colorize_fields(strategy), {"200": answer}, (406,), BESIDE)


def _variants(strategy: Schema) -> dict[str, object]:
    members = {"x": NUMBER, "y": NUMBER, "color": COLOR, "reach": NUMBER, "keep": FLAG}
    hint = object_of(members, optional=("color", "reach", "keep"))
    variant = object_of({"image": TEXT, "media_type": TEXT, "hints": list_of(hint)})
    summary = "Colour a photo in two to four ways, small; hints make each of them with /colorize."
    answer = json_answer(object_of({"variants": list_of(variant)}))
    return photo_request(summary, colorize_fields(strategy), {"200": answer}, (), BESIDE)


def _suggestions(strategy: Schema) -> dict[str, object]:
    fields = {"x": COORDINATE, "y": COORDINATE, "strategy": strategy}
    colors = object_of({"colors": list_of(object_of({"color": COLOR, "share": SHARE}))})
    summary = "Suggest likely colours for one pixel of the upright photo."
    return photo_request(summary, fields, {"200": json_answer(colors)})


def _metrics() -> dict[str, object]:
    answer = {"description": "As Prometheus reads it.", "content": {"text/plain": {"schema": TEXT}}}
    return {"summary": "Count what happens.", "responses": {"200": answer, **problems((500,))}}


def _problem() -> Schema:
    members: dict[str, Schema] = {
        "type": {**TEXT, "description": "The entry of the page's FAQ that explains it."},
        "title": TEXT,
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": sorted({code for _, code, _ in all_problems()})},
        "detail": {**TEXT, "description": "What was found, what was expected, what to do."},
        "id": {**TEXT, "description": "Of the request: the log names the same id."},
    }
    return object_of(members, optional=("detail",))


def _result() -> Schema:
    members: dict[str, Schema] = {
        "image": {"type": "string", "contentEncoding": "base64"},
        "media_type": {"type": "string", "enum": [f"image/{name}" for name in FORMATS]},
        "filename": TEXT,
        "width": COUNT,
        "height": COUNT,
        "strategy": TEXT,
        "confidence": or_null(SHARE),
        "already_colored": FLAG,
        "frames": COUNT,
        "scene": or_null(object_of({"name": TEXT, "share": SHARE})),
        "timings": object_of(dict.fromkeys(STAGES, MILLISECONDS)),
        "confidence_map": or_null({"type": "string", "contentEncoding": "base64"}),
    }
    return object_of(members, optional=("confidence_map",))


def _strategies() -> Schema:
    texts = dict.fromkeys(("name", "title", "licence", "paper"), TEXT)
    flags = dict.fromkeys(("installed", "default", "hints", "suggestions"), FLAG)
    fetch = {
        **or_null(TEXT),
        "description": "The command that installs the weights; null where none is needed.",
    }
    return object_of({"strategies": list_of(object_of({**texts, **flags, "fetch": fetch}))})


def _limits() -> Schema:
    counts = dict.fromkeys(("max_upload_bytes", "max_pixels", "max_hints"), COUNT)
    films: dict[str, Schema] = {"max_film_bytes": COUNT, "max_film_seconds": NUMBER}
    members: dict[str, Schema] = {**counts, **films, "media_types": list_of(TEXT), "fields": list_of(TEXT)}
    return object_of(members, optional=tuple(films))


def _health() -> Schema:
    return object_of({"status": TEXT, "version": TEXT})


def _readiness() -> Schema:
    return object_of({"status": TEXT, "strategy": TEXT})
