"""How gunicorn serves app:app. It finds this file by itself where it starts in this folder.

PORT is read here, WEB_CONCURRENCY (the number of processes) by gunicorn itself; all else comes from the
COLORIZER_* variables (docs/configuration.md).
"""

import os
import signal
import sys

from colorizer.errors import SettingsError
from colorizer.settings import Settings

try:
    settings = Settings.from_env(os.environ)
except SettingsError as error:
    sys.exit(str(error))

bind = f"127.0.0.1:{os.environ.get('PORT') or 5000}"
worker_class = "gthread"
# Slow clients may hold every place for uploads; the other threads answer everyone else, and say 503 in time.
threads = settings.uploads_at_once + 64
timeout = 25  # seconds until a hung process is replaced; Heroku gives up after 30
graceful_timeout = 25  # seconds for the photos under way after SIGTERM
keepalive = 5
limit_request_line = 8190  # hints may stand in the query
control_socket_disable = True  # it would lie in the home folder
# No preload_app: the threads of OpenCV and ONNX Runtime do not survive a fork.


def post_worker_init(worker):
    """Let /readyz say 503 from the moment of SIGTERM, while the photos under way are finished."""

    def drain(number, frame):
        worker.wsgi.extensions["colorizer"].draining = True
        worker.handle_exit(number, frame)

    signal.signal(signal.SIGTERM, drain)
    signal.siginterrupt(signal.SIGTERM, False)
