"""What a request carries: one photo and the fields beside it."""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO

from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header

from colorizer.errors import BadField, MalformedRequest, NoPhoto, SeveralPhotos

PHOTO_FIELDS = ("image", "file")
MAX_PARTS = 30
MAX_TEXT_BYTES = 512 * 1024  # of one text field; ten thousand hints fit, and are then refused by name


@dataclass(frozen=True)
class Upload:
    """One photo as bytes, the file name that came with it or None, and the text fields by name."""

    photo: bytes
    filename: str | None
    fields: dict[str, str]


def parse_upload(body: bytes, content_type: str, query: Iterable[tuple[str, str]]) -> Upload:
    """Take the request apart.

    A multipart body carries the photo in the field `image` or `file`; any other body is the photo itself.
    query: the query's fields as (name, value); they count like the form's.
    Raises NoPhoto, SeveralPhotos, MalformedRequest, or BadField where a field is given twice.
    """
    media_type, options = parse_options_header(content_type)
    if media_type.startswith("multipart/"):
        form, files = _parse_multipart(body, media_type, options.get("boundary", ""))
        photo, filename = _only_photo(form, files)
    else:
        form, photo, filename = [], body, None
    if not photo:
        raise NoPhoto("The request carries no photo. Send one in the multipart field image, or as the body.")
    return Upload(photo, filename, _merge_fields([*form, *query]))


Fields = list[tuple[str, str]]
Files = list[tuple[str, str, bytes]]


def _parse_multipart(body: bytes, media_type: str, boundary: str) -> tuple[Fields, Files]:
    """Return the text fields as (name, value) and the files as (name, file name, bytes); all in memory."""
    if media_type != "multipart/form-data":
        raise MalformedRequest(f"A multipart body must be multipart/form-data, not {media_type}.")
    parser = MultiPartParser(
        stream_factory=_in_memory, max_form_memory_size=MAX_TEXT_BYTES, max_form_parts=MAX_PARTS
    )
    try:
        form, files = parser.parse(BytesIO(body), boundary.encode("ascii"), len(body))
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


def _only_photo(form: Fields, files: Files) -> tuple[bytes, str]:
    if any(name in PHOTO_FIELDS for name, _ in form):
        raise NoPhoto("The photo was sent as text. Send it as a file, as with: curl -F image=@grandma.jpg")
    unknown = [name for name, _, _ in files if name not in PHOTO_FIELDS]
    if unknown:
        raise BadField(f"There is a file in the field {unknown[0]!r:.60}; the photo belongs into image.")
    photos = [(data, filename) for _, filename, data in files if data]
    if len(photos) > 1:
        raise SeveralPhotos(f"The request carries {len(photos)} photos. Send one at a time.")
    return photos[0] if photos else (b"", "")


def _merge_fields(pairs: Fields) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, value in pairs:
        if name in fields:
            raise BadField(
                f"The field {name!r:.60} is given twice; give it once, in the form or in the query."
            )
        fields[name] = value
    return fields
