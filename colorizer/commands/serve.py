"""image-colorizer serve: the page and the HTTP API, through gunicorn, and a worker where there are jobs."""

import argparse
import errno
import os
import socket
import subprocess
import sys

from colorizer.errors import BadField
from colorizer.process.resources import PACKAGE, resource_file
from colorizer.settings import Settings, with_absolute_paths

DEFAULT_PORT = "5000"
APP = "colorizer.http.start:start()"
KEEPER = "colorizer.jobs.keeper"


def run(options: argparse.Namespace) -> int:
    """Become gunicorn; raises SettingsError or BadField before that where it could not work."""
    settings = Settings.from_env(os.environ)
    port = _port(options)
    _check_address(options.host, port)
    _go_to_package()
    if settings.processes is None:
        os.environ.pop("WEB_CONCURRENCY", None)  # gunicorn would take an empty one for a number
    if settings.store_url and options.worker:
        subprocess.Popen([sys.executable, "-m", KEEPER, settings.log_format])  # ends when gunicorn does
    config = ["--config", str(resource_file("gunicorn.conf.py"))]
    listen = ["--bind", f"{options.host}:{port}"]
    os.execv(sys.executable, [sys.executable, "-m", "gunicorn", *config, *listen, APP])


def _go_to_package() -> None:
    """Let `colorizer` mean ours: gunicorn looks into the current folder first, which may have another."""
    os.environ.update(with_absolute_paths(os.environ))
    os.chdir(PACKAGE.parent)


def _port(options: argparse.Namespace) -> int:
    text = str(options.port) if options.port is not None else os.environ.get("PORT") or DEFAULT_PORT
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise BadField(f"The port must be a number from 1 to 65535, not {text!r}.")
    return int(text)


def _check_address(host: str, port: int) -> None:
    """Raise BadField where the address cannot be listened on; gunicorn would retry and say less."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
    except OSError as error:
        raise BadField(_sentence(host, port, error)) from error


def _sentence(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken (macOS keeps 5000 for AirPlay). Choose another, as PORT={port + 1}."
    return f"We cannot listen on {host}:{port}: {error.strerror}."
