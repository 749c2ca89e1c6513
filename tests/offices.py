"""A store with its jobs, as the service sees it, and real worker processes beside it."""

import os
import subprocess
import sys
import time
from pathlib import Path

from serving import ROOT

from colorizer.jobs.queue import JobQueue
from colorizer.jobs.records import JobRecords
from colorizer.settings import Settings
from colorizer.store.images import Owner
from colorizer.store.opening import open_store

ANNA = Owner("anna", 10**9)


class Office:
    """A store with jobs, as the service sees it, and the workers beside it."""

    def __init__(self, folder: Path, database_url: str | None, **environ: str) -> None:
        """environ: more variables for the service and its workers."""
        self.folder = folder
        self.environ = {
            "COLORIZER_STRATEGY": "colornet",
            "COLORIZER_STORE_URL": f"file://{folder}/kept",
            **({"DATABASE_URL": database_url} if database_url else {}),
            **environ,
        }
        self.settings = Settings.from_env(self.environ)
        self.store = open_store(self.settings)
        self.queue = JobQueue(self.store.database_url)
        self.records = JobRecords(self.store.engine, keep_seconds=3600, submit=self.queue.submit)
        self.workers: list[subprocess.Popen] = []
        self.held = folder / "held"

    def hire(self, *command: str) -> subprocess.Popen:
        """Start a worker process, of the command or of another program."""
        log = (self.folder / f"worker-{len(self.workers)}.log").open("wb")
        own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TMPDIR": str(self.folder)}
        environ = own | self.environ
        line = [sys.executable, *(command or ("-m", "colorizer", "worker"))]
        self.workers.append(subprocess.Popen(line, env=environ, stdout=log, stderr=log, cwd=ROOT))
        log.close()
        return self.workers[-1]

    def hire_patient(self) -> subprocess.Popen:
        """Start a worker that waits at a photo which is held."""
        return self.hire(str(ROOT / "tests/jobs/patient_worker.py"), str(self.held))

    def hold(self, photo: bytes = b"") -> None:
        """Keep work under way, on however fast a machine: who is patient waits at this photo until `let_go`.

        A patient film waits after each new piece.
        """
        self.held.write_bytes(photo)

    def let_go(self) -> None:
        self.held.unlink()

    def submit(self, photos: list[bytes]) -> str:
        """Keep photos and queue a job over them; returns its id."""
        images = [self.store.images.add(ANNA, {"original": photo}, {}).id for photo in photos]
        return self.records.add(ANNA, os.urandom(16).hex(), images, {"quota": ANNA.quota}, None)

    def submit_film(self, film: bytes, name: str = "film.mp4", **options) -> str:
        """Keep a film and queue a job over it; returns its id."""
        kept = self.store.images.add(ANNA, {"original": film}, {"kind": "film", "name": name})
        return self.submit_again(kept.id, **options)

    def submit_again(self, film: str, quota: int = ANNA.quota, **options) -> str:
        """Queue a job over a kept film; returns its id."""
        asked = {"strategy": None, "saturation": 1.0, "warmth": 0.0, "hints": [], **options, "quota": quota}
        return self.records.add_film(ANNA, os.urandom(16).hex(), film, asked, None)

    def kept_film(self, id: str):
        """What is kept of the film of a job."""
        return self.store.images.find(ANNA, self.job(id).film.film, "film")

    def job(self, id: str):
        return self.records.find(ANNA, id)

    def wait(self, condition, seconds: float = 60.0) -> None:
        """Wait until a condition holds."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, "\n".join(log.read_text() for log in self.folder.glob("*.log"))
            time.sleep(0.05)

    def wait_until_finished(self, *ids: str) -> None:
        self.wait(lambda: all(self.job(id).finished for id in ids))

    def close(self) -> None:
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.queue.close()
        self.store.engine.dispose()
