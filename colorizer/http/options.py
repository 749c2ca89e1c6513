"""The text fields of a request, checked and turned into values."""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from colorizer.color.hints import Hint, parse_hints
from colorizer.errors import BadField, BadHints

FORMATS = ("jpeg", "png", "webp")
DEFAULT_QUALITY = 92
MAX_SATURATION = 2.0
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")


@dataclass(frozen=True)
class ColorizeOptions:
    """How to colour a photo. strategy and format are None where the request leaves them open."""

    strategy: str | None
    format: str | None
    quality: int | None
    saturation: float
    confidence_map: bool
    hints: tuple[Hint, ...]


@dataclass(frozen=True)
class SuggestOptions:
    """For which pixel of the upright photo, and by which strategy (None: the default), to suggest colours."""

    strategy: str | None
    x: int
    y: int


def parse_colorize_options(fields: Mapping[str, str]) -> ColorizeOptions:
    """Check the fields of POST /colorize; raises BadField or BadHints."""
    _check_names(fields, ("strategy", "format", "quality", "saturation", "confidence_map", "hints"))
    return ColorizeOptions(
        strategy=fields.get("strategy"),
        format=_choice(fields, "format", FORMATS),
        quality=_integer(fields, "quality", 1, 100) if "quality" in fields else None,
        saturation=_number(fields, "saturation", 0.0, MAX_SATURATION) if "saturation" in fields else 1.0,
        confidence_map=_choice(fields, "confidence_map", ("true", "false")) == "true",
        hints=_hints(fields.get("hints", "[]")),
    )


def parse_suggest_options(fields: Mapping[str, str]) -> SuggestOptions:
    """Check the fields of POST /api/v1/suggestions; raises BadField."""
    _check_names(fields, ("strategy", "x", "y"))
    x, y = (_integer(fields, axis, 0, 1_000_000) for axis in "xy")
    return SuggestOptions(fields.get("strategy"), x, y)


def _check_names(fields: Mapping[str, str], known: tuple[str, ...]) -> None:
    unknown = [name for name in fields if name not in known]
    if unknown:
        raise BadField(f"There is no field {unknown[0]!r:.60}; the fields are {', '.join(known)}.")


def _choice(fields: Mapping[str, str], name: str, choices: tuple[str, ...]) -> str | None:
    value = fields.get(name)
    if value is not None and value not in choices:
        raise BadField(f"{name} must be one of {', '.join(choices)}, not {value!r:.60}.")
    return value


def _integer(fields: Mapping[str, str], name: str, low: int, high: int) -> int:
    text = fields.get(name, "")
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) or not low <= int(text) <= high:
        raise BadField(f"{name} must be a whole number from {low} to {high}, not {text!r:.60}.")
    return int(text)


def _number(fields: Mapping[str, str], name: str, low: float, high: float) -> float:
    text = fields[name]
    number = float(text) if NUMBER.fullmatch(text) else math.nan
    if not low <= number <= high:  # also false for NaN
        raise BadField(f"{name} must be a number from {low:g} to {high:g}, not {text!r:.60}.")
    return number


def _hints(text: str) -> tuple[Hint, ...]:
    try:
        items = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadHints('hints must be a JSON list as [{"x": 120, "y": 80, "color": "#a0522d"}].') from error
    return parse_hints(items)
