"""Pictures with their times on a sheet, as a photographer's contact sheet."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from colorizer.options import DEFAULT_QUALITY
from colorizer.photo.image_io import write_photo
from colorizer.photo.metadata import NOTE, Metadata

COLUMNS = 4
PANEL_WIDTH = 400
MARGIN, FONT_SIZE = 8, 16
BACKGROUND, INK = (255, 255, 255), (20, 20, 20)


def draw_sheet(pictures: Iterable[tuple[Image.Image, Fraction]], strategy: str) -> bytes:
    """Return a jpeg file of pictures, at least one, all of one size, each with the seconds at which it is.

    strategy: the name of what coloured them, for the file's note.
    """
    sheet = _sheet([_panel(picture, seconds) for picture, seconds in pictures])
    note = NOTE.format(strategy=strategy)
    return write_photo(np.asarray(sheet), "jpeg", DEFAULT_QUALITY, Metadata(), note)


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
