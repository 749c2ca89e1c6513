"""A web process that is killed while it starts a job: `python mortal_service.py noting`, or `answering`."""

import os
import signal
import sys

from serving import gray_photo

from colorizer.http.application import create_app
from colorizer.jobs.notices import Notices
from colorizer.jobs.queue import JobQueue
from colorizer.settings import Settings

submit = JobQueue.submit


def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)


def submit_and_die(*arguments):
    submit(*arguments)
    die()


if sys.argv[1] == "noting":
    JobQueue.submit = submit_and_die  # what was written is not committed yet
else:
    Notices.add = die  # the next thing that a service does
client = create_app(Settings.from_env(os.environ)).test_client()
client.post("/api/v1/jobs", data=gray_photo(), content_type="image/jpeg")
