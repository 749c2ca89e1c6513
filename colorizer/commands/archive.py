"""image-colorizer archive: folders or buckets of photos, on this machine or on many."""

import argparse
import csv
import io
import os
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from colorizer.album.crew import size_for
from colorizer.album.manifest import Manifest
from colorizer.album.outcome import Outcome
from colorizer.album.places import DISK, Place
from colorizer.album.plan import Plan, Target
from colorizer.album.result_names import Job
from colorizer.album.telling import Manner, Telling
from colorizer.archive.bucket import Bucket
from colorizer.archive.cluster import cluster, colorize_on, dashboard_link
from colorizer.archive.report import Report
from colorizer.commands.choices import mark_of, recipe_of, strategies_of
from colorizer.errors import BadField
from colorizer.process.files import write_whole
from colorizer.process.terminal import complain
from colorizer.settings import Settings
from colorizer.strategies.registry import strategy_names

FAILURES, MANIFEST = "failures.csv", "manifest.sqlite"
WAIT_SECONDS = 60.0


def run(options: argparse.Namespace) -> int:
    """Colour an archive; returns 1 where a photo failed. Raises ClusterError where nobody can do it."""
    settings = Settings.from_env(os.environ)
    (source, photos), (place, results) = _place(options.source), _place(options.output)
    if (source, photos) == (place, results):
        raise BadField("--output must name another place than the archive itself.")
    strategies = strategies_of(options.strategy or (), settings)
    recipe = replace(recipe_of(options, strategies, settings), source=source, target=place)
    target = Target(folder=results, place=place, mark=mark_of(options))
    plan = Plan([photos], target, True, strategy_names(settings.models_dir), source)
    jobs = _sample(plan, options.sample)
    size = size_for(options.jobs, len(jobs), "--jobs")
    with (
        Manifest(recipe, results / MANIFEST) as manifest,
        cluster(options.cluster, size, WAIT_SECONDS, recipe) as client,
        Telling(len(plan.refused) + len(jobs), Manner(options.json, options.quiet)) as telling,
        _Failures(place, results / FAILURES) as failures,
    ):
        if not options.quiet:
            complain(f"Watch the work at {dashboard_link(client)}")
        report = Report()
        made = manifest.noted(colorize_on(client, recipe, manifest.due(jobs)))
        outcomes = chain(plan.refused, manifest.done(jobs), made)
        for outcome in report.noted(failures.noted(outcomes)):
            telling.tell(outcome)
        if options.report:
            write_whole(options.report, report.page(place).encode("utf-8", "replace"))
        return telling.sum_up(plan.others)


def _sample(plan: Plan, number: int | None) -> Plan | list[Job]:
    """Return what is to be done: all, or so many photos chosen at random, in their order."""
    if number is None or number >= len(plan):
        return plan
    if number < 1:
        raise BadField("--sample must be 1 or more.")
    chosen = frozenset(random.sample(range(len(plan)), number))
    return [job for index, job in enumerate(plan) if index in chosen]


class _Failures:
    """What failed and why, as a table beside the results; written at the end, whatever ends the run."""

    def __init__(self, place: Place, path: Path) -> None:
        self._place, self._path = place, path
        self._rows: list[tuple[str, str]] = []

    def __enter__(self) -> "_Failures":
        return self

    def __exit__(self, *_: object) -> None:
        table = io.StringIO()
        csv.writer(table).writerows([("photo", "problem"), *self._rows])
        self._place.write(self._path, table.getvalue().encode("utf-8", "surrogateescape"))

    def noted(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """Yield the outcomes; those that failed are kept."""
        for outcome in outcomes:
            if outcome.state == "failed":
                self._rows.append((str(outcome.photo), outcome.problem))
            yield outcome


def _place(name: str) -> tuple[Place, Path]:
    """Return the place and the path in it that a folder's name or s3://bucket/prefix stands for."""
    if "://" not in name:
        return DISK, Path(name).absolute()  # workers need not start where we do
    parts = urlsplit(name)
    if parts.scheme != "s3" or not parts.netloc:
        raise BadField(f"{name} is neither a folder nor s3://bucket/prefix.")
    return Bucket(parts.netloc), Path(parts.path.strip("/"))
