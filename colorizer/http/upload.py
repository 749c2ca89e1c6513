"""What a request carries: one photo and the fields beside it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO
from urllib.parse import parse_qsl

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header

from colorizer.errors import BadField, MalformedRequest, NoPhoto, SeveralPhotos

PHOTO_FIELDS = ("image", "file")
ZIP_START = b"PK\x03\x04"  # curl calls whatever it sends a form
FORM = "application/x-www-form-urlencoded"
MAX_PARTS = 30
MAX_TEXT_BYTES = 512 * 1024  # of one text field; ten thousand hints fit, and are then refused by name


@dataclass(frozen=True)
class Upload:
    """One photo as bytes, the file name that came with it or None, and the text fields by name.

    beside: the other files by the name of their field.
    """

    photo: bytes
    filename: str | None
    fields: dict[str, str]
    beside: dict[str, bytes] = field(default_factory=dict)


def parse_upload(
    body: bytes, content_type: str, query: Iterable[tuple[str, str]], beside: Collection[str] = ()
) -> Upload:
    """Take the request apart.

    A multipart body carries the photo in the field `image` or `file`; any other body is the photo itself.
    query: the query's fields as (name, value); they count like the form's. beside: the fields in which other
    files may come with the photo.
    Raises NoPhoto, SeveralPhotos, MalformedRequest, or BadField where a field is given twice.
    """
    media_type, options = parse_options_header(content_type)
    if media_type.startswith("multipart/"):
        form, files = parse_multipart(FormParser(), BytesIO(body), media_type, options.get("boundary", ""))
        others = other_files(form, files, beside)
        photo, filename = _only_photo(form, files)
    else:
        form, photo, filename, others = [], body, None, {}
    if not photo:
        raise NoPhoto("The request carries no photo. Send one in the multipart field image, or as the body.")
    return Upload(photo, filename, merge_fields([*form, *query]), others)


@dataclass(frozen=True)
class Change:
    """What a request without a photo says: text fields, and files by the name of their field."""

    fields: dict[str, str]
    beside: dict[str, bytes]


def parse_change(
    body: bytes, content_type: str, query: Iterable[tuple[str, str]], beside: Collection[str]
) -> Change:
    """Take a request that asks for other colours of a kept photo apart; see `parse_upload`.

    Raises MalformedRequest or BadField.
    """
    media_type, options = parse_options_header(content_type)
    files: Files = []
    if media_type.startswith("multipart/"):
        form, files = parse_multipart(FormParser(), BytesIO(body), media_type, options.get("boundary", ""))
    elif media_type == FORM or not body:
        form = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    else:
        raise MalformedRequest("The body must be a form; the fields may stand in the query, too.")
    if any(name in PHOTO_FIELDS for name, _, _ in files):
        raise BadField("The photo stays as it is. Keep another one by POST.")
    return Change(merge_fields([*form, *query]), other_files(form, files, beside))


Fields = list[tuple[str, str]]
Files = list[tuple[str, str, bytes]]


class FormParser(MultiPartParser):
    """Parses forms, whose files are held in memory."""

    def __init__(self, parts: int = MAX_PARTS) -> None:
        """parts: how many a form may have."""
        super().__init__(_in_memory, max_form_memory_size=MAX_TEXT_BYTES, max_form_parts=parts)


def parse_multipart(
    parser: FormParser, body: IO[bytes], media_type: str, boundary: str
) -> tuple[Fields, Files]:
    """Return the text fields as (name, value) and the files as (name, file name, bytes).

    Raises MalformedRequest.
    """
    if media_type != "multipart/form-data":
        raise MalformedRequest(f"A multipart body must be multipart/form-data, not {media_type}.")
    try:
        form, files = parser.parse(body, boundary.encode("ascii"), None)
    except RequestEntityTooLarge as error:
        raise MalformedRequest(
            "The multipart body has too many or too large fields beside the photo."
        ) from error
    except ValueError as error:
        raise MalformedRequest("The multipart body is malformed or has no boundary.") from error
    texts = [(name or "", value) for name, value in form.items(multi=True)]
    return texts, [(name, file.filename or "", file.stream.read()) for name, file in files.items(multi=True)]


def _in_memory(
    total_content_length: int | None,
    content_type: str | None,
    filename: str | None,
    content_length: int | None = None,
) -> BytesIO:
    return BytesIO()


def other_files(form: Fields, files: Files, beside: Collection[str]) -> dict[str, bytes]:
    """Return the files that are not the photo, by the name of their field; empty ones are none."""
    unknown = [name for name, _, _ in files if name not in (*PHOTO_FIELDS, *beside)]
    if unknown:
        raise BadField(f"There is a file in the field {unknown[0]!r:.60}; the photo belongs into image.")
    texts = [name for name, _ in form if name in beside]
    if texts:
        raise BadField(f"{texts[0]} was sent as text. Send it as a file.")
    given = [(name, data) for name, _, data in files if name in beside and data]
    others = dict(given)
    if len(others) < len(given):
        raise BadField("A field beside the photo has more than one file; give each once.")
    return others


def _only_photo(form: Fields, files: Files) -> tuple[bytes, str]:
    if any(name in PHOTO_FIELDS for name, _ in form):
        raise NoPhoto("The photo was sent as text. Send it as a file, as with: curl -F image=@grandma.jpg")
    photos = [(data, filename) for name, filename, data in files if data and name in PHOTO_FIELDS]
    if len(photos) > 1:
        raise SeveralPhotos(f"The request carries {len(photos)} photos. Send one at a time.")
    return photos[0] if photos else (b"", "")


def merge_fields(pairs: Fields) -> dict[str, str]:
    """Return the fields by name; raises BadField where one is given twice."""
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in fields:
            raise BadField(
                f"The field {name!r:.60} is given twice; give it once, in the form or in the query."
            )
        fields[name] = value
    return fields
