"""Coloured frames on a sheet: one of each shot before a film is coloured, some of a piece that is."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import av
import cv2
import numpy as np
from PIL import Image

from colorizer.color.chroma import color_pixels, shrink
from colorizer.color.plane_code import shown_grays
from colorizer.strategies.base import Strategy
from colorizer.video.coloring import FilmOptions
from colorizer.video.film import Film, file_url, no_frame, read_film
from colorizer.video.frames import Frame, FrameReader
from colorizer.video.pieces import Piece
from colorizer.video.prediction import Painter
from colorizer.video.sheet import PANEL_WIDTH, draw_sheet
from colorizer.video.shots import OTHER_LIGHT, light_between
from colorizer.video.spots import Schedule, TrackedHint

MOST_FRAMES = 48
FRAMES_OF_PIECE = 8


class _Panel(NamedTuple):
    """A frame that is to be on the sheet, small, and what a person says of it."""

    frame: Frame
    hints: Sequence[TrackedHint] = ()


def preview_film(source: Path, strategy: Strategy, options: FilmOptions) -> bytes:
    """Return a jpeg file of one coloured frame of each shot, each with its time in the film.

    Only the first frame and those that stand alone in the film's file are read, which encoders put where
    shots begin. A shot that has hints is shown at their moments; up to the last one every frame is read.
    Raises what `colorize_video` raises where the film cannot be read or the network not be loaded.
    """
    options.check()
    film = read_film(source)
    strategy.load()
    painter = Painter(film, strategy, options.saturation, options.warmth)
    start = round((options.start or 0) / film.time_base)
    return draw_sheet(
        (
            (_painted(panel, film, painter, options.compare), (start + panel.frame.time) * film.time_base)
            for panel in _panels(FrameReader(film, options.cut, painter.shown_size), options)
        ),
        strategy.name,
    )


def _panels(reader: FrameReader, options: FilmOptions) -> list[_Panel]:
    """Choose the frames, in order; raises BadHints where there is none that a hint speaks of."""
    spoken_of = list(_spoken_of(reader, options))
    shots = list(_first_of_shots(_standing_alone(reader)))
    if not shots:
        raise no_frame(options.cut)
    begins = [shot.time for shot in shots]
    shown = {bisect_right(begins, panel.frame.time) - 1 for panel in spoken_of}
    others = [_Panel(shot) for number, shot in enumerate(shots) if number not in shown]
    return sorted([*spoken_of, *_thinned(others)], key=lambda panel: panel.frame.time)


def _spoken_of(reader: FrameReader, options: FilmOptions) -> Iterator[_Panel]:
    """Yield the frames at the moments of hints."""
    schedule = Schedule(options.hints, reader.film, options.cut)
    with closing(reader.read()) as frames:
        while schedule.left and (frame := next(frames, None)):
            if hints := schedule.due(frame):
                yield _Panel(_small(frame), hints)
            last = frame
    if hints := schedule.rest():
        yield _Panel(_small(last), hints)


def _standing_alone(reader: FrameReader) -> Iterator[Frame]:
    """Yield the first frame, which a part's need not be, and all that stand alone."""
    with closing(reader.read()) as frames:
        first = next(frames, None)
    return chain([first] if first else [], reader.read(only_keys=True))


def show_piece(piece: Piece, film: Film, strategy: str) -> bytes:
    """Return a jpeg file of some frames of a piece, which a strategy coloured, each with its time."""
    chosen = {len(piece.times) * place // FRAMES_OF_PIECE for place in range(FRAMES_OF_PIECE)}
    with av.open(file_url(piece.path)) as container:
        return draw_sheet(
            (
                (
                    Image.fromarray(np.rot90(frame.to_ndarray(format="rgb24"), film.turn // 90)),
                    piece.times[number] * film.time_base,
                )
                for number, frame in enumerate(container.decode(video=0))
                if number in chosen
            ),
            strategy,
        )


def _first_of_shots(frames: Iterable[Frame]) -> Iterator[Frame]:
    last: Frame | None = None
    for frame in frames:
        if last is None or light_between(last.shown, frame.shown) > OTHER_LIGHT:
            yield _small(frame)
        last = frame


def _small(frame: Frame) -> Frame:
    """Return a frame of the size of its panel, so that many need little memory."""
    height, width = frame.luma.shape
    size = min(PANEL_WIDTH, width), max(1, round(height * min(PANEL_WIDTH, width) / width))
    return replace(frame, luma=shrink(frame.luma, *size))


def _thinned(shots: Sequence[_Panel]) -> list[_Panel]:
    """Return at most MOST_FRAMES, from all over the film."""
    step = max(1.0, len(shots) / MOST_FRAMES)
    return [shots[int(place * step)] for place in range(int(len(shots) / step))]


def _painted(panel: _Panel, film: Film, painter: Painter, compare: bool) -> Image.Image:
    """Return a coloured frame, upright; compare: to the right of what it was."""
    frame = panel.frame
    gray = np.rint(shown_grays(film.tags.code)).astype(np.uint8)[frame.luma]
    before = np.rot90(cv2.cvtColor(gray, cv2.COLOR_GRAY2RGB), film.turn // 90)
    after = np.rot90(
        color_pixels(gray, painter.predict(frame.shown, panel.hints), frame.shown), film.turn // 90
    )
    return Image.fromarray(np.hstack([before, after]) if compare else after)
