"""Whoever asked for it is told of a job's end: by threads of the worker, until it has arrived, for a day."""

import logging
import threading
from datetime import UTC, datetime

from colorizer.errors import NoSuchJob, NoticeNotSent
from colorizer.jobs.mail import MailSender
from colorizer.jobs.notices import CALLBACK, EMAIL, Notice, Notices
from colorizer.jobs.records import Job, JobRecords
from colorizer.jobs.states import DONE, FAILED, FILM
from colorizer.jobs.webhook import WebhookSender
from colorizer.settings import Settings

LOOK_SECONDS = 2.0  # how often we look whether there is somebody to be told
THREADS = 2  # one slow receiver does not keep all others waiting

log = logging.getLogger("colorizer")


class Telling:
    """Sends the notices that are due."""

    def __init__(self, settings: Settings, records: JobRecords, notices: Notices) -> None:
        """settings: say how, and what of it is turned on."""
        self._records, self._notices, self._base = records, notices, settings.base_url
        secret, url = settings.webhook_secret, settings.smtp_url
        self._webhook = WebhookSender(secret, settings.webhook_allow) if secret else None
        self._mail = MailSender(url, settings.mail_from or "") if url else None

    def start(self) -> None:
        """Send what is due from now on, beside whatever else the process does, until it ends."""
        for _ in range(THREADS):
            threading.Thread(target=self._tell_for_ever, daemon=True).start()

    def tell_next(self) -> bool:
        """Send one notice that is due; returns whether there was one. Raises StoreUnavailable."""
        notice = self._notices.claim()
        if notice is None:
            return False
        try:
            self._send(notice, self._records.find(None, notice.job))
        except NoSuchJob:  # it expired: there is nothing to fetch any more
            pass
        except NoticeNotSent as error:
            log.warning("The notice of job %s was not sent: %s.", notice.job, error)
            if not self._notices.is_last(notice):
                return True
        self._notices.settle(notice)
        return True

    def _tell_for_ever(self) -> None:
        never = threading.Event()
        while True:
            try:
                while self.tell_next():
                    pass
            except Exception as error:  # the database may be away; an address gets into no log
                log.warning("Notices wait: %s", type(error).__name__)
            never.wait(LOOK_SECONDS)

    def _send(self, notice: Notice, job: Job) -> None:
        if notice.kind == CALLBACK and self._webhook:
            self._webhook.send(notice.target, job.id, _document(job))
        elif notice.kind == EMAIL and self._mail:
            self._mail.send(notice.target, job.id, *self._message(job))
        else:
            raise NoticeNotSent("this kind is turned off here")

    def _message(self, job: Job) -> tuple[str, str]:
        """Return an e-mail's subject and text."""
        address = f"{self._base}/api/v1/jobs/{job.id}"
        subject, text = _film_words(job, address) if job.kind == FILM else _photo_words(job, address)
        expires = datetime.fromtimestamp(job.expires, UTC)
        return subject, (
            f"{text}\n\n"
            f"All of it is kept until {expires:%Y-%m-%d %H:%M} UTC, and deleted then.\n\n"
            "You get this message, and no other, because you asked for it when you started the work.\n"
        )


def _photo_words(job: Job, address: str) -> tuple[str, str]:
    ready = f"{job.count(DONE)} of {len(job.photos)}"
    text = f"{ready} photos have been coloured.\n\nFetch them with your token, as a zip:\n{address}/result"
    return f"Your photos are ready: {ready}", text


def _film_words(job: Job, address: str) -> tuple[str, str]:
    if job.count(FAILED):
        return "Your film could not be coloured", f"Ask for the job with your token to learn why:\n{address}"
    return "Your film is ready", f"Your film has been coloured. Fetch it with your token:\n{address}/result"


def _document(job: Job) -> dict[str, object]:
    """Return what a webhook says of a job: numbers, and nothing of its photos."""
    finished = datetime.fromtimestamp(job.finished or 0, UTC).isoformat()
    counts = {"done": job.count(DONE), "failed": job.count(FAILED), "of": len(job.states)}
    return {"type": "job.finished", "timestamp": finished, "data": {"id": job.id, **counts}}
