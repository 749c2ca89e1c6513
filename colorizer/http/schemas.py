"""The building blocks of /openapi.json: values, objects, requests with a photo, answers and problems."""

from collections.abc import Iterable, Mapping

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
IN_FORM = "With a multipart body each field of the query may stand in the form instead."
RAW_KINDS = (*(f"image/{kind}" for kind in PHOTO_KINDS), "application/octet-stream")

# Of what belongs to somebody.
ID = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
OF_ID = {"name": "id", "in": "path", "required": True, "schema": ID}
TIME = {"type": "string", "format": "date-time"}
WHOLE = {"type": "integer", "minimum": 0}
FILE = {"schema": {"type": "string", "format": "binary"}}
FILE_HEADERS = {name: {"schema": TEXT} for name in ("Content-Disposition", "ETag", "Accept-Ranges")}
LOCATION = {"Location": {"schema": TEXT, "description": "Its address."}}
OWNED = (401, 404, 500, 503)  # problems of asking for it
CHANGING = (400, 408, 413, 422, 429, 507)  # and more of changing it


def colorize_fields(strategy: Schema) -> dict[str, Schema]:
    """Describe how a photo may be coloured."""
    example = '[{"x": 120, "y": 80, "color": "#a0522d"}]'
    return {
        "strategy": strategy,
        "format": {"type": "string", "enum": list(FORMATS), "default": FORMATS[0]},
        "quality": {
            **range_of("integer", QUALITY, DEFAULT_QUALITY),
            "description": f"Not with {' or '.join(LOSSLESS)}.",
        },
        "saturation": range_of("number", SATURATION, DEFAULT_SATURATION),
        "warmth": range_of("number", WARMTH, DEFAULT_WARMTH),
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


def range_of(kind: str, range: WholeNumber | Number, default: float) -> Schema:
    """Describe a number."""
    return {"type": kind, "minimum": range.low, "maximum": range.high, "default": default}


def json_answer(schema: Schema, **more: object) -> Schema:
    """Describe an answer in JSON; more: as headers and links."""
    return {"description": "Done.", "content": {"application/json": {"schema": schema}}, **more}


def photo_request(
    summary: str,
    fields: Mapping[str, Schema],
    answers: Mapping[str, Schema],
    more_problems: tuple[int, ...] = (),
    files: Mapping[str, Schema] | None = None,
) -> dict[str, object]:
    """Describe a request with a photo. answers: by status, as "200"; files: that may come beside the photo.

    OpenAPI cannot say that a field may stand in the query or in the form; it is said in words.
    """
    beside = files or {}
    form = object_of({"image": PHOTO, **beside}, optional=tuple(beside))
    content = {"multipart/form-data": {"schema": form}} | {kind: {"schema": PHOTO} for kind in RAW_KINDS}
    return {
        "summary": summary,
        "description": IN_FORM,
        "parameters": query_of(fields),
        "requestBody": {"required": True, "content": content},
        "responses": {**answers, **problems((400, 408, 413, 415, 422, 429, 500, 503, *more_problems))},
    }


def query_of(fields: Mapping[str, Schema]) -> list[Schema]:
    """Describe the fields of a query."""
    return [
        {"name": name, "in": "query", "schema": schema, "required": schema is COORDINATE}
        for name, schema in fields.items()
    ]


def question(summary: str, schema: Schema, more_problems: tuple[int, ...] = ()) -> dict[str, object]:
    """Describe a request that only asks."""
    return {"summary": summary, "responses": {"200": json_answer(schema)} | problems((500, *more_problems))}


def problems(statuses: Iterable[int]) -> dict[str, object]:
    """Describe the problems of some statuses."""
    codes = {status: [code for known, code, _ in all_problems() if known == status] for status in statuses}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        str(status): {"description": ", ".join(codes[status]), "content": content} for status in sorted(codes)
    }


def object_of(properties: Mapping[str, Schema], optional: tuple[str, ...] = ()) -> dict[str, object]:
    """Describe an object that has these members and no others."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def list_of(items: Schema) -> Schema:
    """Describe a list."""
    return {"type": "array", "items": items}


def or_null(schema: Schema) -> dict[str, object]:
    """Describe what may be missing."""
    return {"anyOf": [schema, {"type": "null"}]}


def ended(summary: str, name: str | None = None) -> dict[str, object]:
    """Describe a request that deletes or cancels. name: by which links lead to it."""
    named = {"operationId": name} if name else {}
    return {**named, "summary": summary, "responses": {"204": {"description": "Done."}} | problems(OWNED)}


def fetched(
    summary: str, media_types: Iterable[str], more_problems: tuple[int, ...] = ()
) -> dict[str, object]:
    """Describe a request for a file of what has an id: for all of it, or a part."""
    whole = {"description": "All.", "content": dict.fromkeys(media_types, FILE), "headers": FILE_HEADERS}
    answers = {"200": whole, "206": {**whole, "description": "The part that was asked for."}}
    unchanged = {"304": {"description": "It has not changed."}}
    asked = {"summary": summary, "responses": answers | unchanged | problems((416, *OWNED, *more_problems))}
    return {"parameters": [OF_ID], "get": asked}


def links_to(*operations: str) -> dict[str, object]:
    """Describe what may be asked with the id of an answer."""
    return {name: {"operationId": name, "parameters": {"id": "$response.body#/id"}} for name in operations}
