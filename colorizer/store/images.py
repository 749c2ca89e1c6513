"""Stored images: a photo, its result and a thumbnail, kept for one owner until they expire.

A film is kept likewise; it and whatever else is no photo has the fact "kind", and is not among the images.

The bytes are objects, what is known of an image is a row. A row is written before its objects, with the room
that they will take, and is shown when they are whole; it goes after they went. So a process may die at any
moment: what it left half done is never shown, and is swept away with what has expired.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Float,
    Index,
    Row,
    Select,
    String,
    Table,
    func,
    select,
)

from colorizer.errors import ColorizerError, NoSuchImage, StoreFull, StoreUnavailable
from colorizer.store.database import make_tables, reading, writing
from colorizer.store.objects import Arriving, Objects

MEBIBYTE = 1024 * 1024
UNFINISHED_SECONDS = 3600.0  # a row whose objects are not whole by then belongs to a process that died
NEW, KEPT, GONE = "new", "kept", "gone"
SWEPT_AT_ONCE = 100
GONE_NOW = "There is no such image: it was deleted a moment ago."
Place = tuple[float, str]  # when an image was created, and its id
KIND = "kind"  # the fact that tells what is no photo
Files = Mapping[str, bytes | Path]

tables = sqlalchemy.MetaData()
images = Table(
    "colorizer_images",
    tables,
    Column("id", String(32), primary_key=True),
    Column("owner", String(80), nullable=False),
    Column("state", String(4), nullable=False),
    Column("created", Float, nullable=False),  # seconds since 1970
    Column("expires", Float, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("files", sqlalchemy.JSON, nullable=False),
    Column("facts", sqlalchemy.JSON, nullable=False),
    Index("colorizer_images_of_owner", "owner", "created", "id"),
    Index("colorizer_images_by_expiry", "expires"),
)


@dataclass(frozen=True)
class Owner:
    """Whom images belong to. quota: bytes that they may take together."""

    name: str
    quota: int


@dataclass(frozen=True)
class StoredFile:
    """One file of an image: its object's key, its length in bytes and its SHA-256 as hex digits."""

    key: str
    size: int
    digest: str


@dataclass(frozen=True)
class StoredImage:
    """A kept image. created, expires: seconds since 1970; facts: what its maker noted, as JSON holds it."""

    id: str
    created: float
    expires: float
    files: dict[str, StoredFile]
    facts: dict[str, Any]

    @property
    def place(self) -> Place:
        """Its place among the images of its owner."""
        return self.created, self.id


@dataclass(frozen=True)
class Arrival:
    """An image whose only file is still arriving. name: the file's; room: bytes that are set aside for it."""

    owner: Owner
    image: StoredImage
    name: str
    room: int
    writer: Arriving


class ImageStore:
    """The images of all owners; safe to use from several threads and processes at once."""

    def __init__(
        self,
        objects: Objects,
        engine: Engine,
        *,
        keep_seconds: float,
        room: int,
        now: Callable[[], float] = time.time,
    ) -> None:
        """engine: of `database.connect`; keep_seconds: how long an image lives; room: bytes that all images
        may take together.

        Raises StoreUnavailable where the database does not answer.
        """
        self._objects, self._engine = objects, engine
        self._keep_seconds, self._room, self._now = keep_seconds, room, now
        make_tables(engine, tables)

    def add(self, owner: Owner, files: Files, facts: Mapping[str, Any]) -> StoredImage:
        """Keep an image's files, as {"original": ..., "result": ...}, and what is known of it.

        Raises StoreFull where that exceeds the owner's quota or the room of all, NoSuchImage where all of the
        owner's were deleted meanwhile, or StoreUnavailable.
        """
        id = secrets.token_hex(16)
        image = self._note(owner, id, _describe(id, files), facts)
        try:
            self._put(image.files, files)
        except StoreUnavailable:
            self._drop(images.c.id == id)  # or it would take its room for an hour
            raise
        return self._keep(image)

    def begin(self, owner: Owner, name: str, room: int, facts: Mapping[str, Any]) -> Arrival:
        """Set room aside for an image of one file, which is then written piece by piece.

        Whoever began it calls `finish`, or else `give_up`. Raises StoreFull or StoreUnavailable.
        """
        id = secrets.token_hex(16)
        image = self._note(owner, id, {name: StoredFile(_key(id, name), room, "")}, facts)
        return Arrival(owner, image, name, room, self._objects.open(image.files[name].key))

    def finish(self, arrival: Arrival) -> StoredImage:
        """Keep an image whose file has arrived, no larger than its room.

        Raises NoSuchImage where it was deleted meanwhile, or StoreUnavailable.
        """
        arrival.writer.close()
        key = arrival.image.files[arrival.name].key
        file = StoredFile(key, arrival.writer.size, arrival.writer.digest)
        return self._keep(replace(arrival.image, files={arrival.name: file}))

    def give_up(self, arrival: Arrival) -> None:
        """Delete what has arrived of an image. Raises StoreUnavailable; then it is swept away some day."""
        arrival.writer.close()
        self._drop(images.c.id == arrival.image.id)

    def change(
        self,
        owner: Owner,
        image: StoredImage,
        files: Files,
        facts: Mapping[str, Any],
        without: Collection[str] = (),
    ) -> StoredImage:
        """Put new files in the place of those of the same name, all at once, and replace the facts.

        without: the names of files that go. What others changed meanwhile stays.
        Raises NoSuchImage where the image went meanwhile, StoreFull or StoreUnavailable.
        """
        new = _describe(image.id, files)
        self._put(new, files)
        try:
            before, changed = self._exchange(owner, image.id, new, facts, without)
        except ColorizerError:
            self._delete(new.values())
            raise
        self._delete(file for file in before.files.values() if file not in changed.files.values())
        return changed

    def find(self, owner: Owner, id: str, kind: str | None = None) -> StoredImage:
        """Return one image of this owner, or what is of another kind.

        Raises NoSuchImage, for another's too.
        """
        query = self._shown(owner).where(images.c.id == id, _is_of(kind))
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NoSuchImage("There is no such image: it has expired, was deleted, or never was.")
        return _image(row)

    def page(self, owner: Owner, count: int, after: Place | None = None) -> list[StoredImage]:
        """Return at most `count` images of this owner, newest first.

        after: the place of the last one before them, whether that is still there or not.
        """
        place = sqlalchemy.tuple_(images.c.created, images.c.id)
        newest_first = images.c.created.desc(), images.c.id.desc()
        query = self._shown(owner).where(_is_of(None)).order_by(*newest_first).limit(count)
        if after is not None:
            query = query.where(place < sqlalchemy.tuple_(*after))
        with reading(self._engine) as connection:
            return [_image(row) for row in connection.execute(query)]

    def read(self, file: StoredFile, start: int = 0, end: int | None = None) -> bytes:
        """Return a file's bytes, or those from start up to, not including, end.

        Raises NoSuchImage where it was deleted meanwhile, or StoreUnavailable.
        """
        try:
            return self._objects.get_range(file.key, start, file.size if end is None else end)
        except KeyError as error:
            raise NoSuchImage(GONE_NOW) from error

    def stream(self, file: StoredFile, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Return a file's bytes, or a part, piece by piece; they come even if it is deleted meanwhile.

        Raises what `read` does.
        """
        try:
            return self._objects.stream(file.key, start, end)
        except KeyError as error:
            raise NoSuchImage(GONE_NOW) from error

    def remove(self, owner: Owner, id: str | None = None, kind: str | None = None) -> None:
        """Delete one image of this owner, or all, of any kind: row and bytes are gone when this returns.

        Raises NoSuchImage where the one is not there.
        """
        if id is not None:
            self.find(owner, id, kind)
        self._drop(images.c.owner == owner.name, *([images.c.id == id] if id else []))

    def sweep(self) -> None:
        """Delete what has expired, and what a process that died left half done."""
        now = self._now()
        unfinished = (images.c.state == NEW) & (images.c.created < now - UNFINISHED_SECONDS)
        self._drop((images.c.expires < now) | (images.c.state == GONE) | unfinished)
        self._objects.sweep()

    def _note(
        self, owner: Owner, id: str, files: dict[str, StoredFile], facts: Mapping[str, Any]
    ) -> StoredImage:
        """Write the row of an image that is not there yet."""
        now = self._now()
        image = StoredImage(id, now, now + self._keep_seconds, files, dict(facts))
        with writing(self._engine) as connection:
            self._check_room(connection, owner, _size(image))
            connection.execute(images.insert().values(_row(image, owner)))
        return image

    def _keep(self, image: StoredImage) -> StoredImage:
        """Show an image whose files are whole; where its row went meanwhile, they go too."""
        values = {**_contents(image), "state": KEPT}
        arrived = images.update().where(images.c.id == image.id, images.c.state == NEW).values(values)
        with writing(self._engine) as connection:
            shown = connection.execute(arrived).rowcount
        if not shown:
            self._delete(image.files.values())
            raise NoSuchImage("The image was deleted while it was arriving.")
        return image

    def _exchange(
        self,
        owner: Owner,
        id: str,
        new: Mapping[str, StoredFile],
        facts: Mapping[str, Any],
        without: Collection[str],
    ) -> tuple[StoredImage, StoredImage]:
        """Change the row of an image; returns it as it was and as it is."""
        with writing(self._engine) as connection:
            row = connection.execute(self._shown(owner).where(images.c.id == id)).one_or_none()
            if row is None:
                raise NoSuchImage("The image was deleted while it was being changed.")
            before = _image(row)
            kept = {name: file for name, file in before.files.items() if name not in without}
            changed = replace(before, files={**kept, **new}, facts=dict(facts))
            self._check_room(connection, owner, _size(changed) - _size(before))
            connection.execute(images.update().where(images.c.id == id).values(_contents(changed)))
        return before, changed

    def _shown(self, owner: Owner) -> Select[Any]:
        return select(images).where(*self._shown_to(owner))

    def _shown_to(self, owner: Owner) -> tuple[sqlalchemy.ColumnElement[bool], ...]:
        return images.c.owner == owner.name, images.c.state == KEPT, images.c.expires > self._now()

    def _check_room(self, connection: Connection, owner: Owner, wanted: int) -> None:
        taken = select(func.coalesce(func.sum(images.c.bytes), 0))
        for query, quota, whose in (
            (taken.where(images.c.owner == owner.name), owner.quota, "Your images take"),
            (taken, self._room, "The images kept here take"),
        ):
            used = int(connection.execute(query).scalar_one())
            if wanted > 0 and used + wanted > quota:
                raise StoreFull(
                    f"{whose} {used / MEBIBYTE:.1f} MB of {quota / MEBIBYTE:.1f} MB, and this one needs"
                    f" {wanted / MEBIBYTE:.1f} MB more. Delete some, or wait until they expire."
                )

    def _put(self, places: Mapping[str, StoredFile], files: Files) -> None:
        for name, data in files.items():
            self._objects.put(places[name].key, data)

    def _delete(self, files: Iterable[StoredFile]) -> None:
        for file in files:
            self._objects.delete(file.key)

    def _drop(self, *which: sqlalchemy.ColumnElement[bool]) -> None:
        """Hide the rows first, so that nobody finds an image whose bytes are half gone."""
        with writing(self._engine) as connection:
            connection.execute(images.update().where(*which).values(state=GONE))
        while ids := self._some_gone(*which):
            for id in ids:
                self._objects.clear(id)
            with writing(self._engine) as connection:
                connection.execute(images.delete().where(images.c.id.in_(ids)))

    def _some_gone(self, *which: sqlalchemy.ColumnElement[bool]) -> list[str]:
        query = select(images.c.id).where(images.c.state == GONE, *which).limit(SWEPT_AT_ONCE)
        with reading(self._engine) as connection:
            return list(connection.execute(query).scalars())


def _is_of(kind: str | None) -> sqlalchemy.ColumnElement[bool]:
    fact: sqlalchemy.ColumnElement[str] = images.c.facts[KIND].as_string()
    return fact.is_(None) if kind is None else fact == kind


def _key(id: str, name: str) -> str:
    """Name an object anew, so that a changed file never takes the place of one being read."""
    return f"{id}/{name}-{secrets.token_hex(4)}"


def _describe(id: str, files: Files) -> dict[str, StoredFile]:
    return {name: StoredFile(_key(id, name), *_measure(data)) for name, data in files.items()}


def _measure(data: bytes | Path) -> tuple[int, str]:
    """Return the length and the SHA-256 of what is to be kept."""
    if isinstance(data, bytes):
        return len(data), hashlib.sha256(data).hexdigest()
    with data.open("rb") as file:
        return data.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _size(image: StoredImage) -> int:
    return sum(file.size for file in image.files.values())


def _contents(image: StoredImage) -> dict[str, Any]:
    files = {name: [file.key, file.size, file.digest] for name, file in image.files.items()}
    return {"bytes": _size(image), "files": files, "facts": image.facts}


def _row(image: StoredImage, owner: Owner) -> dict[str, Any]:
    times = {"created": image.created, "expires": image.expires}
    return {"id": image.id, "owner": owner.name, "state": NEW, **times, **_contents(image)}


def _image(row: Row[Any]) -> StoredImage:
    files = {name: StoredFile(*file) for name, file in row.files.items()}
    return StoredImage(row.id, row.created, row.expires, files, row.facts)
