"""How a run is told while it goes on: a line or a JSON object a photo, a log of failures, and the sum."""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import TextIO

from colorizer.album.outcome import Outcome
from colorizer.errors import OutputError
from colorizer.process.terminal import PhotoBar, complain, say, visible

MOMENT = "to colorize"  # what a dry run calls what would be "colorized"


@dataclass(frozen=True)
class Manner:
    """How to tell. as_json: an object a photo. quiet: failures only. dry_run: nothing was done in fact.

    log: a file to which failures are added.
    """

    as_json: bool = False
    quiet: bool = False
    dry_run: bool = False
    log: Path | None = None


class Telling:
    """Tells of one run; a context, at whose end the progress bar and the log are closed."""

    def __init__(self, total: int | None, manner: Manner) -> None:
        """Begin to tell of so many photos (None: nobody knows how many there will be).

        Raises OutputError where the log cannot be written.
        """
        self._manner, self._alone = manner, total == 1
        self._counts: Counter[str] = Counter()
        self._log = _open_log(manner.log) if manner.log else None
        self._bar = PhotoBar(total, hidden=manner.quiet)

    def __enter__(self) -> "Telling":
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.close()
        if self._log:
            self._log.close()

    def tell(self, outcome: Outcome) -> None:
        """Tell what became of one photo."""
        self._counts[outcome.state] += 1
        self._counts["again"] += outcome.again
        if outcome.problem and not (self._manner.quiet and outcome.state == "left out"):
            complain(f"{outcome.photo}: {outcome.problem}")
        if not self._manner.quiet:
            self._tell_notes(outcome)
        if self._log and outcome.state == "failed":
            print(visible(f"{outcome.photo}: {outcome.problem}"), file=self._log, flush=True)
        self._tell_results(outcome)
        self._bar.failures = self._counts["failed"]
        self._bar.update()

    def sum_up(self, others: int) -> int:
        """Tell how many photos there were of each, and return the exit status.

        others: how many files beside the photos were left alone.
        """
        self._bar.close()
        if not (self._alone or self._manner.quiet):
            complain(self._sum(self._counts["left out"] + others))
        return 1 if self._counts["failed"] else 0

    def _tell_notes(self, outcome: Outcome) -> None:
        if outcome.already_colored:
            complain(f"{outcome.photo}: The photo was in colour already; only its lightness was used.")
        if outcome.frames > 1:
            complain(f"{outcome.photo}: The file holds {outcome.frames} pictures; the first was coloured.")

    def _tell_results(self, outcome: Outcome) -> None:
        if self._manner.as_json:
            say(json.dumps(_facts(outcome)))
        elif not self._manner.quiet and (outcome.state == "colorized" or self._alone):
            for result in outcome.results:
                say(str(result.path))

    def _sum(self, left_out: int) -> str:
        counts = self._counts
        done = MOMENT if self._manner.dry_run else "colorized"
        again = f" ({counts['again']} again, as their results were stale)" if counts["again"] else ""
        parts = [f"{counts['colorized']} {done}{again}", f"{counts['done before']} done before"]
        parts.append(f"{counts['failed']} failed")
        return ", ".join(parts + ([f"{left_out} left out"] if left_out else []))


def _open_log(path: Path) -> TextIO:
    try:
        return path.open("a", encoding="utf-8")
    except OSError as error:
        raise OutputError(f"The log {path} cannot be written: {error.strerror}.") from error


def _facts(outcome: Outcome) -> dict[str, object]:
    facts = asdict(outcome) | {"photo": str(outcome.photo)}
    for result in facts["results"]:
        result["path"] = str(result["path"])
        del result["stamp"]
    return {name: value for name, value in facts.items() if name not in ("fatal", "source")}
