"""How a server process starts: `app.py` of a checkout and `image-colorizer serve` both begin here."""

import logging
import os
import sys

from flask import Flask
from flask.logging import default_handler

from colorizer.errors import ColorizerError
from colorizer.http.application import create_app
from colorizer.process.own import set_up_process
from colorizer.settings import Settings

LOAD_FAILED = 4  # gunicorn's own status for an app that does not load; any other makes it try again for ever

log = logging.getLogger("colorizer")


def start() -> Flask:
    """Return the service, its default strategy loaded and verified, with the settings of the environment.

    Where that fails it prints one sentence and exits: a server that cannot colour must not look alive.
    """
    set_up_process()
    log.addHandler(default_handler)
    log.setLevel(logging.INFO)
    try:
        return create_app(Settings.from_env(os.environ))
    except ColorizerError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(LOAD_FAILED) from error
