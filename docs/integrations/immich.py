"""Colours what arrives in Immich: its webhook comes in, the result goes up, and both become one stack.

IMMICH_URL=http://immich:2283 IMMICH_API_KEY=... WEBHOOK_SECRET=... \\
    gunicorn --bind 0.0.0.0:8090 --workers 1 --threads 4 'immich:create_app()'

docs/integrations.md says how to set it up; what is asked of Immich is as https://api.immich.app describes it.
"""

import hmac
import logging
import os
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any

import requests
from flask import Flask, request
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from image_colorizer import ColorizerError, ImageColorizer

MARK = "-colorized"  # in the names of results, by which they are not taken for photos
SECRET_HEADER = "X-Webhook-Secret"
SECONDS = 60  # for Immich to answer
PATIENCE = Retry(8, backoff_factor=0.5, status_forcelist=[429, 502, 503, 504], allowed_methods=None)

log = logging.getLogger(__name__)


class Immich:
    """An Immich server, by what it is asked for here."""

    def __init__(self, url: str, key: str) -> None:
        self._url = f"{url.rstrip('/')}/api"
        self._session = requests.Session()
        self._session.headers["x-api-key"] = key
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=PATIENCE))

    def asset(self, id: str) -> dict[str, Any]:
        """Return what is known of a photo or film (permission asset.read)."""
        return self._ask("GET", f"/assets/{id}").json()

    def original(self, id: str) -> bytes:
        """Return the file (permission asset.download)."""
        return self._ask("GET", f"/assets/{id}/original").content

    def upload(self, name: str, data: bytes, media_type: str, times: dict[str, str]) -> str:
        """Upload a file, and return its id, or the id of the same bytes there (permission asset.upload)."""
        fields = {"deviceAssetId": name, "deviceId": "image-colorizer", "filename": name, **times}
        return self._ask(
            "POST", "/assets", data=fields, files={"assetData": (name, data, media_type)}
        ).json()["id"]

    def stack(self, *ids: str) -> None:
        """Show these as one, the first on top (permission stack.create)."""
        self._ask("POST", "/stacks", json={"assetIds": ids})

    def _ask(self, method: str, path: str, **what: Any) -> requests.Response:
        answer = self._session.request(method, self._url + path, timeout=SECONDS, **what)
        answer.raise_for_status()
        return answer


def color(immich: Immich, colorizer: ImageColorizer, id: str) -> None:
    """Colour a photo of Immich where it is black and white; again is no harm, the bytes are the same."""
    asset = immich.asset(id)
    name = Path(asset["originalFileName"])
    if asset["type"] != "IMAGE" or MARK in name.stem:
        return
    result = colorizer.colorize(immich.original(id))
    if result.already_colored:
        log.info("%s is in colour.", name)
        return
    times = {field: asset[field] for field in ("fileCreatedAt", "fileModifiedAt")}
    colored = immich.upload(f"{name.stem}{MARK}.jpg", result.data, result.media_type, times)
    immich.stack(id, colored)  # the other way round, the result is on top
    log.info("%s is coloured.", name)


def create_app() -> Flask:
    """Return the service that Immich's webhook calls; one photo is coloured at a time."""
    logging.basicConfig(level=logging.INFO)
    immich = Immich(os.environ["IMMICH_URL"], os.environ["IMMICH_API_KEY"])
    secret, waiting = os.environ["WEBHOOK_SECRET"], SimpleQueue()
    Thread(target=color_for_ever, args=(immich, waiting), daemon=True).start()
    app = Flask(__name__)

    @app.post("/webhook")
    def hear() -> tuple[str, int]:
        if not hmac.compare_digest(request.headers.get(SECRET_HEADER, ""), secret):
            return "The secret is another one.\n", 401
        waiting.put(request.get_json()["data"]["asset"]["id"])
        return "", 202

    return app


def color_for_ever(immich: Immich, waiting: "SimpleQueue[str]") -> None:
    """Colour one photo after the other; one that fails is told in the log."""
    colorizer = ImageColorizer()
    while id := waiting.get():
        try:
            color(immich, colorizer, id)
        except (ColorizerError, requests.RequestException) as error:
            log.warning("%s is not coloured: %s", id, error)
