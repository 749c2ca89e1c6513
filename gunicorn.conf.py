"""How gunicorn serves the page and the API. It finds this file by itself where it starts in this folder.

PORT is read here; all else comes from the COLORIZER_* variables and WEB_CONCURRENCY (docs/configuration.md).
"""

import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from colorizer.errors import SettingsError
from colorizer.process.descriptors import allow_open_files
from colorizer.process.logs import JSON
from colorizer.process.memory_limit import available_memory
from colorizer.process.own_folder import make_own_folder
from colorizer.settings import MEBIBYTE, Settings

MEMORY_A_PROCESS = 512 * MEBIBYTE  # of the largest strategy, with two large photos and a few uploads
CONNECTIONS = 2000  # in each process
COUNTS = "PROMETHEUS_MULTIPROC_DIR"
OTHER_FILES = 100  # that a process has open beside its connections


def heartbeat_folder():
    """Return where the empty, nameless files can be that workers show with that they live (None: TMPDIR)."""
    for folder in ("/dev/shm", None):
        try:
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:
            continue
        return folder
    return sys.exit("There is no place for gunicorn's heartbeat. Mount /dev/shm, or set TMPDIR.")


try:
    # gunicorn makes a number of WEB_CONCURRENCY before it reads this file: the Procfile renames it.
    renamed = {"WEB_CONCURRENCY": os.environ["WEB_PROCESSES"]} if "WEB_PROCESSES" in os.environ else {}
    settings = Settings.from_env({**os.environ, **renamed})
except SettingsError as error:
    sys.exit(str(error))

bind = f"127.0.0.1:{os.environ.get('PORT') or 5000}"
# Two, so that a photo that kills its process takes only the photos beside it along.
processes = settings.processes or (2 if available_memory() >= 2 * MEMORY_A_PROCESS else 1)
workers = 1  # to begin with: where the app does not load, one process says so, not each of them
worker_class = "colorizer.http.worker.PollingWorker"
# Slow clients may hold every place for uploads; the other threads answer everyone else, and say 503 in time.
threads = settings.uploads_at_once + 64
worker_connections = allow_open_files(CONNECTIONS + OTHER_FILES) - OTHER_FILES
worker_tmp_dir = heartbeat_folder()
timeout = 25  # seconds until a hung process is replaced; Heroku gives up after 30
graceful_timeout = 25  # seconds for the photos under way after SIGTERM
keepalive = 5
if settings.log_format == JSON:
    logger_class = "colorizer.http.server_log.JsonLogger"
forwarded_allow_ips = ""  # what proxies say is believed as COLORIZER_PROXIES has it (http/proxies.py)
sendfile = False  # it would pass by what our worker keeps of an answer for slow clients
limit_request_line = 8190  # hints may stand in the query
control_socket_disable = True  # it would lie in the home folder
# No preload_app: the threads of OpenCV and ONNX Runtime do not survive a fork.


def on_starting(server):
    """Give the counts of all processes a folder in memory, where prometheus_client will look for it."""
    if settings.metrics:
        parent = Path(worker_tmp_dir or tempfile.gettempdir())
        os.environ[COUNTS] = str(make_own_folder(parent, "image-colorizer-"))


def on_exit(server):
    """Leave no counts behind."""
    if settings.metrics:
        shutil.rmtree(os.environ[COUNTS], ignore_errors=True)


def child_exit(server, worker):
    """Let a process that has gone hold no places and no memory in the counts."""
    if settings.metrics:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)


def pre_fork(server, worker):
    """Note whether another process is to follow this one."""
    worker.has_successor = server.num_workers < processes


def post_worker_init(worker):
    """Let the next process start, now that this one has loaded the app."""
    if worker.has_successor:
        os.kill(worker.ppid, signal.SIGTTIN)


def on_reload(server):
    """Tell the workers that have to go that others let new connections in (SIGHUP)."""
    server.kill_workers(signal.SIGWINCH)
