"""The part of /openapi.json that is there where images are kept: /api/v1/images and /api/v1/jobs."""

from collections.abc import Collection

from colorizer.http.headers import COOKIE
from colorizer.http.schemas import (
    BESIDE,
    COUNT,
    FLAG,
    IN_FORM,
    PHOTO,
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
    query_of,
    question,
)
from colorizer.options import FORMATS

SECURITY_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "One that the operator gave out."},
    "browser": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "The first POST sets it."},
}
SECURITY: tuple[Schema, ...] = ({}, {"token": ()}, {"browser": ()})
NUMBER = {"type": "integer", "minimum": 0}
TIME = {"type": "string", "format": "date-time"}
ID = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
OF_ID = {"name": "id", "in": "path", "required": True, "schema": ID}
LOCATION = {"Location": {"schema": TEXT, "description": "Its address."}}
FILES = ("original", "result", "thumbnail")
FILE_HEADERS = ("Content-Disposition", "ETag", "Accept-Ranges")
PICTURE = {"schema": {"type": "string", "format": "binary"}}
OWNED = (401, 404, 500, 503)  # problems of whatever belongs to somebody
CHANGING = (400, 408, 413, 422, 429, 507)


def kept_paths(strategy: Schema, telling: Collection[str]) -> dict[str, object]:
    """Describe the routes. strategy: the names that there are; telling: who may be told of a job's end."""
    fields = {name: field for name, field in colorize_fields(strategy).items() if name != "confidence_map"}
    return {
        "/api/v1/images": {"post": _keep_image(fields), "get": _list_images(), "delete": _delete_all()},
        "/api/v1/images/{id}": {"parameters": [OF_ID], **_one_image(fields)},
        **{f"/api/v1/images/{{id}}/{name}": _sending(_send_image()) for name in FILES},
        "/api/v1/jobs": {"post": _start_job({**fields, **dict.fromkeys(telling, TEXT)})},
        "/api/v1/jobs/{id}": {"parameters": [OF_ID], **_one_job()},
        "/api/v1/jobs/{id}/result": _sending(_send_job()),
    }


def _sending(question: dict[str, object]) -> dict[str, object]:
    return {"parameters": [OF_ID], "get": question}


def _keep_image(fields: dict[str, Schema]) -> dict[str, object]:
    links = _links("showImage", "changeImage", "deleteImage")
    answer = {"201": json_answer(_image(), headers=LOCATION, links=links)}
    return photo_request("Colour a photo and keep both.", fields, answer, (401, 507), BESIDE)


def _list_images() -> dict[str, object]:
    page: dict[str, Schema] = {
        "count": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20},
        "after": ID,
    }
    answer = object_of({"images": list_of(_image()), "next": or_null(ID)})
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
    delete = {
        **_end("Delete an image; photo and result are gone when the answer comes."),
        "operationId": "deleteImage",
    }
    return {"get": show, "patch": change, "delete": delete}


def _delete_all() -> dict[str, object]:
    return _end("Delete all images of this owner.")


def _end(summary: str) -> dict[str, object]:
    return {"summary": summary, "responses": {"204": {"description": "Done."}} | problems(OWNED)}


def _send_image() -> dict[str, object]:
    headers = {name: {"schema": TEXT} for name in FILE_HEADERS}
    kinds = {f"image/{kind}": PICTURE for kind in (*FORMATS, "avif")}
    whole = {"description": "The file.", "content": kinds, "headers": headers}
    answers = {"200": whole, "206": {**whole, "description": "The part that was asked for."}}
    unchanged = {"304": {"description": "It has not changed."}}
    return {
        "summary": "Fetch a file of an image.",
        "responses": answers | unchanged | problems((406, 416, *OWNED)),
    }


def _start_job(fields: dict[str, Schema]) -> dict[str, object]:
    files = {**PHOTO, "description": "A photo, or a zip of photos; the field may be repeated."}
    images = {**TEXT, "format": "kept-images", "description": "A JSON list of ids of kept images."}
    members = {"image": files, "images": images, **BESIDE}
    form = object_of(members, optional=tuple(members))
    content = {"multipart/form-data": {"schema": form}, "application/zip": {"schema": PHOTO}}
    key = {"name": "Idempotency-Key", "in": "header", "schema": {**TEXT, "maxLength": 255}}
    answer = json_answer(_job(), headers=LOCATION, links=_links("showJob", "cancelJob"))
    return {
        "summary": "Let many photos be coloured while nobody waits.",
        "description": IN_FORM,
        "parameters": [key, *query_of(fields)],
        "requestBody": {"required": True, "content": content},
        "responses": {"202": answer} | problems((*CHANGING, *OWNED)),
    }


def _one_job() -> dict[str, object]:
    show = {**question("Say how far a job is.", _job(), OWNED), "operationId": "showJob"}
    return {"get": show, "delete": {**_end("Let a job end."), "operationId": "cancelJob"}}


def _send_job() -> dict[str, object]:
    answer = {"description": "A zip.", "content": {"application/zip": PICTURE}}
    return {"summary": "Fetch the results of a job so far.", "responses": {"200": answer} | problems(OWNED)}


def _links(*operations: str) -> dict[str, object]:
    return {name: {"operationId": name, "parameters": {"id": "$response.body#/id"}} for name in operations}


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


def _job() -> Schema:
    left = or_null({"type": "integer", "minimum": 0})
    progress = object_of({"done": NUMBER, "of": COUNT, "share": SHARE, "seconds_left": left})
    problem = object_of({"photo": NUMBER, "code": TEXT, "detail": TEXT})
    states = ("queued", "running", "done", "failed", "cancelled")
    return object_of(
        {
            "id": ID,
            "kind": {**TEXT, "enum": ["photos"]},
            "state": {**TEXT, "enum": list(states)},
            "created": TIME,
            "expires": TIME,
            "progress": progress,
            "place": or_null(NUMBER),
            "problems": list_of(problem),
            "images": list_of(TEXT),
            "links": object_of(dict.fromkeys(("self", "result"), TEXT)),
        }
    )
