"""An S3-compatible store of this test run's own, on loopback."""

from contextlib import contextmanager

import boto3
import pytest
from moto.server import ThreadedMotoServer

KEYS = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_REGION": "us-east-1"}


@contextmanager
def s3_at(port: int = 0):
    """Serve S3 while the context lasts, and yield its URL; what it keeps outlives it, in this process."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    try:
        yield "http://{}:{}".format(*server.get_host_and_port())
    finally:
        server.stop()


@pytest.fixture(scope="session")
def s3_server():
    with s3_at() as url:
        yield url


@pytest.fixture
def bucket(s3_server, monkeypatch):
    """The URL of an empty bucket; the variables say where it is, as an operator's do."""
    set_variables(monkeypatch, s3_server)
    boto3.client("s3", endpoint_url=s3_server, region_name="us-east-1").create_bucket(Bucket="photos")
    yield "s3://photos/kept"
    boto3.resource("s3", endpoint_url=s3_server, region_name="us-east-1").Bucket("photos").objects.delete()


def set_variables(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Tell this process and its children where the store is."""
    for name, value in {**KEYS, "AWS_ENDPOINT_URL": url, "AWS_ALLOW_HTTP": "true"}.items():
        monkeypatch.setenv(name, value)
