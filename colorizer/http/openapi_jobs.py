"""The part of /openapi.json that is there where images are kept: /api/v1/jobs, over photos and over films."""

from collections.abc import Collection
from dataclasses import dataclass

from colorizer.http.openapi_images import kept_fields
from colorizer.http.options import FILM_FIELDS, MAX_KEY
from colorizer.http.schemas import (
    BESIDE,
    CHANGING,
    COLOR,
    COUNT,
    FLAG,
    ID,
    IN_FORM,
    LOCATION,
    NUMBER,
    OF_ID,
    OWNED,
    PHOTO,
    SHARE,
    TEXT,
    TIME,
    WHOLE,
    Schema,
    ended,
    fetched,
    json_answer,
    links_to,
    list_of,
    object_of,
    or_null,
    problems,
    query_of,
    question,
)

STATES = ("queued", "running", "done", "failed", "cancelled")
BINARY = "application/octet-stream"
FILM_KINDS = ("video/*", BINARY)
LINKS = ("original", "frames", "result")


@dataclass(frozen=True)
class Jobs:
    """What a service offers.

    telling: the fields that say who is told of a job's end; films: whether it takes films.
    """

    telling: Collection[str]
    films: bool


def job_paths(strategy: Schema, offered: Jobs) -> dict[str, object]:
    """Describe the routes of jobs. strategy: the names that there are."""
    of_films = {
        "/api/v1/jobs/{id}/original": fetched("Fetch the film of a job.", FILM_KINDS),
        "/api/v1/jobs/{id}/frames": fetched("Fetch its first coloured frames.", ("image/jpeg",)),
    }
    kinds = ("application/zip", *(FILM_KINDS if offered.films else ()))
    return {
        "/api/v1/jobs": {"post": _start_job(kept_fields(strategy), offered)},
        "/api/v1/jobs/{id}": {"parameters": [OF_ID], **_one_job(offered)},
        "/api/v1/jobs/{id}/result": fetched("Fetch the results of a job: photos in a zip, so far.", kinds),
        **(of_films if offered.films else {}),
    }


def _start_job(fields: dict[str, Schema], offered: Jobs) -> dict[str, object]:
    told = dict.fromkeys(offered.telling, TEXT)
    content = {"multipart/form-data": {"schema": _form(offered)}, "application/zip": {"schema": PHOTO}}
    if offered.films:
        content["application/json"] = {"schema": _correction({**fields, **told})}
    key = {"name": "Idempotency-Key", "in": "header", "schema": {**TEXT, "maxLength": MAX_KEY}}
    answer = json_answer(_job(offered), headers=LOCATION, links=links_to("showJob", "cancelJob"))
    return {
        "summary": "Let many photos, or a film, be coloured while nobody waits.",
        "description": IN_FORM,
        "parameters": [key, *query_of({**fields, **told})],
        "requestBody": {"required": True, "content": content},
        "responses": {"202": answer} | problems((*CHANGING, *OWNED)),
    }


def _form(offered: Jobs) -> Schema:
    files = {**PHOTO, "description": "A photo, or a zip of photos; the field may be repeated."}
    images = {**TEXT, "format": "kept-images", "description": "A JSON list of ids of kept images."}
    film = {
        **PHOTO,
        "description": f"A film, and no photos; of the fields it takes {', '.join(FILM_FIELDS)}.",
    }
    members = {"image": files, "images": images, **BESIDE, **({"film": film} if offered.films else {})}
    return object_of(members, optional=tuple(members))


def _correction(fields: dict[str, Schema]) -> Schema:
    """Describe how the film of an earlier job is asked for in other colours."""
    place: dict[str, Schema] = {"time": NUMBER, "x": NUMBER, "y": NUMBER}
    how: dict[str, Schema] = {"color": COLOR, "reach": NUMBER, "keep": FLAG}
    hints = list_of(object_of({**place, **how}, optional=tuple(how)))
    others = {name: field for name, field in fields.items() if name in FILM_FIELDS} | {"hints": hints}
    return object_of({"film": ID, **others}, optional=tuple(others))


def _one_job(offered: Jobs) -> dict[str, object]:
    show = {**question("Say how far a job is.", _job(offered), OWNED), "operationId": "showJob"}
    return {"get": show, "delete": ended("Let a job end.", "cancelJob")}


def _job(offered: Jobs) -> Schema:
    progress = object_of(
        {"done": WHOLE, "of": or_null(COUNT), "share": or_null(SHARE), "seconds_left": or_null(NUMBER)}
    )
    members: dict[str, Schema] = {
        "id": ID,
        "kind": {**TEXT, "enum": ["photos", "film"] if offered.films else ["photos"]},
        "state": {**TEXT, "enum": list(STATES)},
        "created": TIME,
        "expires": TIME,
        "progress": progress,
        "place": or_null(WHOLE),
        "problems": list_of(object_of({"photo": WHOLE, "code": TEXT, "detail": TEXT}, optional=("photo",))),
        "images": list_of(TEXT),
        "film": or_null(_film()),
        "links": object_of(dict.fromkeys(("self", *LINKS), TEXT), optional=LINKS),
    }
    return object_of(members, optional=("images", "film"))


def _film() -> Schema:
    facts: dict[str, Schema] = {"name": TEXT, "width": COUNT, "height": COUNT, "seconds": NUMBER}
    return object_of({name: or_null(kind) for name, kind in facts.items()})
