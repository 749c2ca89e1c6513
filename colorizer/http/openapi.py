"""The description of the HTTP interface (OpenAPI 3.1) that /openapi.json answers with."""

from collections.abc import Iterable, Mapping

import colorizer
from colorizer.http.problems import MEDIA_TYPE, all_problems
from colorizer.http.service import PHOTO_KINDS
from colorizer.options import (
    DEFAULT_QUALITY,
    DEFAULT_SATURATION,
    DEFAULT_WARMTH,
    FORMATS,
    LOSSLESS,
    MAX_HINTS,
    QUALITY,
    SATURATION,
    TURNS,
    WARMTH,
    Number,
    WholeNumber,
)

Schema = Mapping[str, object]

TEXT = {"type": "string"}
FLAG = {"type": "boolean"}
SHARE = {"type": "number", "minimum": 0, "maximum": 1}
COLOR = {"type": "string", "pattern": "^#[0-9a-fA-F]{6}$"}
NUMBER = {"type": "number"}
COUNT = {"type": "integer", "minimum": 1}
COORDINATE = {"type": "integer", "minimum": 0, "maximum": 1_000_000}
MILLISECONDS = {"type": "number", "minimum": 0}
MASK = {
    **{"type": "string", "format": "binary"},
    "description": "A png of the photo's proportions; each pixel with alpha over half asks for its colour.",
}
PHOTO = {
    "type": "string",
    "format": "binary",
    "description": "A jpg, png, WebP, TIFF or AVIF file; its content decides.",
}
REFERENCE = {**PHOTO, "description": "A photo in colour: what is like something on it takes its colours."}
BESIDE = {"mask": MASK, "reference": REFERENCE}
RAW_KINDS = (*(f"image/{kind}" for kind in PHOTO_KINDS), "application/octet-stream")
PICTURE_HEADERS = ("Content-Disposition", "Server-Timing", "X-Confidence", "X-Strategy")
STAGES = ("decode", "network", "chroma", "encode", "total")


def openapi_document(root: str, strategies: Iterable[Mapping[str, object]]) -> dict[str, object]:
    """Describe the service.

    root: the path that all addresses begin with, or ""; strategies: what /api/v1/strategies says about each.
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
            "/api/v1/strategies": {"get": _get("Say what can colour photos here.", _strategies())},
            "/api/v1/limits": {"get": _get("Say what the service takes.", _limits())},
            "/healthz": {"get": _get("Say whether the process lives.", _health())},
            "/readyz": {"get": _get("Say whether photos can be coloured.", _readiness(), (503,))},
        },
        "components": {"schemas": {"Problem": _problem()}},
    }


def _names(strategies: Iterable[Mapping[str, object]]) -> Schema:
    names = [strategy["name"] for strategy in strategies]
    return {**TEXT, "enum": names, "description": "The service's default where left out."}


def _colorize(strategy: Schema) -> dict[str, object]:
    answers = {"application/json": {"schema": _result()}}
    answers |= {f"image/{name}": {"schema": {"type": "string", "format": "binary"}} for name in FORMATS}
    headers = {name: {"schema": TEXT, "description": "With a picture."} for name in PICTURE_HEADERS}
    answer = {"description": "Done.", "content": answers, "headers": headers}
    return _post("Colour a photo.", _colorize_fields(strategy), answer, (406,), BESIDE)


def _variants(strategy: Schema) -> dict[str, object]:
    members = {"x": NUMBER, "y": NUMBER, "color": COLOR, "reach": NUMBER, "keep": FLAG}
    hint = _object(members, optional=("color", "reach", "keep"))
    variant = _object({"image": TEXT, "media_type": TEXT, "hints": _list(hint)})
    summary = "Colour a photo in two to four ways, small; hints make each of them with /colorize."
    answer = _json(_object({"variants": _list(variant)}))
    return _post(summary, _colorize_fields(strategy), answer, (), BESIDE)


def _colorize_fields(strategy: Schema) -> dict[str, Schema]:
    example = '[{"x": 120, "y": 80, "color": "#a0522d"}]'
    return {
        "strategy": strategy,
        "format": {"type": "string", "enum": list(FORMATS), "default": FORMATS[0]},
        "quality": {
            **_range("integer", QUALITY, DEFAULT_QUALITY),
            "description": f"Not with {' or '.join(LOSSLESS)}.",
        },
        "saturation": _range("number", SATURATION, DEFAULT_SATURATION),
        "warmth": _range("number", WARMTH, DEFAULT_WARMTH),
        "turn": {
            **{"type": "integer", "enum": list(TURNS), "default": 0},
            "description": "Degrees clockwise.",
        },
        "confidence_map": {**FLAG, "description": "Add a map of how sure the network is; JSON answers only."},
        "hints": {
            **{"type": "string", "format": "color-hints", "contentMediaType": "application/json"},
            "description": f"At most {MAX_HINTS} spots in pixels of the upright photo, each with a colour, "
            f'or with "keep": true to stay as it is; "reach", 0.25 to 4, says how far it speaks: {example}',
        },
    }


def _range(kind: str, range: WholeNumber | Number, default: float) -> Schema:
    return {"type": kind, "minimum": range.low, "maximum": range.high, "default": default}


def _suggestions(strategy: Schema) -> dict[str, object]:
    fields = {"x": COORDINATE, "y": COORDINATE, "strategy": strategy}
    colors = _object({"colors": _list(_object({"color": COLOR, "share": SHARE}))})
    summary = "Suggest likely colours for one pixel of the upright photo."
    return _post(summary, fields, _json(colors))


def _json(schema: Schema) -> Schema:
    return {"description": "Done.", "content": {"application/json": {"schema": schema}}}


def _post(
    summary: str,
    fields: Mapping[str, Schema],
    answer: Schema,
    more_problems: tuple[int, ...] = (),
    files: Mapping[str, Schema] | None = None,
) -> dict[str, object]:
    """Describe a request with a photo.

    OpenAPI cannot say that a field may stand in the query or in the form; it is said in words.
    """
    beside = files or {}
    form = _object({"image": PHOTO, **beside}, optional=tuple(beside))
    content = {"multipart/form-data": {"schema": form}} | {kind: {"schema": PHOTO} for kind in RAW_KINDS}
    query = [
        {"name": name, "in": "query", "schema": schema, "required": schema is COORDINATE}
        for name, schema in fields.items()
    ]
    return {
        "summary": summary,
        "description": "With a multipart body each field of the query may stand in the form instead.",
        "parameters": query,
        "requestBody": {"required": True, "content": content},
        "responses": {"200": answer} | _problems((400, 408, 413, 415, 422, 429, 500, 503, *more_problems)),
    }


def _get(summary: str, schema: Schema, more_problems: tuple[int, ...] = ()) -> dict[str, object]:
    return {"summary": summary, "responses": {"200": _json(schema)} | _problems((500, *more_problems))}


def _problems(statuses: Iterable[int]) -> dict[str, object]:
    codes = {status: [code for known, code, _ in all_problems() if known == status] for status in statuses}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        str(status): {"description": ", ".join(codes[status]), "content": content} for status in sorted(codes)
    }


def _problem() -> Schema:
    members: dict[str, Schema] = {
        "type": {**TEXT, "description": "The entry of the page's FAQ that explains it."},
        "title": TEXT,
        "status": {"type": "integer"},
        "code": {"type": "string", "enum": sorted({code for _, code, _ in all_problems()})},
        "detail": {**TEXT, "description": "What was found, what was expected, what to do."},
        "id": {**TEXT, "description": "Of the request: the log names the same id."},
    }
    return _object(members, optional=("detail",))


def _result() -> Schema:
    members: dict[str, Schema] = {
        "image": {"type": "string", "contentEncoding": "base64"},
        "media_type": {"type": "string", "enum": [f"image/{name}" for name in FORMATS]},
        "filename": TEXT,
        "width": COUNT,
        "height": COUNT,
        "strategy": TEXT,
        "confidence": _or_null(SHARE),
        "already_colored": FLAG,
        "frames": COUNT,
        "scene": _or_null(_object({"name": TEXT, "share": SHARE})),
        "timings": _object(dict.fromkeys(STAGES, MILLISECONDS)),
        "confidence_map": _or_null({"type": "string", "contentEncoding": "base64"}),
    }
    return _object(members, optional=("confidence_map",))


def _strategies() -> Schema:
    texts = dict.fromkeys(("name", "title", "licence", "paper"), TEXT)
    flags = dict.fromkeys(("installed", "default", "hints", "suggestions"), FLAG)
    fetch = {
        **_or_null(TEXT),
        "description": "The command that installs the weights; null where none is needed.",
    }
    return _object({"strategies": _list(_object({**texts, **flags, "fetch": fetch}))})


def _limits() -> Schema:
    counts = dict.fromkeys(("max_upload_bytes", "max_pixels", "max_hints"), COUNT)
    films: dict[str, Schema] = {"max_film_bytes": COUNT, "max_film_seconds": NUMBER}
    members: dict[str, Schema] = {**counts, **films, "media_types": _list(TEXT), "fields": _list(TEXT)}
    return _object(members, optional=tuple(films))


def _health() -> Schema:
    return _object({"status": TEXT, "version": TEXT})


def _readiness() -> Schema:
    return _object({"status": TEXT, "strategy": TEXT})


def _object(properties: Mapping[str, Schema], optional: tuple[str, ...] = ()) -> dict[str, object]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> dict[str, object]:
    return {"anyOf": [schema, {"type": "null"}]}
