"""Coloured frames on a sheet: one of each shot before a film is coloured, some of a piece that is."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
from PIL import Image

from colorizer.color.chroma import color_pixels, shrink
from colorizer.color.plane_code import shown_grays
from colorizer.options import DEFAULT_SATURATION, DEFAULT_WARMTH
from colorizer.strategies.base import Strategy
from colorizer.video.film import Cut, Film, read_film
from colorizer.video.frames import Frame, FrameReader
from colorizer.video.pieces import Piece
from colorizer.video.prediction import Painter
from colorizer.video.sheet import PANEL_WIDTH, draw_sheet
from colorizer.video.shots import OTHER_LIGHT, light_between

MOST_FRAMES = 48
FRAMES_OF_PIECE = 8


def preview_film(
    source: Path,
    strategy: Strategy,
    saturation: float = DEFAULT_SATURATION,
    warmth: float = DEFAULT_WARMTH,
) -> bytes:
    """Return a jpeg file of one coloured frame of each shot, each with its time.

    Only the frames that stand alone in the film's file are read, which encoders put where shots begin.
    Raises what `colorize_video` raises where the film cannot be read or the network not be loaded.
    """
    film = read_film(source)
    strategy.load()
    painter = Painter(film, strategy, saturation, warmth)
    frames = FrameReader(film, Cut(), painter.shown_size).read(only_keys=True)
    return draw_sheet(
        (_painted(frame, film, painter), frame.time * film.time_base)
        for frame in _thinned(list(_first_of_shots(frames)))
    )


def show_piece(piece: Piece, film: Film) -> bytes:
    """Return a jpeg file of some frames of a coloured piece, each with its time."""
    chosen = {len(piece.times) * place // FRAMES_OF_PIECE for place in range(FRAMES_OF_PIECE)}
    with av.open(str(piece.path)) as container:
        return draw_sheet(
            (
                Image.fromarray(np.rot90(frame.to_ndarray(format="rgb24"), film.turn // 90)),
                piece.times[number] * film.time_base,
            )
            for number, frame in enumerate(container.decode(video=0))
            if number in chosen
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


def _thinned(shots: Sequence[Frame]) -> list[Frame]:
    """Return at most MOST_FRAMES, from all over the film."""
    step = max(1.0, len(shots) / MOST_FRAMES)
    return [shots[int(place * step)] for place in range(int(len(shots) / step))]


def _painted(frame: Frame, film: Film, painter: Painter) -> Image.Image:
    """Return a coloured frame, upright."""
    gray = np.rint(shown_grays(film.tags.code)).astype(np.uint8)[frame.luma]
    colored = color_pixels(gray, painter.predict(frame.shown), frame.shown)
    return Image.fromarray(np.rot90(colored, film.turn // 90))
