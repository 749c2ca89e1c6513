"""Make the page's examples, static/examples; run `python docs/make_examples.py` after each training.

Each photo (sources and terms: NOTICE; training/nearest.py tells that the network learned from none of them)
becomes NAME-before.jpg, its lightness alone, which a visitor can try, and NAME-half.webp, half of it in the
colours of our bundled network, which the page shows. The explained one is also taken apart: before, colours
alone, after. The brothers come with a package that nothing else here needs: first run
`pip install --no-deps gramps==6.0.8`.
"""

import io
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from benchmarks.outlines import load
from colorizer.color.lab import lab_to_rgb, rgb_to_lab
from image_colorizer import ImageColorizer

FOLDER = Path(__file__).parent.parent / "static" / "examples"
BROTHERS = Path(sys.prefix) / "share/doc/gramps/example/gramps/O2.jpg"
WITHOUT_THE_CARD = (40, 330, 1190, 1480)  # left, top, right, bottom: the brothers, without the card's edges
LARGEST_SIDE = 560
EXPLAINED = "camera"  # the photo that the About page takes apart
SHOWN_FIRST = "brothers"
QUALITY = 85  # 20 to 60 KB each
PREVIEW, HERO = ((400, 300), 35), ((400, 400), 45)  # size and quality: 4 to 12 KB each
SHOWN_LIGHTNESS = 65  # where sRGB holds the widest range of colours


def main() -> None:
    """Write every example picture."""
    colorizer = ImageColorizer("colornet")
    FOLDER.mkdir(exist_ok=True)
    for name, photo in PHOTOS.items():
        before = encode(gray(small(photo())))
        after = colorizer.colorize(before, quality=QUALITY).data
        (FOLDER / f"{name}-before.jpg").write_bytes(before)
        write_preview(f"{name}-half", halves(opened(before), opened(after)), PREVIEW)
        if name == EXPLAINED:
            (FOLDER / f"{name}-after.jpg").write_bytes(after)
            (FOLDER / f"{name}-chroma.jpg").write_bytes(encode(chroma_alone(after)))
        if name == SHOWN_FIRST:
            write_preview(name, opened(after), HERO)


def brothers() -> np.ndarray:
    """Return the photo of two brothers, as uint8 (h, w, 3) RGB."""
    with Image.open(BROTHERS) as card:
        return np.asarray(card.convert("RGB").crop(WITHOUT_THE_CARD))


PHOTOS: dict[str, Callable[[], np.ndarray]] = {
    "brothers": brothers,
    **{name: partial(load, name) for name in ("grace_hopper", "china", "camera")},
}


def small(rgb: np.ndarray) -> np.ndarray:
    """Return a photo no larger than LARGEST_SIDE."""
    picture = Image.fromarray(rgb)
    picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS, reducing_gap=None)
    return np.asarray(picture)


def opened(jpeg: bytes) -> Image.Image:
    """Return the picture in a JPEG file, as RGB."""
    return Image.open(io.BytesIO(jpeg)).convert("RGB")


def halves(before: Image.Image, after: Image.Image) -> Image.Image:
    """Return the left half of one picture beside the right half of another."""
    together = before.copy()
    together.paste(after.crop((after.width // 2, 0, after.width, after.height)), (after.width // 2, 0))
    return together


def write_preview(name: str, picture: Image.Image, form: tuple[tuple[int, int], int]) -> None:
    """Write a picture as a light WebP of this form, its edges cut off where the sides' ratio differs."""
    size, quality = form
    preview = ImageOps.fit(picture, size, Image.Resampling.LANCZOS, centering=(0.5, 0))
    preview.save(FOLDER / f"{name}.webp", quality=quality, method=6)


def gray(rgb: np.ndarray) -> np.ndarray:
    """Return uint8 (h, w) gray of the same CIE lightness as uint8 (h, w, 3) RGB."""
    lightness = rgb_to_lab(rgb)[..., 0]
    return lab_to_rgb(lightness, np.zeros((*lightness.shape, 2), np.float32), np.uint8)[..., 0]


def chroma_alone(jpeg: bytes) -> np.ndarray:
    """Return uint8 (h, w, 3) RGB: the colours of a picture, all at one lightness."""
    lab = rgb_to_lab(np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB")))
    return lab_to_rgb(np.full_like(lab[..., 0], SHOWN_LIGHTNESS), lab[..., 1:], np.uint8)


def encode(pixels: np.ndarray) -> bytes:
    """Return a JPEG file of gray or RGB pixels."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=QUALITY, optimize=True)
    return file.getvalue()


if __name__ == "__main__":
    main()
