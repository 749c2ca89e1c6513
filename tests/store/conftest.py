"""The two places for objects, and the two databases, each the real thing."""

import tempfile
from pathlib import Path

import pytest
import sqlalchemy
from buckets import bucket, s3_server
from databases import postgresql

from colorizer.store.objects import Objects

__all__ = ["bucket", "s3_server"]


@pytest.fixture(params=["file", "s3"])
def objects(request, tmp_path):
    return Objects(request.getfixturevalue("bucket") if request.param == "s3" else f"file://{tmp_path}/a b")


@pytest.fixture(scope="session")
def postgresql_url():
    with tempfile.TemporaryDirectory(prefix="pg") as folder, postgresql(Path(folder)) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path):
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/store.sqlite"
        return
    url = request.getfixturevalue("postgresql_url")
    yield url
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    engine.dispose()
