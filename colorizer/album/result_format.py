"""What the bytes of a file say about results: whether one needs PNG, and whether the file is one already."""

import io
from collections.abc import Callable

from PIL import Image
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from colorizer.photo.formats import sniff
from colorizer.photo.metadata import NOTE
from colorizer.photo.tiff_file import needs_more_than_jpeg

OUR_NOTE = NOTE.partition(",")[0].encode()
PNG_BIT_DEPTH = 24  # its place in a PNG file
Opener = Callable[[io.BytesIO], Image.Image]


def needs_png(photo: bytes) -> bool:
    """Whether jpeg cannot hold what the photo has: alpha or 16 bits. Reads the file's head only.

    False for a file that is no photo: colouring it will say why.
    """
    try:
        kind = sniff(photo).name
        if kind == "tiff":
            return needs_more_than_jpeg(photo)
        with HEADS[kind](io.BytesIO(photo)) as image:
            return image.has_transparency_data or _bits(image, photo) == 16
    except Exception:  # what decoders raise for a stranger's file has no common base
        return False


def is_result(file: bytes) -> bool:
    """Whether a file carries the note that every result of ours has."""
    return OUR_NOTE in file


def _open_avif(file: io.BytesIO) -> Image.Image:
    from PIL.AvifImagePlugin import AvifImageFile

    return AvifImageFile(file)


def _bits(image: Image.Image, photo: bytes) -> int:
    return photo[PNG_BIT_DEPTH] if isinstance(image, PngImageFile) else 8


HEADS: dict[str, Opener] = {"png": PngImageFile, "webp": WebPImageFile, "avif": _open_avif}
