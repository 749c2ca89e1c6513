"""The part of /openapi.json that is there where images are kept: whom they belong to, and /api/v1/images."""

from colorizer.http.headers import COOKIE
from colorizer.http.options import CURSOR
from colorizer.http.schemas import (
    BESIDE,
    CHANGING,
    COUNT,
    FLAG,
    ID,
    IN_FORM,
    LOCATION,
    OF_ID,
    OWNED,
    SHARE,
    TEXT,
    TIME,
    Schema,
    colorize_fields,
    ended,
    fetched,
    json_answer,
    links_to,
    list_of,
    object_of,
    or_null,
    photo_request,
    problems,
    query_of,
    question,
)
from colorizer.options import FORMATS

SECURITY_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "One that the operator gave out."},
    "browser": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "The first POST sets it."},
}
SECURITY: tuple[Schema, ...] = ({}, {"token": ()}, {"browser": ()})
AFTER = {**TEXT, "pattern": f"^{CURSOR}$"}
FILES = ("original", "result", "thumbnail")
KINDS = tuple(f"image/{kind}" for kind in (*FORMATS, "avif"))


def kept_fields(strategy: Schema) -> dict[str, Schema]:
    """Describe how a kept photo may be coloured. strategy: the names that there are."""
    return {name: field for name, field in colorize_fields(strategy).items() if name != "confidence_map"}


def image_paths(strategy: Schema) -> dict[str, object]:
    """Describe the routes of kept images."""
    fields = kept_fields(strategy)
    return {
        "/api/v1/images": {
            "post": _keep_image(fields),
            "get": _list_images(),
            "delete": ended("Delete all images of this owner."),
        },
        "/api/v1/images/{id}": {"parameters": [OF_ID], **_one_image(fields)},
        **{
            f"/api/v1/images/{{id}}/{name}": fetched(f"Fetch the {name} of an image.", KINDS, (406,))
            for name in FILES
        },
    }


def _keep_image(fields: dict[str, Schema]) -> dict[str, object]:
    links = links_to("showImage", "changeImage", "deleteImage")
    answer = {"201": json_answer(_image(), headers=LOCATION, links=links)}
    return photo_request("Colour a photo and keep both.", fields, answer, (401, 507), BESIDE)


def _list_images() -> dict[str, object]:
    page: dict[str, Schema] = {
        "count": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
        "after": AFTER,
    }
    answer = object_of({"images": list_of(_image()), "next": or_null(AFTER)})
    asked = question("List the images that are kept, newest first.", answer, (422, *OWNED))
    return {**asked, "parameters": query_of(page)}


def _one_image(fields: dict[str, Schema]) -> dict[str, object]:
    show = {**question("Show what is known of an image.", _image(), OWNED), "operationId": "showImage"}
    beside = object_of(BESIDE, optional=tuple(BESIDE))
    change = {
        "operationId": "changeImage",
        "summary": "Colour a kept photo anew; the result takes the old one's place.",
        "description": IN_FORM,
        "parameters": query_of(fields),
        "requestBody": {"required": False, "content": {"multipart/form-data": {"schema": beside}}},
        "responses": {"200": json_answer(_image())} | problems((*CHANGING, *OWNED)),
    }
    delete = ended("Delete an image; photo and result are gone when the answer comes.", "deleteImage")
    return {"get": show, "patch": change, "delete": delete}


def _image() -> Schema:
    scene = object_of({"name": TEXT, "share": SHARE})
    known: dict[str, Schema] = {
        "name": TEXT,
        "width": COUNT,
        "height": COUNT,
        "media_type": {**TEXT, "enum": [f"image/{name}" for name in FORMATS]},
        "strategy": TEXT,
        "options": {"type": "object"},
        "confidence": SHARE,
        "already_colored": FLAG,
        "scene": scene,
    }
    links = object_of(dict.fromkeys(("self", *FILES), TEXT), optional=FILES)
    facts = {name: or_null(schema) for name, schema in known.items()}
    return object_of({"id": ID, "created": TIME, "expires": TIME, **facts, "links": links})
