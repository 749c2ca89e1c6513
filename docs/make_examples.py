"""Make the page's examples, static/examples; run `python docs/make_examples.py` after each training.

Each photo of scikit-image (sources and terms: NOTICE) becomes NAME-before.jpg, its lightness alone, and
NAME-after.jpg, what our bundled network makes of that. One more picture shows predicted colour alone.
"""

import io
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image

from colorizer.color.lab import lab_to_rgb, rgb_to_lab
from image_colorizer import ImageColorizer

FOLDER = Path(__file__).parent.parent / "static" / "examples"
PHOTOS = ("astronaut", "coffee", "rocket", "chelsea")
EXPLAINED = "astronaut"  # the photo that the About page takes apart
QUALITY = 85  # 20 to 60 KB each
SHOWN_LIGHTNESS = 65  # where sRGB holds the widest range of colours


def main() -> None:
    """Write every example picture."""
    colorizer = ImageColorizer("colornet")
    FOLDER.mkdir(exist_ok=True)
    for name in PHOTOS:
        before = encode(gray(getattr(skimage.data, name)()))
        after = colorizer.colorize(before, quality=QUALITY).data
        (FOLDER / f"{name}-before.jpg").write_bytes(before)
        (FOLDER / f"{name}-after.jpg").write_bytes(after)
        if name == EXPLAINED:
            (FOLDER / f"{name}-chroma.jpg").write_bytes(encode(chroma_alone(after)))


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
