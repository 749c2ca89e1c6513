"""One office a test, on SQLite and on PostgreSQL."""

import tempfile
from pathlib import Path

import pytest
import sqlalchemy
from databases import postgresql
from offices import Office
from serving import gray_photo


@pytest.fixture(scope="session")
def postgresql_url():
    with tempfile.TemporaryDirectory(prefix="pg") as folder, postgresql(Path(folder)) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request, tmp_path):
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else None
    office = Office(tmp_path, url)
    yield office
    office.close()
    if url:
        _empty(url)


def _empty(url: str) -> None:
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
        connection.execute(sqlalchemy.text("DROP SCHEMA dbos CASCADE"))
    engine.dispose()


@pytest.fixture(scope="session")
def many_photos():
    return [gray_photo(200 + number, 150, seed=number) for number in range(20)]
