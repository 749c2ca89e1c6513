"""The process that works jobs off, as many of it as there are machines and cores for.

One job over photos at a time, one photo after the other, and beside it one film in a process of its own.
Whatever ends the process, another one (or this one, started again) takes its jobs over and goes on at the
first photo that is not settled, or after the last piece of the film.
"""

import logging
import threading
import uuid
from collections.abc import Callable
from typing import Any

from dbos import DBOS
from sqlalchemy import Engine

from colorizer.jobs.liveness import OwnLock, lock_of
from colorizer.jobs.queue import APPLICATION, QUEUES, VERSION, WORKFLOW, JobQueue, JsonSerializer

POLL_SECONDS = 0.2  # how often a worker looks for its next job
LOOK_AFTER_SECONDS = 3.0  # how often it looks after the jobs of the dead, and its own lost ones
END_SECONDS = 20  # for the photo at hand, when the process is told to stop

log = logging.getLogger("colorizer")


def work_off(queue: JobQueue, engine: Engine, work: Callable[[str], bool], stop: threading.Event) -> None:
    """Take jobs from the queue until `stop` is set.

    engine: of the store's database. work: is given a job's id, and returns whether nothing is left to do;
    else it is given the job again. It returns soon after `stop` is set.
    """
    worker = _Worker(queue, engine, work)
    with OwnLock(worker.name, engine) as lock:
        worker.launch()
        while not stop.wait(LOOK_AFTER_SECONDS):
            worker.look_after(lock)
        worker.end()


class _Unfinished(BaseException):
    """Leaves a job taken, for the next look to give it back; DBOS takes an Exception for the job's end."""


class _Worker:
    """One process's part of the queue."""

    def __init__(self, queue: JobQueue, engine: Engine, work: Callable[[str], bool]) -> None:
        self.name = uuid.uuid4().hex
        self._queue, self._engine, self._work = queue, engine, work
        self._running: set[str] = set()
        self._idle: set[str] = set()  # jobs that were ours at the last look, but not being worked on

    def launch(self) -> None:
        """Let DBOS hand us jobs, one of each kind at a time."""
        config: Any = {
            "name": APPLICATION,
            "system_database_url": self._queue.database_url,
            "executor_id": self.name,
            "application_version": VERSION,
            "serializer": JsonSerializer(),
            "log_level": "WARNING",
        }
        DBOS(config=config)
        DBOS.workflow(name=WORKFLOW)(_as_function(self._take))
        DBOS.launch()
        for queue in QUEUES.values():
            DBOS.register_queue(queue, worker_concurrency=1, polling_interval_sec=POLL_SECONDS)

    def look_after(self, lock: OwnLock) -> None:
        """Queue again the jobs of workers whose lock is free, and those of ours that we do not work on."""
        try:
            self._give_back_ours()
            if lock.renew():
                self._give_back_of_the_dead()
        except Exception as error:  # the database may be away; the next look is soon
            log.warning("The queue could not be looked after; we try again: %s", error)

    def end(self) -> None:
        """Stop taking jobs and queue again what is left of the present one."""
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=END_SECONDS)
        self._queue.give_back(self._queue.taken(self.name))

    def _take(self, id: str) -> None:
        self._running.add(id)
        try:
            if not self._work(id):
                raise _Unfinished
        except Exception as error:
            log.exception("Job %s was interrupted; it will go on.", id)
            raise _Unfinished from error
        finally:
            self._running.discard(id)

    def _give_back_of_the_dead(self) -> None:
        for other in {*self._queue.taken().values()} - {self.name}:
            with lock_of(other, self._engine) as dead:
                self._queue.give_back(self._queue.taken(other) if dead() else ())

    def _give_back_ours(self) -> None:
        """Two looks must agree: one may fall between taking a job and beginning it."""
        idle = set(self._queue.taken(self.name)) - self._running
        self._queue.give_back(idle & self._idle)
        self._idle = idle


def _as_function(method: Callable[[str], None]) -> Callable[[str], None]:
    """DBOS notes things on what it registers, and methods take no notes."""

    def take(id: str) -> None:
        method(id)

    return take
