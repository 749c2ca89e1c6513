"""What /metrics tells Prometheus, over all processes of the service; imported only where it is turned on.

Each process counts in files of its own, in the folder that gunicorn.conf.py makes; any of them adds all up.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import nan
from pathlib import Path
from resource import getpagesize
from typing import TYPE_CHECKING

from flask import Flask, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from colorizer.errors import StoreUnavailable
from colorizer.http.places import PhotoSlots
from colorizer.http.requests import Answered
from colorizer.http.service import Service

if TYPE_CHECKING:
    from colorizer.jobs.records import JobRecords

BOUNDS = (0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 25)  # seconds

REQUESTS = Counter("colorizer_requests", "Answers sent.", ["method", "route", "status"])
SECONDS = Histogram("colorizer_request_seconds", "From a head to its answer.", ["route"], buckets=BOUNDS)
STAGES = Histogram("colorizer_stage_seconds", "Stages of colouring a photo.", ["stage"], buckets=BOUNDS)
PLACES = Gauge(
    "colorizer_places_taken",
    "Requests that hold a body (upload), photos being coloured, photos waiting.",
    ["kind"],
    multiprocess_mode="livesum",
)
MEMORY = Gauge("colorizer_resident_bytes", "Memory of each process.", multiprocess_mode="liveall")


def add_metrics(app: Flask, service: Service, records: "JobRecords | None") -> Callable[[Answered], None]:
    """Add /metrics, and count places and stages from now on; returns what is to be told of each request.

    records: of jobs, which tell of workers too; None where there are none.
    """
    _watch(service)

    @app.get("/metrics")
    def show_metrics() -> Response:
        return Response(_exposition(records), content_type=CONTENT_TYPE_LATEST)

    return _count_request


def _watch(service: Service) -> None:
    service.uploads.on_change = PLACES.labels("upload").set
    service.slots.places.on_change = partial(_count_photos, service.slots)
    service.on_timings = _count_stages
    _measure_memory()


def _count_request(answered: Answered) -> None:
    REQUESTS.labels(answered.method, answered.route, answered.status).inc()
    SECONDS.labels(answered.route).observe(answered.seconds)
    _measure_memory()


def _exposition(records: "JobRecords | None") -> bytes:
    jobs = CollectorRegistry()
    if records:
        jobs.register(_Jobs(records))
    return generate_latest(_all_processes()) + generate_latest(jobs)


def _all_processes() -> CollectorRegistry:
    registry = CollectorRegistry()
    try:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    except ValueError:  # not under gunicorn.conf.py: this process is the only one
        return REGISTRY
    return registry


class _Jobs(Collector):
    """Looks into the database when it is asked; workers, which answer no requests, leave their mark there."""

    def __init__(self, records: "JobRecords") -> None:
        self._records = records

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the number of jobs by state and the longest wait, and nothing while the database is away."""
        jobs = GaugeMetricFamily("colorizer_jobs", "Jobs that are known.", labels=["state"])
        try:
            counts, wait = self._records.count_states(), self._records.longest_wait()
        except StoreUnavailable:
            return
        for state, count in counts.items():
            jobs.add_metric([state], count)
        yield jobs
        yield GaugeMetricFamily(
            "colorizer_longest_wait_seconds", "Since when the oldest job waits for a worker.", value=wait
        )


def _count_photos(slots: PhotoSlots, taken: int) -> None:
    coloring = min(taken, slots.at_once)
    PLACES.labels("coloring").set(coloring)
    PLACES.labels("waiting").set(taken - coloring)


def _count_stages(timings: Mapping[str, float]) -> None:
    for stage, milliseconds in timings.items():
        STAGES.labels(stage).observe(milliseconds / 1000)


def _measure_memory() -> None:
    MEMORY.set(_resident_bytes())


def _resident_bytes() -> float:
    try:
        pages = Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    except OSError:  # not Linux
        return nan
    return int(pages) * getpagesize()
