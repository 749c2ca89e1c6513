"""What colouring gives: the photo in the shape in which it came in, and what is known about it.

Bytes, paths and files become a `ColorizedPhoto`, arrays a `ColorizedArray`, images a `ColorizedImage`.
"""

import io
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

import numpy as np
from PIL import Image

from colorizer.color.hints import Hint
from colorizer.errors import BadField
from colorizer.options import DEFAULT_QUALITY
from colorizer.photo.formats import WRITTEN, Format, format_of_suffix
from colorizer.photo.image_io import check_sides, write_photo
from colorizer.photo.metadata import NOTE, Metadata
from colorizer.photo.pixels import lay_on_white, to_8_bit
from colorizer.photo.sources import samples_of
from colorizer.process.files import write_whole

PREVIEW_SIDE = 1024  # pixels of what a notebook shows, at most


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Colorized:
    """What is known about a coloured photo.

    width, height: in pixels, upright. strategy: its name. confidence: 0 to 1, or None where the network has
    no notion of it. confidence_map: float32 (h, w) on the network's grid, 0 to 1, or None. scene: (name,
    share) or None. already_colored: whether the photo was in colour before. frames: how many pictures of full
    size the file held; this is the first. timings: milliseconds of each stage and in total.
    """

    width: int
    height: int
    strategy: str
    confidence: float | None = None
    confidence_map: np.ndarray | None = None
    scene: tuple[str, float] | None = None
    already_colored: bool = False
    frames: int = 1
    timings: dict[str, float] = field(default_factory=dict)

    def __repr__(self) -> str:
        sure = "" if self.confidence is None else f", confidence {self.confidence:.2f}"
        return f"<{type(self).__name__} {self.width}x{self.height} by {self.strategy}{sure}>"

    def __eq__(self, other: object) -> bool:
        """Whether both are of one kind and hold the same, whatever time it took."""
        if type(self) is not type(other):
            return NotImplemented
        names = [item.name for item in fields(self) if item.name != "timings"]
        return all(_is_same(getattr(self, name), getattr(other, name)) for name in names)

    __hash__ = None  # type: ignore[assignment]  # arrays have none


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ColorizedPhoto(Colorized):
    """A coloured photo as a file: `data`, its bytes, and `media_type`, as "image/jpeg"."""

    data: bytes
    media_type: str

    @property
    def image(self) -> Image.Image:
        """The photo as an image of Pillow, decoded anew each time."""
        image = Image.open(io.BytesIO(self.data))
        image.load()
        return image

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the file, whole or not at all.

        Raises BadField where the suffix is that of another format, OutputError where it cannot be written.
        """
        asked = _format_of(path)
        if asked.media_type != self.media_type:
            raise BadField(
                f"{path} is named as a {asked.title}, but this result is {self.media_type}. Name it so,"
                f" or colour the photo with format={asked.name!r}."
            )
        write_whole(Path(path), self.data)

    def _repr_jpeg_(self) -> bytes | None:
        return self.data if self.media_type == WRITTEN["jpeg"].media_type else None

    def _repr_png_(self) -> bytes | None:
        return None if self._repr_jpeg_() else _preview(self.image)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ColorizedArray(Colorized):
    """A coloured photo as `array`: RGB (h, w, 3), or RGBA where there was alpha, of the given dtype."""

    array: np.ndarray

    @property
    def image(self) -> Image.Image:
        """The photo as an image of Pillow, 8 bits a sample."""
        return Image.fromarray(to_8_bit(samples_of(self.array)))

    def save(self, path: str | os.PathLike[str], quality: int = DEFAULT_QUALITY) -> None:
        """Encode by the path's suffix, .jpg, .png or .webp, and write the file, whole or not at all.

        Raises BadField for another suffix, SideTooLong, and OutputError where it cannot be written.
        """
        _save(samples_of(self.array), path, quality, self.strategy)

    def _repr_png_(self) -> bytes:
        return _preview(self.image)


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ColorizedImage(Colorized):
    """A coloured photo as `image`, an image of Pillow in mode RGB, or RGBA where it came in with alpha."""

    image: Image.Image

    def save(self, path: str | os.PathLike[str], quality: int = DEFAULT_QUALITY) -> None:
        """Encode by the path's suffix and write the file; see `ColorizedArray.save`."""
        _save(np.asarray(self.image), path, quality, self.strategy, self.image.info.get("icc_profile"))

    def _repr_png_(self) -> bytes:
        return _preview(self.image)


@dataclass(frozen=True)
class Variant:
    """One of several ways to colour a photo.

    hints: the corrections that make it, as `colorize` takes them, in pixels of the upright photo.
    data: a small picture of it, a jpg of at most 512 pixels a side.
    """

    hints: list[Hint | Mapping[str, object]]
    data: bytes
    media_type: str = WRITTEN["jpeg"].media_type


def _is_same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other)
    return bool(one == other) if type(one) is type(other) else False


def _format_of(path: str | os.PathLike[str]) -> Format:
    suffix = Path(path).suffix
    found = format_of_suffix(suffix)
    if found is None:
        known = ", ".join(suffix for format in WRITTEN.values() for suffix in format.suffixes)
        raise BadField(f"A result's file is named {known}; {suffix!r} is none of them.")
    return found


def _save(
    pixels: np.ndarray, path: str | os.PathLike[str], quality: int, strategy: str, icc: bytes | None = None
) -> None:
    format = _format_of(path)
    check_sides(pixels.shape[1], pixels.shape[0], format.name)
    if format.name == "jpeg" and pixels.shape[2] == 4:
        pixels = lay_on_white(pixels[..., :3], pixels[..., 3])
    note = NOTE.format(strategy=strategy)
    write_whole(Path(path), write_photo(pixels.copy(), format.name, quality, Metadata(icc=icc), note))


def _preview(image: Image.Image) -> bytes:
    small, file = image.copy(), io.BytesIO()
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    small.save(file, "PNG")
    return file.getvalue()
