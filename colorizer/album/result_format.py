"""What the bytes of a file say about results: whether one needs PNG, and whether the file is one already."""

import io
import warnings

from PIL import Image, PngImagePlugin, TiffImagePlugin

from colorizer.photo.metadata import NOTE

OUR_NOTE = NOTE.partition(",")[0].encode()
PNG_BIT_DEPTH = 24  # its place in a PNG file
TIFF_BITS_PER_SAMPLE = 258


def needs_png(photo: bytes) -> bool:
    """Whether jpeg cannot hold what the photo has: alpha or 16 bits. Reads the file's head only.

    False for a file that is no photo: colouring it will say why.
    """
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(photo)) as image:
            return image.has_transparency_data or _bits(image, photo) == 16
    except Exception:  # what decoders raise for a stranger's file has no common base
        return False


def is_result(file: bytes) -> bool:
    """Whether a file carries the note that every result of ours has."""
    return OUR_NOTE in file


def _bits(image: Image.Image, photo: bytes) -> int:
    if isinstance(image, PngImagePlugin.PngImageFile):
        return photo[PNG_BIT_DEPTH]
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        return int(image.tag_v2.get(TIFF_BITS_PER_SAMPLE, (8,))[0])
    return 8
