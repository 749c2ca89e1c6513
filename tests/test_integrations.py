"""The scripts of docs/integrations.md, as they are typed there, against stand-ins of the libraries.

What the stand-ins take and answer is what the public API descriptions say (api.immich.app; PhotoPrism's
swagger), and they refuse what is not in them.
"""

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask import Flask, request
from machines import eventually
from photos import color_scene, encode, gray_scene
from PIL import Image
from werkzeug.serving import make_server

from colorizer.album.result_format import is_result

ROOT = Path(__file__).parents[1]
SCRIPTS = ROOT / "docs" / "integrations"
DOCUMENT = (ROOT / "docs" / "integrations.md").read_text(encoding="utf-8")
KEY, SECRET = "the key", "the secret"
TIMES = {"fileCreatedAt": "1921-05-01T12:00:00.000Z", "fileModifiedAt": "2026-01-01T00:00:00.000Z"}
REQUIRED = {"deviceAssetId", "deviceId", *TIMES}


class Served:
    """A Flask application on a port of its own, in a thread; a context."""

    def __init__(self, app: Flask) -> None:
        self._server = make_server("127.0.0.1", 0, app, threaded=True)
        self.url = f"http://127.0.0.1:{self._server.port}"

    def __enter__(self) -> "Served":
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class ImmichStandIn:
    """As much of Immich as the script asks for; each upload calls the webhook, as a workflow does."""

    def __init__(self, webhook: str) -> None:
        self.assets: dict[str, dict] = {}
        self.files: dict[str, bytes] = {}
        self.stacks: list[list[str]] = []
        self.refusals = 0  # so many requests are answered with 503
        self._webhook = webhook

    def app(self) -> Flask:
        app = Flask("immich")
        app.before_request(self._check)
        app.add_url_rule("/api/assets", view_func=self._upload, methods=["POST"])
        app.add_url_rule("/api/assets/<id>", view_func=self._asset)
        app.add_url_rule("/api/assets/<id>/original", view_func=self._original)
        app.add_url_rule("/api/stacks", view_func=self._stack, methods=["POST"])
        return app

    def keep(self, name: str, data: bytes, **facts: str) -> str:
        id = str(uuid4())
        self.files[id] = data
        self.assets[id] = {"id": id, "type": "IMAGE", "originalFileName": name, **TIMES, **facts}
        return id

    def call_webhook(self, id: str, secret: str = SECRET) -> int:
        event = {"type": "AssetV1", "trigger": "AssetCreate", "data": {"asset": self.assets[id]}}
        headers = {"Content-Type": "application/json", "X-Webhook-Secret": secret}
        asked = urllib.request.Request(self._webhook, json.dumps(event).encode(), headers)
        try:
            with urllib.request.urlopen(asked) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            with error:
                return error.code

    def _check(self):
        if self.refusals:
            self.refusals -= 1
            return {"message": "Starting"}, 503
        return None if request.headers.get("x-api-key") == KEY else ({"message": "Invalid API key"}, 401)

    def _asset(self, id: str) -> dict:
        return self.assets[id]

    def _original(self, id: str) -> bytes:
        return self.files[id]

    def _upload(self):
        assert set(request.form) >= REQUIRED, request.form
        file = request.files["assetData"]
        data = file.read()
        digest = hashlib.sha1(data).digest()
        for id, known in self.files.items():
            if hashlib.sha1(known).digest() == digest:
                return {"id": id, "status": "duplicate"}, 200
        id = self.keep(file.filename, data, **{name: request.form[name] for name in TIMES})
        threading.Thread(target=self.call_webhook, args=(id,)).start()
        return {"id": id, "status": "created"}, 201

    def _stack(self):
        ids = request.get_json()["assetIds"]
        assert len(ids) >= 2
        assert all(UUID(id) for id in ids)
        self.stacks.append(ids)
        return {"id": str(uuid4()), "primaryAssetId": ids[0]}, 201


@pytest.fixture(scope="module")
def immich(tmp_path_factory):
    """The stand-in, and the service that docs/integrations.md starts beside it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (command,) = re.findall(r"^gunicorn (.+)$", DOCUMENT, re.MULTILINE)
    stand_in = ImmichStandIn(f"http://127.0.0.1:{port}/webhook")
    log = tmp_path_factory.mktemp("immich") / "log"
    with Served(stand_in.app()) as served, log.open("wb") as file:
        variables = {"IMMICH_URL": served.url, "IMMICH_API_KEY": KEY, "WEBHOOK_SECRET": SECRET}
        line = f"exec {sys.executable} -m gunicorn {command.replace('0.0.0.0:8090', f'127.0.0.1:{port}')}"
        environment = {**os.environ, **variables, "PYTHONPATH": str(ROOT), "COLORIZER_STRATEGY": "colornet"}
        service = subprocess.Popen(
            ["bash", "-c", line], cwd=SCRIPTS, env=environment, stdout=file, stderr=file
        )
        eventually(lambda: b"Listening at" in log.read_bytes(), "the service did not start")
        yield stand_in
        service.terminate()
        assert service.wait(30) == 0
    assert b"Traceback" not in log.read_bytes(), log.read_text()


def test_an_upload_to_immich_is_colored_and_stacked_once(immich):
    id = immich.keep("grandma.jpg", encode(gray_scene(300, 200), "JPEG"))
    immich.refusals = 2
    assert immich.call_webhook(id) == 202
    stack = eventually(lambda: next((ids for ids in immich.stacks if ids[0] == id), None), "no stack")
    _, colored = stack
    assert immich.assets[colored]["originalFileName"] == "grandma-colorized.jpg"
    assert immich.assets[colored]["fileCreatedAt"] == TIMES["fileCreatedAt"]
    assert is_result(immich.files[colored])
    assert immich.call_webhook(id) == 202
    eventually(lambda: immich.stacks.count(stack) == 2, "the second time was not answered")
    assert len(immich.assets) == 2


def test_what_is_no_black_and_white_photo_stays_as_it_is(immich):
    before = len(immich.stacks)
    colored = immich.keep("garden.jpg", encode(color_scene(), "JPEG"))
    for id in (colored, immich.keep("bad.jpg", b"no photo"), immich.keep("film.mp4", b"", type="VIDEO")):
        assert immich.call_webhook(id) == 202
    last = immich.keep("last.jpg", encode(gray_scene(), "JPEG"))
    assert immich.call_webhook(last) == 202
    eventually(lambda: len(immich.stacks) > before, "it stopped at one of them")
    assert [ids[0] for ids in immich.stacks[before:]] == [last]


def test_who_does_not_know_the_secret_is_not_heard(immich):
    id = immich.keep("grandpa.jpg", encode(gray_scene(), "PNG"))
    assert immich.call_webhook(id, "guessed") == 401
    assert not [ids for ids in immich.stacks if ids[0] == id]


def test_the_workflow_in_the_document_calls_what_the_script_hears(immich):
    (workflow,) = re.findall(r"^```json\n(.+?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    *_, step = json.loads(workflow)["steps"]
    assert step["config"]["url"].endswith("/webhook")
    assert step["config"]["headerName"] in (SCRIPTS / "immich.py").read_text(encoding="utf-8")


@pytest.fixture
def photoprism():
    """The stand-in's address, and which files it found whenever it was asked to index."""
    asked: list[dict] = []
    app = Flask("photoprism")

    @app.post("/api/v1/index")
    def index():
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return {"error": "Unauthorized"}, 401
        asked.append(request.get_json())
        return {"code": 200, "message": "Indexing completed"}

    with Served(app) as served:
        yield served.url, asked


def test_photoprisms_originals_are_watched_and_indexed(photoprism, tmp_path):
    url, asked = photoprism
    originals = tmp_path / "originals"
    originals.mkdir()
    variables = {"PHOTOPRISM_URL": url, "PHOTOPRISM_TOKEN": KEY, "QUIET_SECONDS": "1"}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    command = [sys.executable, SCRIPTS / "photoprism.py", originals]
    script = subprocess.Popen(command, env={**os.environ, **variables, "PATH": path})
    try:
        Image.fromarray(gray_scene()).save(originals / "grandma.jpg")
        eventually(lambda: asked, "PhotoPrism was not asked to index")
        names = {"grandma.jpg", "grandma_edited.jpg", "grandma_edited.xmp"}
        assert {path.name for path in originals.iterdir()} == names
        assert asked == [{"path": "/", "rescan": False}]
    finally:
        script.send_signal(signal.SIGTERM)
        assert script.wait(60) == 0
