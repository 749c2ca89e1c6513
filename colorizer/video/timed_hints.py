"""Hints at a moment of a film, as JSON has them; read where no film can be, too."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from colorizer.color.hints import Hint, parse_hints
from colorizer.errors import BadHints
from colorizer.options import MAX_HINTS


@dataclass(frozen=True)
class TimedHint:
    """A hint at a moment: seconds from the film's beginning; x and y in pixels of the upright frame."""

    time: float
    hint: Hint


def parse_timed_hints(items: Iterable[Mapping[str, object]]) -> tuple[TimedHint, ...]:
    """Turn [{"time": 3.2, "x": 120, "y": 80, "color": "#a0522d"}, ...] into hints, as `parse_hints` does.

    Raises BadHints where there are more than 100, or an entry is not of this form.
    """
    if isinstance(items, str | bytes | Mapping) or not isinstance(items, Iterable):
        raise BadHints('A film\'s hints are a list of {"time", "x", "y", "color"}; this is something else.')
    items = list(items)
    if len(items) > MAX_HINTS:
        raise BadHints(f"There are {len(items)} hints; at most {MAX_HINTS} are taken.")
    return tuple(_parse(number, item) for number, item in enumerate(items, start=1))


def _parse(number: int, item: Mapping[str, object]) -> TimedHint:
    time = item.get("time") if isinstance(item, Mapping) else None
    if isinstance(time, bool) or not isinstance(time, int | float) or not 0 <= time < 1e6:
        raise BadHints(f'Hint {number} must have a "time", in seconds from the film\'s beginning.')
    (hint,) = parse_hints([{name: value for name, value in item.items() if name != "time"}])
    return TimedHint(float(time), hint)
