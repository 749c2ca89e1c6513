"""One coloured frame of each shot on a sheet: what a film will look like, in seconds."""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from colorizer.color.chroma import color_pixels, shrink
from colorizer.color.plane_code import shown_grays
from colorizer.options import DEFAULT_QUALITY, DEFAULT_SATURATION
from colorizer.strategies.base import Strategy
from colorizer.video.film import Cut, Film, read_film
from colorizer.video.frames import Frame, FrameReader
from colorizer.video.prediction import Painter
from colorizer.video.shots import OTHER_LIGHT, light_between

MOST_FRAMES = 48
COLUMNS = 4
PANEL_WIDTH = 400
MARGIN, FONT_SIZE = 8, 16
BACKGROUND, INK = (255, 255, 255), (20, 20, 20)


def preview_film(source: Path, strategy: Strategy, saturation: float = DEFAULT_SATURATION) -> bytes:
    """Return a jpeg file of one coloured frame of each shot, each with its time.

    Only the frames that stand alone in the film's file are read, which encoders put where shots begin.
    Raises what `colorize_video` raises where the film cannot be read or the network not be loaded.
    """
    film = read_film(source)
    strategy.load()
    painter = Painter(film, strategy, saturation)
    frames = FrameReader(film, Cut(), painter.shown_size).read(only_keys=True)
    panels = [
        _panel(_painted(frame, film, painter), frame.time * film.time_base)
        for frame in _thinned(list(_first_of_shots(frames)))
    ]
    data = io.BytesIO()
    _sheet(panels).save(data, "JPEG", quality=DEFAULT_QUALITY)
    return data.getvalue()


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


def _panel(picture: Image.Image, seconds: Fraction) -> Image.Image:
    """Return a picture above its time, on a ground as wide as all the others."""
    picture.thumbnail((PANEL_WIDTH, PANEL_WIDTH))
    ground = Image.new("RGB", (PANEL_WIDTH + MARGIN, picture.height + FONT_SIZE + 2 * MARGIN), BACKGROUND)
    ground.paste(picture, (0, 0))
    font = ImageFont.load_default(FONT_SIZE)
    minutes, left = divmod(float(seconds), 60)
    ImageDraw.Draw(ground).text((0, picture.height + MARGIN // 2), f"{minutes:.0f}:{left:04.1f}", INK, font)
    return ground


def _sheet(panels: Sequence[Image.Image]) -> Image.Image:
    """Lay panels of one size out in rows."""
    width, height = panels[0].size
    columns = min(COLUMNS, len(panels))
    sheet = Image.new("RGB", (columns * width, -(-len(panels) // columns) * height), BACKGROUND)
    for place, panel in enumerate(panels):
        sheet.paste(panel, (place % columns * width, place // columns * height))
    return sheet
