"""Several pictures of one photo side by side, each with its label below: for comparing strategies."""

import io
from collections.abc import Mapping

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from colorizer.photo.image_io import read_photo
from colorizer.photo.metadata import Metadata
from colorizer.photo.pixels import to_8_bit
from colorizer.photo.record import Record
from colorizer.stages import encode

PANEL_SIDE = 640  # pixels of a panel's longer side, at most
MARGIN = 12
FONT_SIZE = 18
BACKGROUND, INK = (255, 255, 255), (20, 20, 20)
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def contact_sheet(original: bytes, results: Mapping[str, bytes], record: Record | None = None) -> bytes:
    """Return a jpeg file of a photo and its results, each a file's bytes, by the strategy's name.

    record: what the picture shall say about how it was made.
    """
    photo = to_8_bit(read_photo(original).pixels)
    pictures = {"original": Image.fromarray(np.squeeze(photo))}
    pictures |= {name: Image.open(io.BytesIO(result)) for name, result in results.items()}
    sheet = np.asarray(side_by_side(pictures))
    return encode(sheet, metadata=Metadata(record=record), strategy=" and ".join(results))


def side_by_side(pictures: Mapping[str, Image.Image]) -> Image.Image:
    """Return one picture of several, from left to right, each above its label."""
    font = ImageFont.load_default(FONT_SIZE)
    panels = [_panel(label, _reduce(picture), font) for label, picture in pictures.items()]
    sheet = Image.new("RGB", (sum(panel.width for panel in panels), panels[0].height), BACKGROUND)
    left = 0
    for panel in panels:
        sheet.paste(panel, (left, 0))
        left += panel.width
    return sheet


def _panel(label: str, picture: Image.Image, font: Font) -> Image.Image:
    """Return the picture on a white ground that has room for the label below it."""
    width = max(picture.width, int(font.getlength(label)) + 1) + 2 * MARGIN
    ground = Image.new("RGB", (width, picture.height + 3 * MARGIN + FONT_SIZE), BACKGROUND)
    ground.paste(picture, (MARGIN, MARGIN))
    ImageDraw.Draw(ground).text((MARGIN, picture.height + 2 * MARGIN), label, INK, font)
    return ground


def _reduce(picture: Image.Image) -> Image.Image:
    """Return the picture in RGB with sides of at most PANEL_SIDE."""
    small = picture.convert("RGB")
    small.thumbnail((PANEL_SIDE, PANEL_SIDE))
    return small
