"""What a new version finds that an older one has left, and databases as operators make them."""

import pytest
from sqlalchemy import Column, Float, Integer, MetaData, String, Table, select, text

from colorizer.errors import SettingsError
from colorizer.settings import Settings
from colorizer.store.database import connect, make_tables, reading, writing
from colorizer.store.opening import open_store

PLAIN = "CREATE DATABASE plain ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"


@pytest.fixture
def engine(database_url):
    engine = connect(database_url)
    yield engine
    engine.dispose()


def table_of(*columns):
    return Table("colorizer_things", MetaData(), Column("id", Integer, primary_key=True), *columns)


def test_a_table_of_an_older_version_gets_the_columns_that_it_lacks(engine):
    old, new = table_of(), table_of(Column("name", String(8)), Column("due", Float))
    make_tables(engine, old.metadata)
    with writing(engine) as connection:
        connection.execute(old.insert().values(id=1))
    make_tables(engine, new.metadata)
    make_tables(engine, new.metadata)  # as the next process does
    with writing(engine) as connection:
        connection.execute(new.insert().values(id=2, name="anna", due=1.5))
        connection.execute(old.insert().values(id=3))  # an older process that still runs
    with reading(engine) as connection:
        rows = connection.execute(select(new).order_by(new.c.id)).all()
    assert rows == [(1, None, None), (2, "anna", 1.5), (3, None, None)]


def test_a_database_that_cannot_keep_every_name_is_refused_in_words(postgresql_url, tmp_path):
    """Debian makes such a one where no language is set."""
    engine = connect(postgresql_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(PLAIN))
    engine.dispose()
    url = postgresql_url.replace("/postgres?", "/plain?")
    with pytest.raises(SettingsError, match="has the encoding SQL_ASCII, but must have UTF8"):
        open_store(Settings(store_url=f"file://{tmp_path}", database_url=url))
