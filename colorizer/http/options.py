"""The text fields of a request, checked and turned into values."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from colorizer.color.hints import Hint, parse_hints
from colorizer.errors import BadField, BadHints
from colorizer.options import (
    DEFAULT_SATURATION,
    DEFAULT_WARMTH,
    FORMATS,
    QUALITY,
    SATURATION,
    TURNS,
    WARMTH,
    WholeNumber,
    check_choice,
)
from colorizer.video.timed_hints import TimedHint, parse_timed_hints

COLORIZE_FIELDS = ("strategy", "format", "quality", "saturation", "confidence_map", "hints", "turn", "warmth")
FILM_FIELDS = ("strategy", "saturation", "hints", "warmth")
REFERENCE = "reference"  # another photo
COLORIZE_FILES = ("mask", REFERENCE)  # beside the photo
CURSOR = "([0-9]{1,12}[.][0-9]{9})-([0-9a-f]{32})"  # of a page of kept images
MAX_KEY = 255  # characters of an Idempotency-Key
COORDINATE = WholeNumber(0, 1_000_000)  # the photo's own size is checked later


@dataclass(frozen=True)
class ColorizeOptions:
    """How to colour a photo. strategy and format are None where the request leaves them open."""

    strategy: str | None
    format: str | None
    quality: int | None
    saturation: float
    confidence_map: bool
    hints: tuple[Hint, ...]
    turn: int
    warmth: float


@dataclass(frozen=True)
class FilmFields:
    """How to colour a film. strategy is None where the request leaves it open."""

    strategy: str | None
    saturation: float
    warmth: float
    hints: tuple[TimedHint, ...]


@dataclass(frozen=True)
class SuggestOptions:
    """For which pixel of the upright photo, and by which strategy (None: the default), to suggest colours."""

    strategy: str | None
    x: int
    y: int


def parse_colorize_options(fields: Mapping[str, str]) -> ColorizeOptions:
    """Check the fields of POST /colorize; raises BadField or BadHints."""
    _check_names(fields, COLORIZE_FIELDS)
    return ColorizeOptions(
        strategy=fields.get("strategy"),
        format=_choice(fields, "format", FORMATS),
        quality=QUALITY.parse(fields["quality"], "quality") if "quality" in fields else None,
        saturation=_saturation(fields),
        confidence_map=_choice(fields, "confidence_map", ("true", "false")) == "true",
        hints=parse_hints(_hints(fields, '[{"x": 120, "y": 80, "color": "#a0522d"}]')),
        turn=int(_choice(fields, "turn", tuple(map(str, TURNS))) or 0),
        warmth=_warmth(fields),
    )


def parse_film_options(fields: Mapping[str, str]) -> FilmFields:
    """Check the fields of a job over a film; raises BadField or BadHints."""
    _check_names(fields, FILM_FIELDS)
    return FilmFields(
        strategy=fields.get("strategy"),
        saturation=_saturation(fields),
        warmth=_warmth(fields),
        hints=parse_timed_hints(_hints(fields, '[{"time": 1.5, "x": 120, "y": 80, "color": "#a0522d"}]')),
    )


def parse_suggest_options(fields: Mapping[str, str]) -> SuggestOptions:
    """Check the fields of POST /api/v1/suggestions; raises BadField."""
    _check_names(fields, ("strategy", "x", "y"))
    x, y = (COORDINATE.parse(fields.get(axis, ""), axis) for axis in "xy")
    return SuggestOptions(fields.get("strategy"), x, y)


def _check_names(fields: Mapping[str, str], known: tuple[str, ...]) -> None:
    unknown = [name for name in fields if name not in known]
    if unknown:
        raise BadField(f"There is no field {unknown[0]!r:.60}; the fields are {', '.join(known)}.")


def _choice(fields: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str | None:
    return check_choice(fields[name], choices, name) if name in fields else None


def _saturation(fields: Mapping[str, str]) -> float:
    return SATURATION.parse(fields.get("saturation", str(DEFAULT_SATURATION)), "saturation")


def _warmth(fields: Mapping[str, str]) -> float:
    return WARMTH.parse(fields.get("warmth", str(DEFAULT_WARMTH)), "warmth")


def _hints(fields: Mapping[str, str], example: str) -> Any:
    try:
        return json.loads(fields.get("hints", "[]"))
    except (ValueError, RecursionError) as error:
        raise BadHints(f"hints must be a JSON list as {example}.") from error
