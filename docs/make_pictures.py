"""Make the README's picture, docs/pictures: `python docs/make_pictures.py`, once the network is trained anew.

Each row is one photo that colornet never saw in training (sources and terms: NOTICE): its lightness alone,
what our bundled network makes of that, and the colours that the photo really had.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from make_examples import gray
from PIL import Image

from benchmarks.outlines import load
from colorizer.album.contact_sheet import side_by_side
from image_colorizer import ImageColorizer

SHOWN = ("grace_hopper", "china", "flower")
FILE = Path(__file__).parent / "pictures" / "gray-ours-truth.jpg"
ROW_HEIGHT = 300
QUALITY = 85


def main() -> None:
    """Write the picture."""
    FILE.parent.mkdir(exist_ok=True)
    write(FILE, SHOWN)


def write(file: Path, names: Iterable[str]) -> None:
    """Write a picture of photos, one a row."""
    colorizer = ImageColorizer("colornet")
    stack([row(load(name), colorizer) for name in names]).save(file, quality=QUALITY, optimize=True)


def row(truth: np.ndarray, colorizer: ImageColorizer) -> Image.Image:
    """Return one photo, uint8 (h, w, 3) RGB, as gray, ours and truth."""
    before = gray(truth)
    ours = colorizer.colorize(before).array
    pictures = {"black and white": before, "ours": ours, "the true colours": truth}
    return side_by_side({label: shrink(pixels) for label, pixels in pictures.items()})


def shrink(pixels: np.ndarray) -> Image.Image:
    """Return a picture of ROW_HEIGHT."""
    picture = Image.fromarray(pixels)
    return picture.resize((round(picture.width * ROW_HEIGHT / picture.height), ROW_HEIGHT))


def stack(rows: list[Image.Image]) -> Image.Image:
    """Return the rows one below the other, each in the middle."""
    width, height = max(row.width for row in rows), sum(row.height for row in rows)
    picture, top = Image.new("RGB", (width, height), "white"), 0
    for row in rows:
        picture.paste(row, ((width - row.width) // 2, top))
        top += row.height
    return picture


if __name__ == "__main__":
    main()
