"""The stages that colour a photo, each usable alone; `pipeline.ImageColorizer` walks photos through them.

    open_photo  from a file's bytes or an array to a `Photo`: upright sRGB pixels, and what the file says
    show        from a Photo to its lightness, at the size that a strategy wants to see
    predict     from that lightness to a `Prediction`: ab on a small grid, and how sure it is
    refer       from that to one with the colours of another photo, where something there is alike
    paint       from that to the colours as the caller likes them, more or less strong and warm
    correct     from hints and a mask to the change of ab that brings their spots to their colours
    join        from a Photo and ab to its own lightness with these colours, at full size
    encode      from the joined pixels or planes to the bytes of a file

One after the other:

    photo = open_photo(data)
    shown = show(photo, strategy)
    prediction = predict(photo, shown, strategy)
    data = encode(join(photo, prediction.ab, shown), metadata=photo.metadata)
"""

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from PIL import Image

from colorizer.color import corrections
from colorizer.color.chroma import Layer, Place, color_pixels, lightness_shown
from colorizer.color.hints import Hint, check_hints, rasterise_hints
from colorizer.color.jpeg_planes import color_luma, is_rough
from colorizer.color.lab import lightness_of
from colorizer.color.reference import Reference, take_colors
from colorizer.color.spreading import Guide
from colorizer.color.strokes import strokes_of
from colorizer.color.warmth import warm
from colorizer.errors import BadField
from colorizer.options import (
    DEFAULT_QUALITY,
    DEFAULT_SATURATION,
    DEFAULT_STRATEGY,
    DEFAULT_WARMTH,
    FORMATS,
    LOSSLESS,
    Look,
    check_turn,
)
from colorizer.photo.formats import WRITTEN
from colorizer.photo.image_io import (
    Photo,
    check_sides,
    photo_of_array,
    photo_of_image,
    read_photo,
    write_jpeg_planes,
    write_photo,
)
from colorizer.photo.limits import DEFAULT_LIMITS, Limits
from colorizer.photo.mask import check_mask_size, read_mask
from colorizer.photo.metadata import NOTE, Metadata
from colorizer.photo.pixels import to_8_bit
from colorizer.photo.record import Record, seal
from colorizer.photo.sources import Source, read_source
from colorizer.strategies.base import Prediction, Strategy

Colored = np.ndarray | tuple[np.ndarray, np.ndarray, np.ndarray]  # RGB(A) pixels, or Y, Cb and Cr planes


def open_photo(source: Source, limits: Limits = DEFAULT_LIMITS, target: str = "jpeg") -> Photo:
    """Return a photo, upright and in sRGB.

    source: a jpg, png, WebP or TIFF file as bytes, as a path or open in binary mode; an array (see
    `photo.sources.samples_of`); or an image of Pillow. target: what it will become: "jpeg", "png", "webp",
    "tiff", or "array" or "image". A jpg has no alpha, so it is laid on white, and needs the colours'
    lightness only, in 8 bits; all others keep what there is.
    Raises NotAPhoto, DamagedPhoto, TooManyBytes, TooManyPixels, PhotoError where a file cannot be read, or
    SideTooLong where the target holds no photo of this size.
    """
    if isinstance(source, np.ndarray):
        return photo_of_array(source, limits)
    if isinstance(source, Image.Image):
        return photo_of_image(source, limits)
    data = read_source(source)
    photo = read_photo(data, limits, for_jpeg=target == "jpeg")
    if target in WRITTEN:
        check_sides(photo.width, photo.height, target)
    return replace(photo, metadata=replace(photo.metadata, source=hashlib.sha256(data).hexdigest()))


def turned(photo: Photo, turn: int) -> Photo:
    """Return the photo turned clockwise by 0, 90, 180 or 270 degrees; its metadata stays."""
    quarters = -check_turn(turn) // 90
    if not quarters:
        return photo
    alpha = None if photo.alpha is None else np.ascontiguousarray(np.rot90(photo.alpha, quarters))
    return replace(photo, pixels=np.ascontiguousarray(np.rot90(photo.pixels, quarters)), alpha=alpha)


def open_mask(mask: bytes | np.ndarray | None, photo: Photo) -> np.ndarray | None:
    """Return a mask, a png file or RGBA uint8 (h, w, 4), as RGBA; None where there is none.

    Raises BadField where it is no mask, or not of the photo's proportions.
    """
    if mask is None:
        return None
    if not isinstance(mask, np.ndarray):
        return read_mask(mask, photo.width, photo.height)
    if mask.dtype != np.uint8 or mask.ndim != 3 or mask.shape[2] != 4:
        raise BadField(f"mask must be RGBA, uint8 (h, w, 4), not {mask.dtype} {mask.shape}.")
    check_mask_size(mask.shape[1], mask.shape[0], photo.width, photo.height)
    return mask


def show(photo: Photo, strategy: Strategy) -> np.ndarray:
    """Return the photo's L* at the size at which the strategy wants to see it, float32 (h, w), 0 to 100."""
    return lightness_shown(photo.pixels, *strategy.network_size(photo.width, photo.height))


def predict(photo: Photo, shown: np.ndarray, strategy: Strategy, hints: Iterable[Hint] = ()) -> Prediction:
    """Return what the strategy, which is loaded, says of the lightness that it is shown.

    shown: what `show` returned. hints: in pixels of the upright photo. Raises BadHints where one is outside.
    """
    hints = tuple(hints)
    check_hints(hints, photo.width, photo.height)
    size = (photo.width, photo.height)
    drawn = rasterise_hints(hints, size, shown.shape[::-1]) if hints else None
    return strategy.predict(shown, drawn)


def refer(prediction: Prediction, guide: Guide, reference: Reference) -> Prediction:
    """Return the prediction with the colours of a reference where something on it is alike.

    guide: what tells the things on the photo apart, as `Prediction.guide` of colornet.
    """
    return replace(prediction, ab=take_colors(prediction.ab, guide, reference), guide=guide)


def paint(
    prediction: Prediction,
    shown: np.ndarray,
    saturation: float = DEFAULT_SATURATION,
    warmth: float = DEFAULT_WARMTH,
) -> Layer:
    """Return the predicted ab, saturation times as strong, in a warmer or cooler light; see `Options`.

    shown: the L* that the network was shown.
    """
    ab = prediction.ab * np.float32(saturation)
    lightness = cv2.resize(shown, ab.shape[1::-1], interpolation=cv2.INTER_AREA)
    return Layer(warm(ab, lightness, warmth), shown)


def correct(
    photo: Photo,
    painted: Layer,
    guide: Guide,
    hints: Iterable[Hint] = (),
    mask: np.ndarray | None = None,
) -> Layer:
    """Return the change that gives the spots of hints, and what a mask paints over, their colours.

    painted: what `paint` returned. guide: what tells the things on the photo apart, from colornet's logits.
    hints: in pixels of the upright photo. mask: RGBA, uint8 (h, w, 4), of the photo's proportions.
    Raises BadHints where a hint is outside the photo.
    """
    hints = tuple(hints)
    check_hints(hints, photo.width, photo.height)
    height, width = guide.lightness.shape
    strokes = None if mask is None else strokes_of(mask, width, height)
    return corrections.correct(painted, guide, [spot_of(photo, hint) for hint in hints], strokes)


def spot_of(photo: Photo, hint: Hint) -> corrections.Spot:
    """Return what a hint, which lies on the photo, says of its pixel."""
    x, y = int(hint.x), int(hint.y)
    return corrections.Spot(
        place=Place((x + 0.5) / photo.width, (y + 0.5) / photo.height),
        lightness=float(lightness_of(photo.pixels[y : y + 1, x : x + 1])[0, 0]),
        ab=None if hint.keep else (hint.a, hint.b),
        reach=hint.reach,
    )


def join(
    photo: Photo, ab: np.ndarray, shown: np.ndarray, target: str = "jpeg", change: Layer | None = None
) -> Colored:
    """Join the photo's own lightness with ab, in the shape that the target is made from.

    ab: float32 (h, w, 2), CIE Lab units, on any grid that covers the whole photo. shown: its L*, any size.
    change: of ab, what `correct` returned.
    Returns RGB (h, w, 3), or RGBA where the photo has alpha, of the photo's dtype and in its profile; or,
    for most gray photos that become a jpg, the planes Y (h, w) and Cb, Cr (half as high and wide), uint8.
    """
    if target == "jpeg" and photo.is_plain_gray:
        luma = to_8_bit(photo.pixels)
        if not is_rough(luma):
            return color_luma(np.require(luma, requirements="W"), ab, shown, change=change)  # overwrites it
    pixels = color_pixels(photo.pixels, ab, shown, change)
    if photo.profile:
        pixels = photo.profile.from_srgb(pixels)
    if photo.alpha is None:
        return pixels
    if photo.hidden is not None:  # what nobody sees stays as it is
        hidden = photo.hidden if photo.hidden.ndim == 3 else photo.hidden[..., np.newaxis]
        np.copyto(pixels, hidden, where=(photo.alpha == 0)[..., np.newaxis])
    return np.dstack([pixels, photo.alpha])


def encode(
    colored: Colored,
    format: str = "jpeg",
    quality: int = DEFAULT_QUALITY,
    metadata: Metadata | None = None,
    strategy: str = DEFAULT_STRATEGY,
) -> bytes:
    """Return the bytes of a file of what `join` returned; the pixels may be overwritten, to spare memory.

    format: "jpeg", "png", "webp" or "tiff"; planes become a jpeg only. quality: 1 to 100, of jpeg and webp.
    metadata: the photo's, which is kept, with a `record_of` the result where there is one. strategy: is named
    in the note that the colours are simulated.
    """
    note = NOTE.format(strategy=strategy)
    metadata = with_record(metadata or Metadata(), format)
    if isinstance(colored, tuple):
        return seal(write_jpeg_planes(colored, quality, metadata, note))
    return seal(write_photo(colored, format, quality, metadata, note))


def with_record(metadata: Metadata, format: str) -> Metadata:
    """Return metadata whose XMP tells its record, where there is one."""
    if metadata.record is None:
        return metadata
    return replace(metadata, xmp=metadata.record.joined(metadata.xmp, WRITTEN[format].largest_xmp))


def record_of(source: str, strategy: Strategy, look: Look, **more: Any) -> Record:
    """Return what a result says about how it was made; results of the same record have the same colours.

    source: the SHA-256 of the photo's file, as `Metadata.source`. look: with the format of the result. more:
    whatever else was asked for, by name; what is 0 or empty counts as not asked.
    """
    options = [look.format or FORMATS[0], f"saturation {look.saturation:g}"]
    if look.format not in LOSSLESS:
        options.append(f"quality {look.quality}")
    options += [f"{name} {_in_short(value)}" for name, value in sorted(more.items()) if value]
    return Record(source, ", ".join(options), strategy.name, strategy.version)


def _in_short(value: Any) -> str:
    if isinstance(value, int | float):
        return f"{value:g}"
    data = value if isinstance(value, bytes) else repr(value).encode()
    return hashlib.sha256(data).hexdigest()[:16]
