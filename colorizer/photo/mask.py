"""A mask: the png file of what a person painted over a photo."""

import io

import numpy as np
from PIL import Image

from colorizer.errors import BadField
from colorizer.photo.formats import READ

LARGEST_MASK = 16_000_000  # pixels: 64 MB while it is read; a mask is as fine as a brush
SIDE = 2048  # pixels; finer than any photo's colours


def read_mask(data: bytes, width: int, height: int) -> np.ndarray:
    """Return RGBA, uint8 (h, w, 4), of a mask for a photo of width x height pixels; large ones are thinned.

    Raises BadField where it is no png, is damaged or too large, or has other proportions than the photo.
    """
    if not data.startswith(READ["png"].starts):
        raise BadField("mask must be a png file; this is something else.")
    try:
        with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
            check_mask_size(*image.size, width, height)
            image.thumbnail((SIDE, SIDE), Image.Resampling.NEAREST)
            return np.asarray(image.convert("RGBA"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise BadField("mask is a png file that is damaged. Save it again.") from error


def check_mask_size(mask_width: int, mask_height: int, width: int, height: int) -> None:
    """Raise BadField where a mask is too large, or not of a photo's proportions, to a pixel of the mask."""
    if mask_width * mask_height > LARGEST_MASK:
        raise BadField(f"mask has {mask_width}x{mask_height} pixels; at most {LARGEST_MASK:,} are taken.")
    fitting = mask_width * height / width  # what its height should be; a pixel of its own may be missing
    if abs(mask_height - fitting) > 1 and abs(mask_width - mask_height * width / height) > 1:
        raise BadField(
            f"mask has {mask_width}x{mask_height} pixels, which are not the proportions of the photo of"
            f" {width}x{height} pixels. Draw it over the upright photo."
        )
