"""What a caller may ask for, wherever they ask: choices, ranges and defaults, and how others are refused."""

import re
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

from colorizer.errors import BadField

DEFAULT_STRATEGY = "colornet"  # comes with the program
FORMATS = ("jpeg", "png", "webp", "tiff")  # of results, the default first
LOSSLESS = ("png", "tiff")
FILM_CODECS = ("h264", "hevc", "vp9", "av1", "ffv1")  # of coloured films, the default first
MAX_HINTS = 100
MAX_PIXELS = 50_000_000  # of a photo, where nobody says otherwise
SHOWN_LETTERS = 60  # of a wrong value in a message
DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
WHOLE = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class WholeNumber:
    """A whole number from `low` to `high` that a caller may choose."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.low} to {self.high}"

    def check(self, value: Any, name: str) -> int:
        """Return a number of any kind (numpy's too) as an int; raises BadField, which calls it `name`."""
        if not _is_within(value, Integral, self.low, self.high):
            raise _refusal(name, f"a whole number from {self}", value)
        return int(value)

    def parse(self, text: str, name: str) -> int:
        """Return what a text of plain digits says; raises BadField."""
        return self.check(int(text) if WHOLE.fullmatch(text) else text, name)


@dataclass(frozen=True)
class Number:
    """A number from `low` to `high` that a caller may choose."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:g} to {self.high:g}"

    def check(self, value: Any, name: str) -> float:
        """Return a number of any kind (numpy's too) as a float; raises BadField, which calls it `name`."""
        if not _is_within(value, Real, self.low, self.high):
            raise _refusal(name, f"a number from {self}", value)
        return float(value)

    def parse(self, text: str, name: str) -> float:
        """Return what a text as 1.25 or 5e-1 says; raises BadField."""
        return self.check(float(text) if DECIMAL.fullmatch(text) else text, name)


def _is_within(value: Any, kind: type, low: float, high: float) -> bool:
    """Whether it is a number in the range; True and False are numbers to Python, but not to us."""
    is_number = isinstance(value, kind) and not isinstance(value, bool)
    return is_number and bool(low <= value <= high)


QUALITY = WholeNumber(1, 100)  # of jpeg and webp
SATURATION = Number(0, 2)  # multiplies the predicted ab
JOBS = WholeNumber(1, 256)  # photos at once
TURNS = (0, 90, 180, 270)  # degrees clockwise
REACH = Number(0.25, 4)  # how far a hint speaks
WARMTH = Number(-1, 1)  # of the light: see color/warmth.py
DEFAULT_QUALITY, DEFAULT_SATURATION, DEFAULT_WARMTH, DEFAULT_REACH = 92, 1.0, 0.0, 1.0


@dataclass(frozen=True)
class Look:
    """How a result is to look. format: None where the photo decides: jpeg, but png for 16 bit and alpha."""

    format: str | None = None
    quality: int = DEFAULT_QUALITY
    saturation: float = DEFAULT_SATURATION

    def checked(self) -> "Look":
        """Return the look with plain numbers; raises BadField where a value makes no sense."""
        format = None if self.format is None else check_choice(self.format, FORMATS, "format")
        quality = QUALITY.check(self.quality, "quality")
        return Look(format, quality, SATURATION.check(self.saturation, "saturation"))


DEFAULT_LOOK = Look()


def check_choice(value: object, choices: tuple[str, ...], name: str) -> str:
    """Return the value where it is one of the choices; raises BadField, which calls it `name`."""
    if not isinstance(value, str) or value not in choices:
        raise _refusal(name, f"one of {', '.join(choices)}", value)
    return value


def check_turn(value: object, name: str = "turn") -> int:
    """Return a turn in degrees where it is one of quarters; raises BadField, which calls it `name`."""
    if isinstance(value, bool) or not isinstance(value, Integral) or value not in TURNS:
        raise _refusal(name, f"one of {', '.join(map(str, TURNS))}", value)
    return int(value)


def quality_for(format: str | None, quality: int | None, name: str = "quality") -> int:
    """Return the quality that was asked for, or the default; raises BadField where it would mean nothing."""
    if quality is not None and format in LOSSLESS:
        raise BadField(f"{name} is for jpeg and webp; a {format} loses nothing. Leave it out.")
    return DEFAULT_QUALITY if quality is None else quality


def _refusal(name: str, expected: str, value: object) -> BadField:
    return BadField(f"{name} must be {expected}, not {value!r:.{SHOWN_LETTERS}}.")
