"""The two places for objects, and the two databases, each the real thing."""

import tempfile
from pathlib import Path

import boto3
import pytest
import sqlalchemy
from databases import postgresql
from moto.server import ThreadedMotoServer

from colorizer.store.objects import Objects

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}


@pytest.fixture(scope="session")
def s3_server():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield "http://{}:{}".format(*server.get_host_and_port())
    server.stop()


@pytest.fixture
def bucket(s3_server, monkeypatch):
    """The URL of an empty bucket; the variables say where it is, as an operator's do."""
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": s3_server, "AWS_ALLOW_HTTP": "true"}.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3", endpoint_url=s3_server, region_name="us-east-1").create_bucket(Bucket="photos")
    yield "s3://photos/kept"
    boto3.resource("s3", endpoint_url=s3_server, region_name="us-east-1").Bucket("photos").objects.delete()


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
