"""The real server against its own description, by Schemathesis with all its default checks."""

import os
import re
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest
from serving import ROOT, serve

from colorizer.http.application import create_app
from colorizer.settings import Settings

CONFIG = Path(__file__).with_name("schemathesis.toml")
ARGUMENTS = (
    "--max-examples",
    "20",
    "--seed",
    "1",
    "--request-timeout",
    "60",
    "--header",
    "Authorization: Bearer sesame",
)
TOKEN = "sesame"  # one owner sends all requests, so that they find what others have made


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("server")
    environ = {
        "COLORIZER_STORE_URL": f"file://{folder}/kept",
        "COLORIZER_TOKENS": f"anna:{sha256(TOKEN.encode()).hexdigest()}",
    }
    with serve(folder, **environ) as server:
        yield server


def test_the_server_does_as_it_says(server, tmp_path):
    schemathesis = Path(sys.executable).with_name("schemathesis")
    address = f"http://127.0.0.1:{server.port}/openapi.json"
    done = subprocess.run(
        [schemathesis, "--config-file", CONFIG, "run", address, *ARGUMENTS],
        cwd=tmp_path,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "openapi_hooks", "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "23 selected / 23 total" in done.stdout
    assert "Internal error" not in server.log


def test_every_route_is_described_with_a_store_and_without(tmp_path):
    page = {"/", "/faq", "/about", "/openapi.json", "/static/<asked>/<path:name>"}
    for settings in (
        Settings("colornet"),
        Settings("colornet", store_url=f"file://{tmp_path}"),
        Settings("colornet", metrics=True),
    ):
        app = create_app(settings)
        paths = app.test_client().get("/openapi.json").json["paths"]
        described = {re.sub(r"(?<=\}/)\w+$", "<name>", path).replace("{id}", "<id>") for path in paths}
        assert described == {rule.rule for rule in app.url_map.iter_rules()} - page
