"""Whether the file that stands where a result would go is that result, and whether it may be replaced."""

from enum import Enum

from colorizer.album.result_format import is_result
from colorizer.errors import DamagedPhoto, PhotoError
from colorizer.photo.limits import DEFAULT_LIMITS, Limits
from colorizer.photo.record import Record, is_sealed, read_record
from colorizer.stages import open_photo


class Verdict(Enum):
    """What a file is, seen from the result that would be made now."""

    MISSING = "not there"
    VALID = "made from this photo, with these options, by this network"
    STALE = "made from another photo, with other options, or by another network, and not touched since"
    DAMAGED = "empty, or a result that was cut off or spoiled"
    CHANGED = "a result of something else that was changed since, or does not say how it was made"
    FOREIGN = "not a result of ours"


def judge(file: bytes, expected: Record, limits: Limits = DEFAULT_LIMITS) -> Verdict:
    """Return what a file is to the result whose record would be `expected`.

    A result that was changed by hand, as in a photo program, is still valid where its record says so: what
    people add to it is theirs.
    """
    if not file:
        return Verdict.DAMAGED
    if not is_result(file):
        return Verdict.FOREIGN
    if is_sealed(file):
        return Verdict.VALID if read_record(file) == expected else Verdict.STALE
    if _is_damaged(file, limits):
        return Verdict.DAMAGED
    return Verdict.VALID if read_record(file) == expected else Verdict.CHANGED


def _is_damaged(file: bytes, limits: Limits) -> bool:
    try:
        open_photo(file, limits)
    except DamagedPhoto:
        return True
    except PhotoError:  # it cannot be coloured, but it can be seen
        return False
    return False
