"""Where images are kept and jobs are noted, as the service sees it: nothing of it exists without a store."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from colorizer.http.notices import offered
from colorizer.http.options import parse_colorize_options
from colorizer.http.owners import Owners
from colorizer.jobs.notices import Notices
from colorizer.jobs.queue import JobQueue
from colorizer.jobs.records import JobRecords
from colorizer.options import FORMATS, quality_for
from colorizer.settings import Settings
from colorizer.store.opening import open_store


class Office:
    """One per process. images: of all owners; owners: tells them apart; records, queue, notices: of jobs;
    telling: the fields that say who is told of their end.
    """

    def __init__(self, settings: Settings) -> None:
        """Open what COLORIZER_STORE_URL and DATABASE_URL name; raises SettingsError or StoreUnavailable."""
        store = open_store(settings)
        self.images = store.images
        self.owners = Owners(settings.tokens, settings.owner_quota_bytes)
        self.queue = JobQueue(store.database_url)
        self.records = JobRecords(store.engine, keep_seconds=store.keep_seconds, submit=self.queue.submit)
        self.notices = Notices(store.engine)
        self.telling = offered(settings)


def kept_options(fields: Mapping[str, str]) -> dict[str, Any]:
    """Check the fields of /colorize; returns what `colorize` takes, and `strategy`, as JSON holds them.

    Raises BadField or BadHints.
    """
    options = parse_colorize_options(fields)
    return {
        "strategy": options.strategy,
        "format": options.format or FORMATS[0],
        "quality": quality_for(options.format, options.quality),
        "saturation": options.saturation,
        "warmth": options.warmth,
        "turn": options.turn,
        "hints": json.loads(fields.get("hints", "[]")),
    }


def time_text(seconds: float | None) -> str | None:
    """Return seconds since 1970 as RFC 3339 has them, as 2026-11-26T19:30:00Z."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
