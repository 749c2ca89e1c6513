"""What the request of a job carries: photos, which are held in memory, or a film, which goes to the store."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from types import TracebackType
from typing import IO, cast
from urllib.parse import parse_qsl

from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import File

from colorizer.errors import BadField, FilmTooLarge, SeveralPhotos, TooManyBytes
from colorizer.http.body import Body
from colorizer.http.job_zip import Named
from colorizer.http.options import COLORIZE_FILES
from colorizer.http.upload import (
    PHOTO_FIELDS,
    ZIP_START,
    FormParser,
    merge_fields,
    other_files,
    parse_multipart,
)
from colorizer.jobs.states import FILM
from colorizer.store.coloring import ORIGINAL
from colorizer.store.images import KIND, Arrival, ImageStore, Owner, StoredImage

MEDIA_TYPE = "application/octet-stream"


@dataclass(frozen=True)
class JobUpload:
    """The photos of a job by name, the text fields, and the other files by the name of their field."""

    photos: list[Named]
    fields: dict[str, str]
    beside: dict[str, bytes] = field(default_factory=dict)


class FilmDoor:
    """Lets the film of a request into the store; a context, at whose end a film that was not kept is gone."""

    def __init__(self, images: ImageStore, owner: Owner, most: int, length: int | None) -> None:
        """most: bytes of a film, 0 where none is taken; length: of the request, where it is known."""
        self._images, self._owner, self._most = images, owner, most
        self._room = most if length is None else min(most, length)
        self._arrival: Arrival | None = None

    def __enter__(self) -> "FilmDoor":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._arrival:
            self._images.give_up(self._arrival)

    def open(self, file: File) -> IO[bytes]:
        """Return what a film is written to. Raises BadField, SeveralPhotos, StoreFull or StoreUnavailable."""
        if not self._most:
            raise BadField("No films are taken here: the operator has not turned them on.")
        if self._arrival:
            raise SeveralPhotos("The request carries more than one film. Send one at a time.")
        media_type = file.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        facts = {
            KIND: FILM,
            "name": file.filename,
            "media_type": media_type if media_type.startswith("video/") else MEDIA_TYPE,
        }
        self._arrival = self._images.begin(self._owner, ORIGINAL, self._room, facts)
        return cast(IO[bytes], _FilmFile(self._arrival, self._most))

    @property
    def has_film(self) -> bool:
        """Whether a film has come, of at least one byte."""
        return self._arrival is not None and self._arrival.writer.size > 0

    @property
    def digests(self) -> list[tuple[str, str]]:
        """The name of the film that has come, and its SHA-256 in hex digits."""
        arrival = self._arrival
        return [(str(arrival.image.facts["name"]), arrival.writer.digest)] if arrival else []

    def keep(self) -> StoredImage:
        """Keep the film that has come. Raises StoreUnavailable, or ValueError where none has."""
        if self._arrival is None:
            raise ValueError("No film has come.")
        film = self._images.finish(self._arrival)
        self._arrival = None
        return film


class _FilmFile(BytesIO):
    """Hands on what is written to it, and holds nothing."""

    def __init__(self, arrival: Arrival, most: int) -> None:
        super().__init__()
        self._arrival, self._most = arrival, most

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        if self._arrival.writer.size + len(piece) > self._most:
            raise FilmTooLarge(f"The film is larger than the {self._most:,} bytes that are taken.")
        self._arrival.writer.write(piece)
        return len(piece)


class _PhotoFile(BytesIO):
    """A photo in memory, of which there is so much for all photos of a request together."""

    def __init__(self, parser: "_JobParser") -> None:
        super().__init__()
        self._parser = parser

    def write(self, piece: bytes) -> int:  # type: ignore[override]
        self._parser.left -= len(piece)
        if self._parser.left < 0:
            raise TooManyBytes("The photos are more than one request may bring. Send them in several.")
        return super().write(piece)


class _JobParser(FormParser):
    def __init__(self, parts: int, left: int, door: FilmDoor) -> None:
        super().__init__(parts)
        self.left, self._door = left, door

    def start_file_streaming(self, event: File, total_content_length: int | None) -> IO[bytes]:
        return self._door.open(event) if event.name == FILM else _PhotoFile(self)


def read_job(
    body: Body,
    content_type: str,
    query: Iterable[tuple[str, str]],
    door: FilmDoor,
    most: tuple[int, int],
) -> JobUpload:
    """Take a request with photos or a film apart.

    A multipart body carries photos in the field `image` or `file`, or a film in `film`, which goes through
    the door; any other body is one photo or zip. most: how many parts a body may have, and how many bytes
    its photos. Raises MalformedRequest, BadField, TooManyBytes, FilmTooLarge, or what the door raises.
    """
    media_type, options = parse_options_header(content_type)
    if media_type.startswith("multipart/"):
        parser = _JobParser(*most, door)
        form, files = parse_multipart(parser, cast(IO[bytes], body), media_type, options.get("boundary", ""))
        others = other_files(form, files, (FILM, *COLORIZE_FILES))
        beside = {name: data for name, data in others.items() if name != FILM}
        photos = [(name, data) for place, name, data in files if data and place in PHOTO_FIELDS]
        return JobUpload(photos, merge_fields([*form, *query]), beside)
    data = b"".join(iter(body.read, b""))
    if media_type == "application/x-www-form-urlencoded" and not data.startswith(ZIP_START):
        return JobUpload([], merge_fields([*parse_qsl(data.decode("utf-8", "replace")), *query]))
    return JobUpload([("photo", data)] if data else [], merge_fields(list(query)))
