"""A real browser on the page of a real server: our own network, and a second one with generated weights."""

import hashlib
import json
import os
from pathlib import Path

import pytest
from onnx_files import zeruniverse_onnx
from serving import serve
from visit import CHROMIUM, Visit, launch

from colorizer.process.resources import resource_folder

UPLOAD_MB = 1  # a limit other than the default shows that the page asks for it


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM.exists():
        if "CI" in os.environ:
            pytest.fail("CI must install Chromium")
        pytest.skip("there is no /usr/bin/chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory, browser):
    folder = tmp_path_factory.mktemp("browser")
    _install_second_network(folder / "models")
    variables = {"COLORIZER_MODELS_DIR": str(folder / "models"), "COLORIZER_MAX_UPLOAD_MB": str(UPLOAD_MB)}
    with serve(folder, **variables) as server:
        yield server


def _install_second_network(models_dir: Path) -> None:
    models_dir.mkdir()
    document = json.loads((resource_folder("models") / "manifest.json").read_text())
    network = next(entry for entry in document["networks"] if entry["name"] == "zeruniverse")
    data = zeruniverse_onnx(channels=16)
    (models_dir / network["file"]).write_bytes(data)
    network.update(sha256=hashlib.sha256(data).hexdigest(), bytes=len(data))
    (models_dir / "manifest.json").write_text(json.dumps(document))


@pytest.fixture
def new_visit(browser, server):
    """Start a visit with options of the browser's context, such as color_scheme."""
    visits = []

    def start(**options):
        visits.append(Visit(browser, server, **options))
        return visits[-1]

    yield start
    for visit in visits:
        visit.close()


@pytest.fixture
def visit(new_visit):
    return new_visit().open()


@pytest.fixture
def colored(visit):
    """A visit with a coloured photo on the page."""
    visit.choose_example()
    visit.colorize()
    return visit
