"""How a server process starts: `app.py` of a checkout and `image-colorizer serve` both begin here."""

import os
import sys

from flask import Flask

from colorizer.errors import ColorizerError
from colorizer.http.application import create_app
from colorizer.process.logs import set_up_logs
from colorizer.process.own import set_up_process
from colorizer.settings import Settings

LOAD_FAILED = 4  # gunicorn's own status for an app that does not load; any other makes it try again for ever


def start() -> Flask:
    """Return the service, its default strategy loaded and verified, with the settings of the environment.

    Where that fails it prints one sentence and exits: a server that cannot colour must not look alive.
    """
    set_up_process()
    try:
        settings = Settings.from_env(os.environ)
        set_up_logs(settings.log_format)
        return create_app(settings)
    except ColorizerError as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(LOAD_FAILED) from error
