"""The queue that jobs wait in: a thin skin over DBOS, so that it can be changed cheaply.

DBOS keeps its queue in tables of the store's own database, an SQLite file or PostgreSQL. Three things it
leaves to us (`worker`, `liveness`): each worker needs a name of its own; the jobs of a dead worker are given
back by whoever gets its lock; and so are those that a living worker lost.

Each kind of jobs has a queue of its own: photos, which take seconds, never wait for films.
"""

import json
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from dbos import DBOS, DBOSClient, Serializer
from sqlalchemy import Connection

from colorizer.jobs.states import FILM, PHOTOS
from colorizer.store.database import translated

APPLICATION, WORKFLOW = "image-colorizer", "colorizer-job"
QUEUES = {PHOTOS: "colorizer-jobs", FILM: "colorizer-films"}
VERSION = "1"  # of what a queued job means; DBOS would else orphan the jobs of an older program
PENDING = "PENDING"  # DBOS's words: for a job that a worker has taken,
ENDED = [
    "SUCCESS",
    "ERROR",
    "CANCELLED",
    "MAX_RECOVERY_ATTEMPTS_EXCEEDED",
]  # and for those that nobody will take
SWEPT_AT_ONCE = 1000


class JsonSerializer(Serializer):
    """Ids are all that is written; nobody who can write to the database may make us unpickle code."""

    def serialize(self, data: Any) -> str:
        """Return JSON; what JSON does not know, as an exception, by its name only."""
        return json.dumps(data, default=lambda value: type(value).__name__)

    def deserialize(self, serialized_data: str) -> Any:
        """Return what `serialize` was given."""
        return json.loads(serialized_data)

    def name(self) -> str:
        """Return the name under which DBOS notes how a row was written."""
        return "json"


class JobQueue:
    """What the service and the worker need of the queue: to submit, to cancel, to ask for a place in it.

    Each method raises StoreUnavailable where the database does not answer.
    """

    def __init__(self, database_url: str) -> None:
        """database_url: as the store's; the queue's tables are made where they are missing."""
        self.database_url = database_url
        with translated():
            DBOS.migrate(database_url)
            self._client = DBOSClient(
                system_database_url=database_url,
                serializer=JsonSerializer(),
                retry_connection_errors=False,  # a request is answered 503 instead of waiting
            )

    @translated()
    def submit(self, connection: Connection, id: str, kind: str) -> None:
        """Queue a job of a kind under its id, as a part of a transaction on the store's database."""
        queue = QUEUES[kind]
        self._client.enqueue_in_transaction(
            connection,
            {"workflow_name": WORKFLOW, "queue_name": queue, "workflow_id": id, "app_version": VERSION},
            id,
        )

    @translated()
    def place(self, id: str) -> int | None:
        """Return how many jobs of its kind wait before this one, or None where it waits no longer."""
        for queue in QUEUES.values():
            waiting = self._client.list_queued_workflows(
                queue_name=queue, status="ENQUEUED", load_input=False
            )
            for place, job in enumerate(waiting):
                if job.workflow_id == id:
                    return place
        return None

    @translated()
    def cancel(self, id: str) -> None:
        """Take a job out of the queue; one that is under way ends after its present step."""
        self._client.cancel_workflow(id)

    @translated()
    def taken(self, executor: str | None = None) -> dict[str, str]:
        """Return {job: worker} of the jobs that workers, or one of them, have taken and not finished."""
        found = self._client.list_workflows(
            status=PENDING, executor_id=executor, load_input=False, load_output=False
        )
        return {job.workflow_id: str(job.executor_id) for job in found}

    @translated()
    def give_back(self, ids: Iterable[str]) -> None:
        """Queue again what nobody works on any more; what somebody does work on would be done twice."""
        if ids := list(ids):
            found = self._client.list_workflows(workflow_ids=ids, load_input=False, load_output=False)
            for queue in {str(job.queue_name) for job in found}:
                some = [job.workflow_id for job in found if job.queue_name == queue]
                self._client.resume_workflows(some, queue_name=queue)

    @translated()
    def sweep(self, seconds: float) -> None:
        """Forget the jobs that have ended, and came longer ago than so many seconds."""
        before = datetime.fromtimestamp(time.time() - seconds, UTC).isoformat()
        found = self._client.list_workflows(
            status=ENDED, end_time=before, limit=SWEPT_AT_ONCE, load_input=False, load_output=False
        )
        self._client.delete_workflows([job.workflow_id for job in found])

    def close(self) -> None:
        """Let go of the database's connections."""
        self._client.destroy()
