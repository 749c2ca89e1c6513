import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from films import Clip, pan, streamed, video_stream_bytes
from photos import WarmCool

from colorizer.video import coloring, spots
from colorizer.video.coloring import FilmColoring, FilmOptions, colorize_video
from colorizer.video.film import Cut, read_film
from colorizer.video.frames import FrameReader
from colorizer.video.pieces import Moment, Pieces
from colorizer.video.timed_hints import parse_timed_hints

FRAMES = 140
TICKS = {"time_base": Fraction(1, 25), "times": range(FRAMES)}
MS = {"time_base": Fraction(1, 1000), "times": np.cumsum([13, 40, 61, 46] * (FRAMES // 4)).tolist()}
OPEN = "open-gop=1:bframes=3:b-pyramid=normal"
INTERLACED = "+ildct+ilme"
VP8 = {"g": "20", "deadline": "realtime", "cpu-used": "8"}
KINDS = {
    "mp4": ("film.mp4", Clip(frames=FRAMES, options={"g": "20"})),
    "mkv, open groups": ("film.mkv", Clip(options={"g": "20", "x264-params": OPEN}, **MS)),
    "hevc, open groups": (
        "film.mp4",
        Clip(codec="libx265", frames=FRAMES, options={"x265-params": "keyint=20:open-gop=1:log-level=0"}),
    ),
    "interlaced mpg": (
        "film.mpg",
        Clip(codec="mpeg2video", options={"g": "12", "bf": "2", "flags": INTERLACED}, **TICKS),
    ),
    "interlaced ts": (
        "film.ts",
        Clip(options={"g": "20", "x264-params": f"{OPEN}:interlaced=1:tff=1"}, **TICKS),
    ),
    "avi": ("film.avi", Clip(codec="mpeg4", options={"g": "12"}, **TICKS)),
    "webm without cues": ("film.webm", Clip(codec="libvpx", options=VP8, **MS)),
}


def write(kind, folder):
    """A film of a kind; its light changes, so that no frame is like another."""
    name, clip = KINDS[kind]
    light = 40 * np.sin(np.arange(FRAMES) / 9)
    clip.pictures = [
        np.clip(picture + level, 0, 255).astype(np.uint8)
        for picture, level in zip(pan(96, 64, FRAMES), light, strict=True)
    ]
    source = clip.write(folder / name)
    return streamed(source, folder / "streamed.webm") if "without cues" in kind else source


@pytest.fixture
def places(monkeypatch):
    """Where decoding began, each time; None is the film's beginning."""
    begun, decode = [], FrameReader._wanted

    def noted(self, place=None, only_keys=False):
        begun.append(place)
        return decode(self, place, only_keys)

    monkeypatch.setattr(FrameReader, "_wanted", noted)
    return begun


def reader_of(source, start=None):
    return FrameReader(read_film(source), Cut(start), (64, 48))


def facts(frames):
    return [(frame.number, frame.moment, frame.luma.tobytes()) for frame in frames]


@pytest.mark.parametrize("kind", KINDS)
def test_decoding_begins_in_the_middle_and_gives_the_same_frames(kind, tmp_path, places):
    reader = reader_of(write(kind, tmp_path))
    whole = facts(reader.read())
    moments = [moment for _, moment, _ in whole]
    for first in (101, 125, 130):
        assert facts(reader.read(first=first, seen=moments[first : first + 10])) == whole[first:]
        assert places[-1] > 0
        assert not reader.damaged_places


def test_in_a_part_of_the_film_too(tmp_path, places):
    reader = reader_of(write("mp4", tmp_path), Fraction(1))
    whole = facts(reader.read())
    seen = [moment for _, moment, _ in whole[100:110]]
    assert facts(reader.read(first=100, seen=seen)) == whole[100:]
    assert places[-1] > 0


@pytest.mark.parametrize("changed", [Moment(100 * 512, 1), Moment(100 * 512 + 1, 0), Moment(10**9, 0)])
def test_what_is_not_as_it_was_seen_is_decoded_from_the_beginning(changed, tmp_path, places):
    reader = reader_of(write("mp4", tmp_path))
    whole = facts(reader.read())
    moments = [moment for _, moment, _ in whole[100:110]]
    assert facts(reader.read(first=100, seen=[*moments[:5], changed, *moments[6:]])) == whole[100:]
    assert places[-1] is None


def test_a_film_that_cannot_be_searched_is_decoded_from_the_beginning(tmp_path, places):
    source = Clip(options={"g": "20"}, **TICKS).write(tmp_path / "film.h264")
    reader = reader_of(source)
    whole = facts(reader.read())
    seen = [moment for _, moment, _ in whole[100:110]]
    assert facts(reader.read(first=100, seen=seen)) == whole[100:]
    assert places[-1] is None


def test_a_correction_decodes_nothing_that_is_long_before_its_spots(tmp_path, monkeypatch, places):
    monkeypatch.setattr(coloring, "PIECE_FRAMES", 20)
    monkeypatch.setattr(spots, "LONGEST_TRACK", 30)
    source = write("mp4", tmp_path)
    hints = parse_timed_hints([{"time": 4.8, "x": 40, "y": 30, "color": "#804020"}])

    def color(name, folder, hints):
        pieces = Pieces(tmp_path / folder, "mp4")
        pieces.folder.mkdir(exist_ok=True)
        film = FilmColoring(read_film(source), tmp_path / name, WarmCool(), FilmOptions(hints=hints))
        return film.run(pieces, lambda done, total: None).path

    plain = color("plain.mp4", "kept", ())
    places.clear()
    corrected = color("corrected.mp4", "kept", hints)
    assert places[0] == places[1] > 0  # tried, and taken to follow the spot
    whole = color("whole.mp4", "fresh", hints)
    assert video_stream_bytes(corrected) == video_stream_bytes(whole) != video_stream_bytes(plain)


STOPPING = """
import sys
from photos import WarmCool
from colorizer.video import coloring
coloring.PIECE_FRAMES = 20
def stop(done, total):
    if done == int(sys.argv[3]):
        print(done, flush=True)
        sys.stdin.read()  # until it is killed
coloring.colorize_video(sys.argv[1], sys.argv[2], WarmCool(), progress=stop)
"""


@pytest.mark.parametrize(
    ("kind", "stops"),
    [
        ("mp4", (30, 105)),
        ("mkv, open groups", (105,)),
        ("interlaced mpg", (105,)),
        ("webm without cues", (105,)),
    ],
)
def test_killed_work_goes_on_and_ends_in_the_same_bytes(kind, stops, tmp_path, monkeypatch, places):
    monkeypatch.setattr(coloring, "PIECE_FRAMES", 20)
    source, whole, target = write(kind, tmp_path), tmp_path / "whole.mp4", tmp_path / "result.mp4"
    colorize_video(source, whole, WarmCool())
    root = Path(__file__).parents[2]
    environ = {**os.environ, "PYTHONPATH": f"{root}:{root / 'tests'}"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    for stop_at in stops:
        command = [sys.executable, "-c", STOPPING, str(source), str(target), str(stop_at)]
        with subprocess.Popen(command, env=environ, text=True, **pipes) as process:
            assert process.stdout.readline() == f"{stop_at}\n"
            process.kill()
        assert not target.exists()
    seen = []
    colorize_video(source, target, WarmCool(), progress=lambda done, total: seen.append(done))
    assert seen[0] >= 100
    assert places[-1] > 0
    assert video_stream_bytes(target) == video_stream_bytes(whole)
