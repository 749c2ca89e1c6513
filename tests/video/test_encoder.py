"""colorizer/video/encoder.py: what FFmpeg's encoders are told on this processor."""

from pathlib import Path

import pytest

from colorizer.video.encoder import CODECS

PROCESSORS = Path("/proc/cpuinfo")


@pytest.mark.skipif(not PROCESSORS.exists(), reason="only Linux tells what the processor knows")
def test_x264_leaves_out_its_code_for_avx_512_just_where_the_processor_has_it():
    told = CODECS["h264"].options["x264-params"].split(":")
    assert ("asm=avx2" in told) == ("avx512f" in PROCESSORS.read_text().split())
