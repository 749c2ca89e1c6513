"""Colour hints: what a person says about the colour of a spot (Zhang et al. 2017, "Real-Time
User-Guided Image Colorization with Learned Deep Priors")."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any

import numpy as np

from colorizer.color.lab import rgb_to_lab
from colorizer.errors import BadField, BadHints
from colorizer.options import DEFAULT_REACH, MAX_HINTS, REACH

NETWORK_SIDE_PER_PIXEL = 256  # a hint is a 3x3 patch on a network side of 256, larger on larger ones
FARTHEST = 1e9  # no photo has such a side, and every number below fits a float
FIELDS = {"x", "y", "color", "reach", "keep"}
COLOR = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class Hint:
    """What a person says about one spot: x, y in pixels of the upright photo, a and b in CIE Lab units.

    reach: how far it speaks, REACH, 1 as usual. keep: the spot stays as it is, and fences off others; then a
    and b do not count.
    """

    x: float
    y: float
    a: float = 0.0
    b: float = 0.0
    reach: float = DEFAULT_REACH
    keep: bool = False


def parse_hints(items: Iterable[Hint | Mapping[str, object]]) -> tuple[Hint, ...]:
    """Turn [{"x": 120, "y": 80, "color": "#a0522d"}, ...] into hints; only the colour's a and b are kept.

    Each may have "reach"; and one with "keep" true has no colour. Raises BadHints where there are more than
    100, or an entry is not of this form.
    """
    if isinstance(items, str | bytes | Mapping) or not isinstance(items, Iterable):
        raise BadHints('Hints are a list of {"x", "y", "color"}; this is something else.')
    items = list(items)
    if len(items) > MAX_HINTS:
        raise BadHints(f"There are {len(items)} hints; at most {MAX_HINTS} are taken.")
    return tuple(_parse_hint(number, item) for number, item in enumerate(items, start=1))


def _parse_hint(number: int, item: Hint | Mapping[str, object]) -> Hint:
    if isinstance(item, Hint):
        return item
    if not isinstance(item, Mapping) or not {"x", "y"} <= set(item) <= FIELDS:
        raise BadHints(
            f'Hint {number} must have "x", "y" and "color"; it may have "reach" and "keep", and nothing else.'
        )
    x, y = (_parse_coordinate(number, axis, item[axis]) for axis in "xy")
    reach = _parse_reach(number, item.get("reach", DEFAULT_REACH))
    if _is_kept(number, item):
        return Hint(x, y, reach=reach, keep=True)
    a, b = _parse_color(number, item.get("color"))
    return Hint(x, y, a, b, reach)


def _is_kept(number: int, item: Mapping[str, object]) -> bool:
    keep = item.get("keep", False)
    if not isinstance(keep, bool):
        raise BadHints(f"Hint {number}: keep must be true or false.")
    if keep and "color" in item:
        raise BadHints(f"Hint {number} has a colour and is to keep its own. Leave one of the two out.")
    return keep


def _parse_reach(number: int, value: object) -> float:
    try:
        return REACH.check(value, "reach")
    except BadField as error:
        raise BadHints(f"Hint {number}: {error}") from error


def _parse_coordinate(number: int, axis: str, value: Any) -> float:
    # JSON's true is an int to Python, and its JSON reads NaN, Infinity and numbers of a thousand digits.
    is_number = isinstance(value, Real) and not isinstance(value, bool)
    if not is_number or not abs(value) < FARTHEST:
        raise BadHints(f"Hint {number}: {axis} must be a number of pixels.")
    return float(value)


def _parse_color(number: int, value: object) -> tuple[float, float]:
    if not isinstance(value, str) or not COLOR.fullmatch(value):
        raise BadHints(f'Hint {number}: color must look like "#a0522d".')
    rgb = np.frombuffer(bytes.fromhex(value[1:]), np.uint8).reshape(1, 1, 3)
    _, a, b = rgb_to_lab(rgb)[0, 0]
    return float(a), float(b)


def check_hints(hints: Iterable[Hint], width: int, height: int) -> None:
    """Raise BadHints where a hint lies outside the upright photo of width x height pixels."""
    for number, hint in enumerate(hints, start=1):
        if not (0 <= hint.x < width and 0 <= hint.y < height):
            raise BadHints(
                f"Hint {number} is at ({hint.x:g}, {hint.y:g}), outside the photo of {width}x{height} pixels."
            )


def rasterise_hints(
    hints: Iterable[Hint], photo_size: tuple[int, int], network_size: tuple[int, int]
) -> np.ndarray:
    """Draw hints as small square patches on the network's grid, later ones over earlier ones.

    photo_size, network_size: (width, height) in pixels.
    Returns float32 (network height, network width, 3): a, b and a mask of 0 or 1; the mask tells a
    gray hint (a = b = 0) from no hint.
    """
    width, height = network_size
    planes = np.zeros((height, width, 3), np.float32)
    radius = max(1, min(network_size) // NETWORK_SIDE_PER_PIXEL)
    for hint in hints:
        x = int(hint.x * width / photo_size[0])
        y = int(hint.y * height / photo_size[1])
        rows = slice(max(0, y - radius), y + radius + 1)
        columns = slice(max(0, x - radius), x + radius + 1)
        planes[rows, columns] = hint.a, hint.b, 1.0
    return planes
