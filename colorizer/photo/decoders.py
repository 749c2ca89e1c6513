"""From a photo's file, of each kind, to its pixels as they lie in the file and what the file says of them.

Everything is checked before it is decoded: that the file is whole, and the number of its pixels. Only the
first frame or page is read.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import cv2
import numpy as np
import simplejpeg
from PIL import Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from colorizer.color.jpeg_planes import darkening_of, gray_luma
from colorizer.errors import DamagedPhoto, NotAPhoto, PhotoError, TooManyPixels
from colorizer.photo.jpeg_file import JpegFile, parse_jpeg, read_jpeg_metadata
from colorizer.photo.metadata import Metadata, read_orientation, upright_xmp
from colorizer.photo.pixels import equal_grays, sample_of, split_alpha, swap_red_and_blue, thinned
from colorizer.photo.png_file import parse_png, read_png_metadata
from colorizer.photo.profiles import fitting_profile
from colorizer.photo.tiff_file import is_deep_color, is_white_zero, read_tiff_metadata

CheckSize = Callable[[int, int], None]  # is given width and height, and raises where they are too much
HARMLESS = ("extraneous bytes", "JFIF revision", "SOS parameters", "Adobe color transform")
NEUTRAL_ROWS = 256  # checked at once
COLORS_STEP = 4  # of the pixels of the half-size picture, enough are kept to tell a tint from colours
NEUTRAL = 4  # levels; a smaller difference between red, green and blue is JPEG's own noise


@dataclass(frozen=True)
class Decoded:
    """Pixels as they lie in the file, and its metadata.

    pixels: gray (h, w) or RGB (h, w, 3), uint8 or uint16. alpha: (h, w) of the same dtype, or None.
    orientation: EXIF's, 1 to 8, that the pixels still have to be turned by.
    sample: the file's own colours, RGB uint8, small, or None for a gray file; pixels may be their grays.
    """

    pixels: np.ndarray
    metadata: Metadata
    orientation: int
    alpha: np.ndarray | None = None
    sample: np.ndarray | None = None


def decode(kind: str, data: bytes, check_size: CheckSize, gray_will_do: bool) -> Decoded:
    """Decode the bytes of a "jpeg", "png", "webp" or "tiff" file.

    gray_will_do: colours may come as the grays of the same lightness, rounded to 8 bits; this is faster and
    takes a third of the memory.
    Raises NotAPhoto, DamagedPhoto or TooManyPixels.
    """
    decoder = {"jpeg": _decode_jpeg, "png": _decode_png, "webp": _decode_webp, "tiff": _decode_tiff}[kind]
    with _troubles_told():
        return decoder(data, check_size, gray_will_do)


def decode_image(image: Image.Image, check_size: CheckSize) -> Decoded:
    """Take the pixels of an image of Pillow, upright, and its profile; raises what `decode` does."""
    check_size(*image.size)
    with _troubles_told():
        metadata = Metadata(icc=image.info.get("icc_profile"))
        return _decode_image(ImageOps.exif_transpose(image), metadata, 1, gray_will_do=False)


@contextmanager
def _troubles_told() -> Iterator[None]:
    """Turn whatever decoders raise on a stranger's file into an error of ours."""
    try:
        yield
    except (PhotoError, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise TooManyPixels("The photo has far too many pixels. Make it smaller first.") from error
    except Exception as error:  # decoders may raise anything
        raise DamagedPhoto("The photo is cut off or broken inside. Send the whole file.") from error


def _decode_jpeg(data: bytes, check_size: CheckSize, gray_will_do: bool) -> Decoded:
    file = parse_jpeg(data)
    check_size(file.width, file.height)
    if file.precision != 8:
        raise NotAPhoto(f"This jpg has {file.precision} bits per sample; only 8 are read.")
    metadata = read_jpeg_metadata(file)
    orientation = read_orientation(metadata.exif)
    space = simplejpeg.decode_jpeg_header(file.picture)[2]
    if space == "Gray":
        return Decoded(_jpeg_pixels(file, "GRAY")[..., 0], metadata, orientation)
    if space != "YCbCr":
        image = JpegImageFile(io.BytesIO(file.picture))
        return _decode_image(image, metadata, orientation, gray_will_do)
    if gray_will_do and _is_srgb(metadata):
        return _decode_luma(file, metadata, orientation)
    pixels = _jpeg_pixels(file, "RGB")
    return Decoded(pixels, metadata, orientation, sample=sample_of(pixels))


def _decode_luma(file: JpegFile, metadata: Metadata, orientation: int) -> Decoded:
    colors = _half_size_colors(file)
    darkening = None if _is_neutral(colors) else darkening_of(colors)
    sample = sample_of(colors[::COLORS_STEP, ::COLORS_STEP])
    del colors  # half the photo's size is too much beside its luma
    luma = _jpeg_pixels(file, "GRAY")[..., 0]
    if darkening is not None:
        luma = gray_luma(luma, darkening)
    return Decoded(luma, metadata, orientation, sample=sample)


def _is_neutral(colors: np.ndarray) -> bool:
    for top in range(0, len(colors), NEUTRAL_ROWS):
        red, green, blue = cv2.split(colors[top : top + NEUTRAL_ROWS])
        if max(cv2.norm(red, green, cv2.NORM_INF), cv2.norm(green, blue, cv2.NORM_INF)) > NEUTRAL:
            return False
    return True


def _jpeg_pixels(file: JpegFile, space: str) -> np.ndarray:
    pixels = _libjpeg(file.picture, space)
    if pixels.shape[:2] != (file.height, file.width):
        raise DamagedPhoto("This jpg contradicts itself about its size.")
    return pixels


def _half_size_colors(file: JpegFile) -> np.ndarray:
    height, width = -(-file.height // 2), -(-file.width // 2)
    colors = _libjpeg(file.picture, "RGB", min_height=height, min_width=width)
    if colors.shape[:2] == (height, width):
        return colors
    return cv2.resize(colors, (width, height), interpolation=cv2.INTER_AREA)


def _libjpeg(data: bytes, space: str, **scale: int) -> np.ndarray:
    pixels: np.ndarray
    try:
        pixels = simplejpeg.decode_jpeg(data, space, **scale)
    except ValueError as error:
        if not any(words in str(error) for words in HARMLESS):
            raise
        pixels = simplejpeg.decode_jpeg(data, space, strict=False, **scale)
    return pixels


def _decode_png(data: bytes, check_size: CheckSize, gray_will_do: bool) -> Decoded:
    file = parse_png(data)
    check_size(file.width, file.height)
    metadata = read_png_metadata(file)
    orientation = read_orientation(metadata.exif)
    if file.depth == 16 and file.channels > 1:
        return _decode_deep_colors(file.picture, metadata, orientation, gray_will_do)
    return _decode_image(PngImageFile(io.BytesIO(file.picture)), metadata, orientation, gray_will_do)


def _decode_webp(data: bytes, check_size: CheckSize, gray_will_do: bool) -> Decoded:
    image = WebPImageFile(io.BytesIO(data))
    check_size(*image.size)
    exif, xmp = image.info.get("exif", b""), image.info.get("xmp")
    metadata = Metadata(
        exif=exif.removeprefix(b"Exif\0\0") or None,
        xmp=upright_xmp(xmp) if xmp else None,
        icc=image.info.get("icc_profile"),
    )
    return _decode_image(image, metadata, read_orientation(metadata.exif), gray_will_do)


def _decode_tiff(data: bytes, check_size: CheckSize, gray_will_do: bool) -> Decoded:
    image = TiffImageFile(io.BytesIO(data))
    check_size(*image.size)
    metadata = read_tiff_metadata(image)
    # Both Pillow and OpenCV turn a TIFF upright by themselves.
    if is_deep_color(image):
        return _decode_deep_colors(data, metadata, 1, gray_will_do)
    return _decode_image(image, metadata, 1, gray_will_do)


def _decode_image(image: Image.Image, metadata: Metadata, orientation: int, gray_will_do: bool) -> Decoded:
    """Decode any of Pillow's images."""
    image.load()
    if image.mode in ("F", "I"):
        raise NotAPhoto("The picture has 32 bits per sample; only 8 and 16 are read.")
    if image.mode == "CMYK":
        profile = fitting_profile(metadata.icc, "CMYK")
        image = profile.to_srgb(image) if profile else image.convert("RGB")
        metadata = replace(metadata, icc=None)
    if image.mode.startswith("I;16"):
        return _decode_deep_gray(image, metadata, orientation)
    gray = image.mode in ("1", "L", "LA")
    mode = ("L" if gray else "RGB") + "A" * image.has_transparency_data
    if image.mode != mode:  # converting would copy it
        image = image.convert(mode)
    return _decoded(image, metadata, orientation, gray_will_do and not gray)


def _decoded(
    picture: Image.Image | np.ndarray, metadata: Metadata, orientation: int, as_gray: bool
) -> Decoded:
    """Take the pixels, and alpha, of a picture; colours as grays where they may come so."""
    if as_gray and _is_srgb(metadata):
        gray, alpha = equal_grays(picture)
        return Decoded(gray, metadata, orientation, alpha, sample_of(thinned(picture)))
    pixels, alpha = split_alpha(np.asarray(picture))
    return Decoded(pixels, metadata, orientation, alpha, sample_of(pixels))


def _is_srgb(metadata: Metadata) -> bool:
    profile = fitting_profile(metadata.icc, "RGB")
    return profile is None or profile.is_srgb


def _decode_deep_gray(image: Image.Image, metadata: Metadata, orientation: int) -> Decoded:
    pixels = np.asarray(image).astype(np.uint16)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        alpha = np.where(pixels == transparent, np.uint16(0), np.uint16(65535))
        return Decoded(pixels, metadata, orientation, alpha)
    return Decoded(~pixels if is_white_zero(image) else pixels, metadata, orientation)


def _decode_deep_colors(data: bytes, metadata: Metadata, orientation: int, gray_will_do: bool) -> Decoded:
    """Decode 16-bit colours, which Pillow does not read."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError("OpenCV cannot read this picture.")
    swap_red_and_blue(pixels)
    return _decoded(pixels, metadata, orientation, gray_will_do)
