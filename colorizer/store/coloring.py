"""A kept photo is coloured: its result and thumbnail are kept beside it, with what is known of them."""

from typing import Any

import cv2

from colorizer.photo.pixels import to_8_bit
from colorizer.pipeline import ImageColorizer
from colorizer.results import ColorizedPhoto
from colorizer.stages import encode, open_photo
from colorizer.store.images import ImageStore, Owner, StoredImage

THUMBNAIL_SIDE = 320  # pixels
THUMBNAIL_QUALITY = 80
FILES = ("mask", "reference")  # options that are files
BESIDE = "beside"  # the kind of what is kept of them, for all photos of a job
ORIGINAL, RESULT, THUMBNAIL = "original", "result", "thumbnail"


def color_kept(
    store: ImageStore, owner: Owner, image: StoredImage, colorizer: ImageColorizer, options: dict[str, Any]
) -> StoredImage:
    """Colour a kept photo and keep the result in the place of an earlier one.

    options: as `ImageColorizer.colorize` takes them, of kinds that JSON has, or files.
    Raises what that and `ImageStore.change` raise.
    """
    result = colorizer.colorize(store.read(image.files[ORIGINAL]), **options)
    return store.change(owner, image, result_files(result), {**image.facts, **result_facts(result, options)})


def result_files(result: ColorizedPhoto) -> dict[str, bytes]:
    """Return the files that are kept of a result."""
    return {RESULT: result.data, THUMBNAIL: thumbnail(result.data)}


def result_facts(result: ColorizedPhoto, options: dict[str, Any]) -> dict[str, Any]:
    """Return what is noted of a result; of a mask and a reference only that there were any."""
    noted = {name: True if name in FILES else value for name, value in options.items()}
    return {
        "width": result.width,
        "height": result.height,
        "media_type": result.media_type,
        "strategy": result.strategy,
        "options": noted,
        "confidence": None if result.confidence is None else round(float(result.confidence), 4),
        "already_colored": result.already_colored,
        "scene": result.scene and {"name": result.scene[0], "share": round(float(result.scene[1]), 4)},
    }


def thumbnail(data: bytes) -> bytes:
    """Return a small jpg of a result's file."""
    pixels = to_8_bit(open_photo(data, target="png").pixels)
    scale = min(1.0, THUMBNAIL_SIDE / max(pixels.shape[:2]))
    size = [max(1, round(side * scale)) for side in pixels.shape[1::-1]]
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    return encode(cv2.merge([small] * 3) if small.ndim == 2 else small, quality=THUMBNAIL_QUALITY)
