"""The real server against its own description, by Schemathesis with all its default checks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from serving import ROOT, serve

EXAMPLES = "40"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("server")) as server:
        yield server


def test_the_server_does_as_it_says(server, tmp_path):
    schemathesis = Path(sys.executable).with_name("schemathesis")
    address = f"http://127.0.0.1:{server.port}/openapi.json"
    done = subprocess.run(
        [schemathesis, "run", address, "--max-examples", EXAMPLES, "--seed", "1"],
        cwd=tmp_path,
        env=os.environ | {"SCHEMATHESIS_HOOKS": "openapi_hooks", "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "8 selected / 8 total" in done.stdout
    assert "Internal error" not in server.log


def test_every_route_is_described(server):
    import app

    described = set(server.request("GET", "/openapi.json").json["paths"])
    routes = {rule.rule for rule in app.app.url_map.iter_rules()}
    assert described == routes - {"/", "/faq", "/about", "/openapi.json", "/static/<asked>/<path:name>"}
