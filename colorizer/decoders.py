"""From a photo's file, of each kind, to its pixels as they lie in the file and what the file says of them.

Everything is checked before it is decoded: that the file is whole, and the number of its pixels. Only the
first frame or page is read.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

import cv2
import numpy as np
import simplejpeg
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from colorizer.errors import DamagedPhoto, NotAPhoto, TooManyPixels
from colorizer.jpeg_file import JpegFile, parse_jpeg, read_jpeg_metadata
from colorizer.jpeg_planes import gray_luma
from colorizer.metadata import Metadata, read_orientation, upright_xmp
from colorizer.png_file import parse_png, read_png_metadata
from colorizer.profiles import fitting_profile
from colorizer.tiff_file import is_deep_color, is_white_zero, read_tiff_metadata

CheckSize = Callable[[int, int], None]  # is given width and height, and raises where they are too much
Result = TypeVar("Result")
HARMLESS = ("extraneous bytes", "JFIF revision", "SOS parameters", "Adobe color transform")
NEUTRAL = 4  # levels; a smaller difference between red, green and blue is JPEG's own noise
BROKEN = "The photo is cut off or broken inside. Send the whole file."


@dataclass(frozen=True)
class Decoded:
    """Pixels as they lie in the file, and its metadata.

    pixels: gray (h, w), gray and alpha (h, w, 2), RGB (h, w, 3) or RGBA (h, w, 4), uint8 or uint16.
    orientation: EXIF's, 1 to 8, that the pixels still have to be turned by.
    colors: RGB (any size) of the whole photo, where pixels are gray but the file is not.
    """

    pixels: np.ndarray
    metadata: Metadata
    orientation: int
    colors: np.ndarray | None = None


def decode(kind: str, data: bytes, check_size: CheckSize, through_luma: bool) -> Decoded:
    """Decode the bytes of a "jpeg", "png", "webp" or "tiff" file.

    through_luma: a jpg may be read through its luma plane, see `image_io.read_photo`.
    Raises NotAPhoto, DamagedPhoto or TooManyPixels.
    """
    if kind == "jpeg":
        return _decode_jpeg(data, check_size, through_luma)
    return {"png": _decode_png, "webp": _decode_webp, "tiff": _decode_tiff}[kind](data, check_size)


def _decode_jpeg(data: bytes, check_size: CheckSize, through_luma: bool) -> Decoded:
    file = parse_jpeg(data)
    check_size(file.width, file.height)
    if file.precision != 8:
        raise NotAPhoto(f"This jpg has {file.precision} bits per sample; only 8 are read.")
    metadata = read_jpeg_metadata(file)
    orientation = read_orientation(metadata.exif)
    space = _guard(lambda: simplejpeg.decode_jpeg_header(file.picture)[2])
    if space == "Gray":
        return Decoded(_jpeg_pixels(file, "GRAY")[..., 0], metadata, orientation)
    if space != "YCbCr":
        return _decode_image(_guard(lambda: JpegImageFile(io.BytesIO(file.picture))), metadata, orientation)
    profile = fitting_profile(metadata.icc, "RGB")
    if through_luma and (profile is None or profile.is_srgb):
        return _decode_luma(file, metadata, orientation)
    return Decoded(_jpeg_pixels(file, "RGB"), metadata, orientation)


def _decode_luma(file: JpegFile, metadata: Metadata, orientation: int) -> Decoded:
    luma = _jpeg_pixels(file, "GRAY")[..., 0]
    colors = _half_size_colors(file)
    red, green, blue = cv2.split(colors)
    tint = max(cv2.norm(red, green, cv2.NORM_INF), cv2.norm(green, blue, cv2.NORM_INF))
    if tint > NEUTRAL:
        luma = gray_luma(luma, colors)
    return Decoded(luma, metadata, orientation, colors)


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
    try:
        return simplejpeg.decode_jpeg(data, space, **scale)
    except ValueError as error:
        if not any(words in str(error) for words in HARMLESS):
            raise DamagedPhoto(BROKEN) from error
        return _guard(lambda: simplejpeg.decode_jpeg(data, space, strict=False, **scale))


def _decode_png(data: bytes, check_size: CheckSize) -> Decoded:
    file = parse_png(data)
    check_size(file.width, file.height)
    metadata = read_png_metadata(file)
    orientation = read_orientation(metadata.exif)
    image = _guard(lambda: PngImageFile(io.BytesIO(file.picture)))
    if file.depth == 16 and file.channels > 1:
        _guard(image.load)  # OpenCV alone reads 16-bit colours, but it does not tell what is damaged
        return Decoded(_opencv_pixels(file.picture), metadata, orientation)
    return _decode_image(image, metadata, orientation)


def _decode_webp(data: bytes, check_size: CheckSize) -> Decoded:
    image = _guard(lambda: WebPImageFile(io.BytesIO(data)))
    check_size(*image.size)
    exif, xmp = image.info.get("exif", b""), image.info.get("xmp")
    metadata = Metadata(
        exif=exif.removeprefix(b"Exif\0\0") or None,
        xmp=upright_xmp(xmp) if xmp else None,
        icc=image.info.get("icc_profile"),
    )
    return _decode_image(image, metadata, read_orientation(metadata.exif))


def _decode_tiff(data: bytes, check_size: CheckSize) -> Decoded:
    image = _guard(lambda: TiffImageFile(io.BytesIO(data)))
    check_size(*image.size)
    metadata = _guard(lambda: read_tiff_metadata(image))
    # Both Pillow and OpenCV turn a TIFF upright by themselves.
    if is_deep_color(image):
        return Decoded(_opencv_pixels(data), metadata, orientation=1)
    return _decode_image(image, metadata, orientation=1)


def _decode_image(image: Image.Image, metadata: Metadata, orientation: int) -> Decoded:
    """Decode any of Pillow's images."""
    _guard(image.load)
    if image.mode in ("F", "I"):
        raise NotAPhoto("The picture has 32 bits per sample; only 8 and 16 are read.")
    if image.mode == "CMYK":
        profile = fitting_profile(metadata.icc, "CMYK")
        image = profile.to_srgb(image) if profile else image.convert("RGB")
        metadata = replace(metadata, icc=None)
    return Decoded(_image_pixels(image), metadata, orientation)


def _image_pixels(image: Image.Image) -> np.ndarray:
    if image.mode.startswith("I;16"):
        return _deep_gray_pixels(image)
    gray = image.mode in ("1", "L", "LA")
    if image.has_transparency_data:
        return np.asarray(image.convert("LA" if gray else "RGBA"))
    return np.asarray(image.convert("L" if gray else "RGB"))


def _deep_gray_pixels(image: Image.Image) -> np.ndarray:
    pixels = np.asarray(image).astype(np.uint16)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        return np.dstack([pixels, np.where(pixels == transparent, np.uint16(0), np.uint16(65535))])
    return ~pixels if is_white_zero(image) else pixels


def _opencv_pixels(data: bytes) -> np.ndarray:
    pixels = _guard(lambda: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED))
    if pixels is None:
        raise DamagedPhoto(BROKEN)
    return cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB)


def _guard(decoder: Callable[[], Result]) -> Result:
    """Run a decoder on a stranger's file: whatever it raises means that the file is damaged."""
    try:
        return decoder()
    except Image.DecompressionBombError as error:
        raise TooManyPixels("The photo has far too many pixels. Make it smaller first.") from error
    except Exception as error:
        raise DamagedPhoto(BROKEN) from error
