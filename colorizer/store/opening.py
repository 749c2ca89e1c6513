"""The store as the settings describe it."""

from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from sqlalchemy import Engine

from colorizer.errors import SettingsError
from colorizer.settings import Settings
from colorizer.store.database import check_encoding, connect
from colorizer.store.images import ImageStore
from colorizer.store.objects import Objects

DATABASE_FILE = "colorizer.sqlite"
HOUR = 3600.0


@dataclass(frozen=True)
class Store:
    """What is kept, and where: the images, and the database that jobs are noted in too."""

    images: ImageStore
    engine: Engine
    database_url: str
    keep_seconds: float


def open_store(settings: Settings) -> Store:
    """Open the store of COLORIZER_STORE_URL.

    Raises SettingsError where a bucket has no DATABASE_URL beside it, or one that cannot keep every text; or
    StoreUnavailable.
    """
    objects = Objects(settings.store_url or "")
    database_url = settings.database_url or _file_beside(settings.store_url or "")
    engine, keep_seconds = connect(database_url), settings.keep_hours * HOUR
    check_encoding(engine)
    images = ImageStore(objects, engine, keep_seconds=keep_seconds, room=settings.store_bytes)
    return Store(images, engine, database_url, keep_seconds)


def _file_beside(store_url: str) -> str:
    """Return the URL of the SQLite file in a store's folder."""
    if not store_url.startswith("file:"):
        raise SettingsError(
            "COLORIZER_STORE_URL is a bucket, so DATABASE_URL must name a database for what is known of its"
            " images: postgresql://user:password@host/name, or sqlite:////folder/file on one machine."
        )
    return f"sqlite:///{unquote(urlsplit(store_url).path)}/{DATABASE_FILE}"
