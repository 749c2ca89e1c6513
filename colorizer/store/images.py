"""Stored images: a photo, its result and a thumbnail, kept for one owner until they expire.

The bytes are objects, what is known of an image is a row. A row is written before its objects, with the room
that they will take, and is shown when they are whole; it goes after they went. So a process may die at any
moment: what it left half done is never shown, and is swept away with what has expired.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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

from colorizer.errors import NoSuchImage, StoreFull
from colorizer.store.database import reading, writing
from colorizer.store.objects import Objects

MEBIBYTE = 1024 * 1024
UNFINISHED_SECONDS = 3600.0  # a row whose objects are not whole by then belongs to a process that died
NEW, KEPT, GONE = "new", "kept", "gone"
SWEPT_AT_ONCE = 100

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
        with writing(self._engine) as connection:
            tables.create_all(connection)

    def add(self, owner: Owner, files: Mapping[str, bytes], facts: Mapping[str, Any]) -> StoredImage:
        """Keep an image's files, as {"original": ..., "result": ...}, and what is known of it.

        Raises StoreFull where that exceeds the owner's quota or the room of all, or StoreUnavailable.
        """
        now, id = self._now(), secrets.token_hex(16)
        image = StoredImage(id, now, now + self._keep_seconds, _describe(id, files), dict(facts))
        with writing(self._engine) as connection:
            self._check_room(connection, owner, sum(map(len, files.values())))
            connection.execute(images.insert().values(_row(image, owner)))
        self._put(image, files)
        with writing(self._engine) as connection:
            connection.execute(images.update().where(images.c.id == id).values(state=KEPT))
        return image

    def change(
        self, owner: Owner, image: StoredImage, files: Mapping[str, bytes], facts: Mapping[str, Any]
    ) -> StoredImage:
        """Put new files in the place of those of the same name, all at once, and replace the facts.

        Raises NoSuchImage where the image went meanwhile, StoreFull or StoreUnavailable.
        """
        merged = {**image.files, **_describe(image.id, files)}
        changed = StoredImage(image.id, image.created, image.expires, merged, dict(facts))
        self._put(changed, files)
        with writing(self._engine) as connection:
            self._check_room(connection, owner, _size(changed) - _size(image))
            query = images.update().where(images.c.id == image.id, *self._shown_to(owner))
            if not connection.execute(query.values(_contents(changed))).rowcount:
                raise NoSuchImage("The image was deleted while it was being changed.")
        for name in files:
            if name in image.files:
                self._objects.delete(image.files[name].key)
        return changed

    def find(self, owner: Owner, id: str) -> StoredImage:
        """Return one image of this owner. Raises NoSuchImage, for another's too."""
        with reading(self._engine) as connection:
            row = connection.execute(self._shown(owner).where(images.c.id == id)).one_or_none()
        if row is None:
            raise NoSuchImage("There is no such image: it has expired, was deleted, or never was.")
        return _image(row)

    def page(self, owner: Owner, count: int, after: str | None = None) -> list[StoredImage]:
        """Return at most `count` images of this owner, newest first, those behind the image `after`.

        Raises NoSuchImage where that one is gone.
        """
        place = sqlalchemy.tuple_(images.c.created, images.c.id)
        query = self._shown(owner).order_by(images.c.created.desc(), images.c.id.desc()).limit(count)
        if after is not None:
            last = self.find(owner, after)
            query = query.where(place < sqlalchemy.tuple_(last.created, last.id))
        with reading(self._engine) as connection:
            return [_image(row) for row in connection.execute(query)]

    def read(self, file: StoredFile, start: int = 0, end: int | None = None) -> bytes:
        """Return a file's bytes, or those from start up to, not including, end.

        Raises NoSuchImage where it was deleted meanwhile, or StoreUnavailable.
        """
        try:
            return self._objects.get_range(file.key, start, file.size if end is None else end)
        except KeyError as error:
            raise NoSuchImage("There is no such image: it was deleted a moment ago.") from error

    def remove(self, owner: Owner, id: str | None = None) -> None:
        """Delete one image of this owner, or all of them: row and bytes are gone when this returns.

        Raises NoSuchImage where the one is not there.
        """
        if id is not None:
            self.find(owner, id)
        self._drop(images.c.owner == owner.name, *([images.c.id == id] if id else []))

    def sweep(self) -> None:
        """Delete what has expired, and what a process that died left half done."""
        now = self._now()
        unfinished = (images.c.state == NEW) & (images.c.created < now - UNFINISHED_SECONDS)
        self._drop((images.c.expires < now) | (images.c.state == GONE) | unfinished)

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

    def _put(self, image: StoredImage, files: Mapping[str, bytes]) -> None:
        for name, data in files.items():
            self._objects.put(image.files[name].key, data)

    def _drop(self, *which: sqlalchemy.ColumnElement[bool]) -> None:
        """Hide the rows first, so that nobody finds an image whose bytes are half gone."""
        with writing(self._engine) as connection:
            connection.execute(images.update().where(*which).values(state=GONE))
        while ids := self._some_gone(*which):
            for id in ids:
                for key in self._objects.keys(id):
                    self._objects.delete(key)
            with writing(self._engine) as connection:
                connection.execute(images.delete().where(images.c.id.in_(ids)))

    def _some_gone(self, *which: sqlalchemy.ColumnElement[bool]) -> list[str]:
        query = select(images.c.id).where(images.c.state == GONE, *which).limit(SWEPT_AT_ONCE)
        with reading(self._engine) as connection:
            return list(connection.execute(query).scalars())


def _describe(id: str, files: Mapping[str, bytes]) -> dict[str, StoredFile]:
    """Name the objects of files anew, so that a changed file never takes the place of one being read."""
    return {
        name: StoredFile(f"{id}/{name}-{secrets.token_hex(4)}", len(data), hashlib.sha256(data).hexdigest())
        for name, data in files.items()
    }


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
