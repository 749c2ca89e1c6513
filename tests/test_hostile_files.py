"""Hundreds of hostile and damaged files: each ends as a photo or in one clear sentence."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import hostile
import pytest
from generated_weights import install_generated_weights
from hostile import judge, seeds

from colorizer.http.application import create_app
from colorizer.settings import Settings

PROBLEM = "application/problem+json"

# As in the program itself: the tests' own filter turns these warnings into errors, which hides what follows.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL.TiffImagePlugin")


LENGTH_OF_END = 12  # bytes of a png's last chunk; a jpg's end marker has two


@pytest.fixture(autouse=True)
def no_descriptor_stays_open():
    before = len(os.listdir("/proc/self/fd"))
    yield
    assert len(os.listdir("/proc/self/fd")) <= before


@pytest.mark.parametrize("seed", seeds())
class TestOfEachSeed:
    def test_it_is_a_photo(self, seed):
        assert judge(seeds()[seed]) == "photo"

    def test_truncated(self, seed):
        whole = len(seeds()[seed])
        for data in hostile.truncated(seeds()[seed]):
            only_its_end_is_missing = whole - len(data) <= LENGTH_OF_END
            allowed = {"not-a-photo", "damaged-photo"} | ({"photo"} if only_its_end_is_missing else set())
            assert judge(data) in allowed

    def test_wrong_lengths(self, seed):
        outcomes = [judge(data) for data in hostile.with_wrong_lengths(seeds()[seed])]
        assert outcomes.count("damaged-photo") > len(outcomes) / 4

    def test_parts_left_out_doubled_and_swapped(self, seed):
        outcomes = [judge(data) for data in hostile.rearranged(seeds()[seed])]
        assert "damaged-photo" in outcomes

    def test_flipped_bits(self, seed):
        outcomes = [judge(data) for data in hostile.flipped(seeds()[seed], number=len(seed))]
        assert len(outcomes) >= 60
        assert "damaged-photo" in outcomes


@pytest.mark.parametrize("seed", hostile.other_seeds())
def test_other_kinds(seed):
    data = hostile.other_seeds()[seed]
    assert judge(data) == "photo"
    outcomes = [judge(data[: len(data) * n // 20]) for n in range(20)]
    outcomes += [judge(changed) for changed in hostile.flipped(data, number=len(seed), count=40)]
    assert "damaged-photo" in outcomes


DAMAGED_TIFFS = """
import hostile
from colorizer.process.own import set_up_process

set_up_process()
for name, data in hostile.other_seeds().items():
    if name.endswith("tiff"):
        for changed in [*hostile.flipped(data, number=7), data[:-100]]:
            hostile.judge(changed)
"""


def test_no_warning_goes_to_the_terminal():
    folder = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{folder.parent}"}
    child = subprocess.run(
        [sys.executable, "-c", DAMAGED_TIFFS], env=environment, capture_output=True, text=True, check=True
    )
    assert "Warning" not in child.stderr


def test_headers_that_lie():
    outcomes = {name: judge(data) for name, data in hostile.with_other_headers().items()}
    assert outcomes["jpg of 65535x65535"] == outcomes["png of 2147483647x2147483647"] == "too-many-pixels"
    assert outcomes["jpg of 0x0"] == outcomes["png of 0x0"] == outcomes["jpg of 400x400"] == "damaged-photo"
    assert outcomes["png of depth 8, color 0"] == "photo"
    assert outcomes["png of depth 255, color 0"] == outcomes["png of depth 8, color 7"] == "damaged-photo"


@pytest.mark.parametrize(("name", "data"), hostile.polyglots().items())
def test_polyglots(name, data):
    photo = name in {
        "jpg and zip",
        "png and zip",
        "jpg with script",
        "png with script",
        "jpg in a png's text",
        "png in a jpg's comment",
        "jpg twice",
        "webp",
        "tiff",
    }
    assert (judge(data) == "photo") is photo


@pytest.mark.parametrize(("name", "data"), hostile.odd_metadata().items())
def test_odd_metadata_does_not_spoil_the_picture(name, data):
    assert judge(data) == "photo" or name == "png with an unknown critical chunk"


def test_over_http_they_end_in_a_photo_or_a_problem(tmp_path):
    install_generated_weights(tmp_path)
    client = create_app(Settings(strategy="colornet", models_dir=tmp_path)).test_client()
    files = [
        *hostile.polyglots().items(),
        *hostile.odd_metadata().items(),
        *hostile.with_other_headers().items(),
    ]
    statuses = Counter()
    for name, data in files[::3]:
        response = client.post("/colorize", data=data)
        assert response.status_code in (200, 400, 413, 415, 422), name
        assert response.mimetype == ("application/json" if response.status_code == 200 else PROBLEM), name
        statuses[response.status_code] += 1
    assert {200, 415, 422} <= set(statuses)


REFUSED = (
    ("png of a gigapixel", "too-many-pixels"),
    ("png of 2^31 pixels a side", "too-many-pixels"),
    ("jpg of 65535x65535", "too-many-pixels"),
    ("png longer than any photo", "too-many-pixels"),
    ("png with 200,000 chunks", "damaged-photo"),
    ("jpg with a million segments", "damaged-photo"),
    ("jpg with 1000 scans", "damaged-photo"),
)


@pytest.fixture(scope="module")
def bombs():
    """What a process of its own, that may take 4 GB and a minute for each, reports of each bomb."""
    script = Path(__file__).with_name("bombs.py")
    child = subprocess.run(
        [sys.executable, script],
        env={**os.environ, "PYTHONPATH": str(script.parent.parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert child.returncode == 0, child.stderr[-2000:]
    return {line["name"]: line for line in map(json.loads, child.stdout.splitlines())}


class TestBombs:
    """Small files that want to become large."""

    @pytest.mark.parametrize(("name", "outcome"), REFUSED)
    def test_it_is_refused_without_being_decoded(self, bombs, name, outcome):
        assert bombs[name]["outcome"] == outcome
        assert bombs[name]["megabytes"] < 40

    def test_all_else_is_a_photo_that_takes_no_more_than_its_pixels(self, bombs):
        others = [line for line in bombs.values() if line["name"] not in dict(REFUSED)]
        assert len(others) > 10
        for line in others:
            assert line["outcome"] == "photo", line
            assert line["megabytes"] < (700 if "50 megapixels" in line["name"] else 60), line
