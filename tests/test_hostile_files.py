"""Hundreds of hostile and damaged files: each ends as a photo or in one clear sentence."""

import os

import hostile
import pytest
from hostile import judge, seeds


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
        outcomes = [judge(data) for data in hostile.truncated(seeds()[seed])]
        assert set(outcomes) <= {"not-a-photo", "damaged-photo"}

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
    }
    assert (judge(data) == "photo") is photo


@pytest.mark.parametrize(("name", "data"), hostile.odd_metadata().items())
def test_odd_metadata_does_not_spoil_the_picture(name, data):
    assert judge(data) == "photo" or name == "png with an unknown critical chunk"
