"""Colours what arrives in PhotoPrism's originals, and has PhotoPrism index the results.

PHOTOPRISM_URL=http://photoprism:2342 PHOTOPRISM_TOKEN=... python docs/integrations/photoprism.py FOLDER

docs/integrations.md says how to set it up. The token is an app password, and what is asked is as PhotoPrism's
API description has it: POST /api/v1/index.
"""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from queue import Empty, SimpleQueue
from threading import Thread

import requests

WATCH = ["image-colorizer", "watch", "--name-suffix", "_edited", "--sidecar", "--json"]
QUIET_SECONDS = float(os.environ.get("QUIET_SECONDS", "10"))  # after the last photo of several
SECONDS = 600  # for PhotoPrism to have indexed

log = logging.getLogger("photoprism")


def main(folder: str) -> int:
    """Watch until SIGTERM or Ctrl-C; returns the exit status of `image-colorizer watch`."""
    logging.basicConfig(level=logging.INFO)
    watch = subprocess.Popen([*WATCH, folder], stdout=subprocess.PIPE, text=True)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: watch.terminate())
    lines: SimpleQueue[str] = SimpleQueue()
    Thread(target=forward, args=(watch.stdout, lines), daemon=True).start()
    while line := lines.get():
        if json.loads(line)["state"] == "colorized":
            await_quiet(lines)
            index()
    return watch.wait()


def forward(stream: Iterable[str], lines: "SimpleQueue[str]") -> None:
    """Hand on line by line, and at the end an empty one."""
    for line in stream:
        lines.put(line)
    lines.put("")


def await_quiet(lines: "SimpleQueue[str]") -> None:
    """Return once nothing has been coloured for some seconds."""
    while True:
        try:
            line = lines.get(timeout=QUIET_SECONDS)
        except Empty:
            return
        if not line:  # the end, for whoever reads next
            lines.put(line)
            return


def index() -> None:
    """Have PhotoPrism look for new files; where that fails, the next time finds these too."""
    url, token = os.environ["PHOTOPRISM_URL"], os.environ["PHOTOPRISM_TOKEN"]
    try:
        answer = requests.post(
            f"{url.rstrip('/')}/api/v1/index",
            json={"path": "/", "rescan": False},
            headers={"Authorization": f"Bearer {token}"},
            timeout=SECONDS,
        )
        answer.raise_for_status()
    except requests.RequestException as error:
        log.warning("PhotoPrism did not index: %s", error)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
