"""image-colorizer worker: works off the jobs of the service, and lets what has expired go."""

import argparse
import logging
import os
import signal
import threading
from collections.abc import Callable
from functools import partial

from colorizer.errors import ColorizerError, SettingsError
from colorizer.jobs.coloring import JobColoring, Kind
from colorizer.jobs.films import Conditions, FilmWork
from colorizer.jobs.liveness import sweep_locks
from colorizer.jobs.notices import Notices
from colorizer.jobs.photos import PhotoWork
from colorizer.jobs.queue import JobQueue
from colorizer.jobs.records import JobRecords
from colorizer.jobs.states import FILM, PHOTOS
from colorizer.jobs.worker import work_off
from colorizer.networks import Networks
from colorizer.photo.limits import Limits
from colorizer.process.courtesy import give_way
from colorizer.process.logs import set_up_logs
from colorizer.process.own import set_up_process
from colorizer.settings import Settings
from colorizer.store.expiry import Expiry
from colorizer.store.opening import open_store

SWEEP_SECONDS = 60.0
PLAIN_VARIABLES = ("HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PATH", "TMPDIR", "TZ", "XDG_DATA_HOME")
POLITENESS = 10  # photos over HTTP, which somebody waits for, come first

log = logging.getLogger("colorizer")


def run(options: argparse.Namespace) -> int:
    """Work until SIGTERM or Ctrl-C; raises SettingsError where no store is set."""
    settings = Settings.from_env(os.environ)
    if settings.store_url is None:
        raise SettingsError("COLORIZER_STORE_URL is unset: without a store there are no jobs to work off.")
    set_up_process()
    set_up_logs(settings.log_format)
    give_way(POLITENESS)
    store = open_store(settings)
    notices, queue = Notices(store.engine), JobQueue(store.database_url)
    records = JobRecords(store.engine, keep_seconds=store.keep_seconds, submit=queue.submit)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    sweeps = (
        Expiry(store.images).sweep,
        records.sweep,
        notices.sweep,
        partial(queue.sweep, store.keep_seconds),
        partial(sweep_locks, store.engine),
    )
    threading.Thread(target=_sweep_for_ever, args=sweeps, daemon=True).start()
    _tell(settings, records, notices)
    networks = Networks(settings, Limits(settings.max_upload_bytes, settings.max_pixels))
    conditions = Conditions(settings, networks.name_of, _plain_environ())
    kinds: dict[str, Kind] = {
        PHOTOS: PhotoWork(records, store.images, networks.colorizer, stop),
        FILM: FilmWork(records, store, conditions, stop),
    }
    coloring = JobColoring(records, kinds, stop)
    work_off(queue, store.engine, coloring.work, stop)
    queue.close()
    return 0


def _plain_environ() -> dict[str, str]:
    """Return what a film's process may know of ours: no settings, and no secret."""
    return {name: os.environ[name] for name in PLAIN_VARIABLES if name in os.environ}


def _tell(settings: Settings, records: JobRecords, notices: Notices) -> None:
    """Tell of jobs' ends where that is turned on; only there its packages cost memory."""
    if settings.webhook_secret or settings.smtp_url:
        from colorizer.jobs.telling import Telling

        Telling(settings, records, notices).start()


def _sweep_for_ever(*sweeps: Callable[[], None]) -> None:
    never = threading.Event()
    while not never.wait(SWEEP_SECONDS):
        try:
            for sweep in sweeps:
                sweep()
        except ColorizerError as error:
            log.warning("What has expired could not be deleted: %s", error)
