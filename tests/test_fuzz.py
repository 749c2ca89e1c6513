"""Random changes of small real photos, for FUZZ_SECONDS: 2 unless set; `make fuzz` takes ten minutes.

A file that ends wrongly is kept in tests/data/fuzz/, where every later run of the tests finds it.
"""

import hashlib
import os
import time
from collections import Counter
from pathlib import Path

import hostile
import pytest
from hostile import judge, other_seeds, seeds
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

# As in the program itself: the tests' own filter turns these warnings into errors, which hides what follows.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")

FOUND = Path(__file__).parent / "data" / "fuzz"
SECONDS = float(os.environ.get("FUZZ_SECONDS", "2"))
FILES_AT_ONCE = 100
SIGNATURE = 8  # bytes at the start that are left alone; hostile files without one have their own tests

JPEG_WORDS = (
    b"\xff\xd8",
    b"\xff\xd9",
    b"\xff\xda",
    b"\xff\xc2",
    b"Exif\0\0",
    b"ICC_PROFILE\0",
    b"Photoshop 3.0\0",
)
PNG_WORDS = (b"IDAT", b"IEND", b"IHDR", b"iCCP", b"eXIf", b"tRNS", b"PLTE")
words = st.sampled_from((*JPEG_WORDS, *PNG_WORDS, bytes(4), b"\xff\xff", b"\xff\xff\xff\xff"))
some_photo = st.sampled_from([*seeds().values(), *seeds().values(), *other_seeds().values()])
some_bytes = st.binary(min_size=1, max_size=8) | words


@st.composite
def changed_photos(draw):
    """One of the seeds after a few changes; a png mostly with the checksums that fit."""
    data = draw(some_photo)
    for _ in range(draw(st.integers(1, 5))):
        data = draw(st.sampled_from(CHANGES))(draw, data)
    png = data.startswith(hostile.PNG_SIGNATURE)
    return hostile.with_right_checksums(data) if png and draw(st.integers(0, 3)) else data


def place(draw, data):
    """A place in the file, as likely in the first bytes, where the structure is, as in all the rest."""
    reach = draw(st.sampled_from((40, 200, 1000, 100_000)))
    return SIGNATURE + draw(st.integers(0, max(0, min(reach, len(data) - SIGNATURE))))


def set_bytes(draw, data):
    at, new = place(draw, data), draw(some_bytes)
    return data[:at] + new + data[at + len(new) :]


def put_in(draw, data):
    at = place(draw, data)
    return data[:at] + draw(some_bytes) + data[at:]


def cut_out(draw, data):
    at = place(draw, data)
    return data[:at] + data[at + draw(st.integers(1, 200)) :]


def copy_elsewhere(draw, data):
    source, target = place(draw, data), place(draw, data)
    return data[:target] + data[source : source + draw(st.integers(1, 400))] + data[target:]


def splice(draw, data):
    other = draw(some_photo)
    return data[: place(draw, data)] + other[place(draw, other) :]


CHANGES = (set_bytes, set_bytes, put_in, cut_out, copy_elsewhere, splice)


def judge_and_keep(data):
    try:
        return judge(data)
    except Exception:
        FOUND.mkdir(parents=True, exist_ok=True)
        (FOUND / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)
        raise


def test_random_changes():
    outcomes, round_number, deadline = Counter(), 0, time.monotonic() + SECONDS
    while not outcomes or time.monotonic() < deadline:

        @seed(round_number)
        @settings(
            max_examples=FILES_AT_ONCE,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(changed_photos())
        def judge_some(data):
            outcomes[judge_and_keep(data)] += 1

        judge_some()
        round_number += 1
    print(f"{outcomes.total()} files: {dict(outcomes)}")  # noqa: T201
    assert outcomes["photo"] > FILES_AT_ONCE / 20
    assert outcomes["damaged-photo"] > FILES_AT_ONCE / 20


@pytest.mark.parametrize("path", sorted(FOUND.iterdir()), ids=lambda path: path.name)
def test_what_was_found_before(path):
    judge(path.read_bytes())
