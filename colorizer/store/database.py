"""One database for stored images and jobs: an SQLite file, or PostgreSQL by URL.

Every transaction that writes excludes the others, on both engines: what it read is still true when it writes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, Engine, MetaData, Table, event, text
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError
from sqlalchemy.schema import CreateColumn

from colorizer.errors import SettingsError, StoreUnavailable

BUSY_SECONDS = 30.0  # how long a writer waits for the others
ENCODING = "UTF8"  # PostgreSQL's name of the only one in which all names, and JSON, can be kept
WRITERS = 0xC0102  # the name of PostgreSQL's advisory lock, which everyone who writes takes


def connect(url: str) -> Engine:
    """Return the engine of an SQLAlchemy URL; Heroku's `postgres://` is understood too. Opens nothing yet."""
    url = url.replace("postgres://", "postgresql://", 1).replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith("sqlite"):
        asked = {"client_encoding": ENCODING}  # else a database without one gives us bytes
        return sqlalchemy.create_engine(url, pool_pre_ping=True, connect_args=asked)  # lost ones are replaced
    engine = sqlalchemy.create_engine(url, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def check_encoding(engine: Engine) -> None:
    """Raise SettingsError where a database cannot keep every text, or StoreUnavailable."""
    if engine.dialect.name != "postgresql":
        return
    with reading(engine) as connection:
        found = connection.execute(text("SHOW server_encoding")).scalar_one()
    if found != ENCODING:
        engine.dispose()
        raise SettingsError(
            f"The database of DATABASE_URL has the encoding {found}, but must have {ENCODING}. Make another:"
            f" createdb --encoding={ENCODING} --template=template0 NAME"
        )


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that only reads, and waits for nobody. Raises StoreUnavailable."""
    with translated(), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction beside which nobody else writes. Raises StoreUnavailable."""
    with (
        translated(),
        engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": WRITERS})
        yield connection


def make_tables(engine: Engine, *tables: MetaData) -> None:
    """Make the tables that are missing, and add the columns that an older program's tables lack.

    That is all that happens to a database with a new version: what is there stays, new columns may be null,
    and older processes beside us know nothing of them. Raises StoreUnavailable.
    """
    with writing(engine) as connection:
        for some in tables:
            some.create_all(connection)
            for table in some.sorted_tables:
                _add_columns(connection, table)


def _add_columns(connection: Connection, table: Table) -> None:
    known = {column["name"] for column in sqlalchemy.inspect(connection).get_columns(table.name)}
    for column in table.columns:
        if column.name not in known:
            new = CreateColumn(column).compile(dialect=connection.dialect)
            connection.execute(text(f"ALTER TABLE {table.name} ADD COLUMN {new}"))


@contextmanager
def translated() -> Iterator[None]:
    """Turn the driver's errors into ours; its messages name hosts and files, which no client may see."""
    try:
        yield
    except (OperationalError, InterfaceError, TimeoutError) as error:
        raise StoreUnavailable("The database does not answer. Try again in a moment.") from error


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # else Python's driver begins transactions of its own
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
