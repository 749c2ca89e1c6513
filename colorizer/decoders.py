"""From a photo's file, of each kind, to its pixels as they lie in the file and what the file says of them.

Everything is checked before it is decoded: that the file is whole, and the number of its pixels. Only the
first frame or page is read.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, replace

import cv2
import numpy as np
import simplejpeg
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile

from colorizer.errors import DamagedPhoto, NotAPhoto, PhotoError, TooManyPixels
from colorizer.jpeg_file import JpegFile, parse_jpeg, read_jpeg_metadata
from colorizer.jpeg_planes import gray_luma
from colorizer.lab import gray_level_of
from colorizer.metadata import Metadata, read_orientation, upright_xmp
from colorizer.png_file import parse_png, read_png_metadata
from colorizer.profiles import fitting_profile
from colorizer.tiff_file import is_deep_color, is_white_zero, read_tiff_metadata

CheckSize = Callable[[int, int], None]  # is given width and height, and raises where they are too much
HARMLESS = ("extraneous bytes", "JFIF revision", "SOS parameters", "Adobe color transform")
NEUTRAL_ROWS = 256  # checked at once
NEUTRAL = 4  # levels; a smaller difference between red, green and blue is JPEG's own noise
STRIP_PIXELS = 2**18
SMALL_SIDE = 512


@dataclass(frozen=True)
class Decoded:
    """Pixels as they lie in the file, and its metadata.

    pixels: gray (h, w), gray and alpha (h, w, 2), RGB (h, w, 3) or RGBA (h, w, 4), uint8 or uint16.
    orientation: EXIF's, 1 to 8, that the pixels still have to be turned by.
    colors: RGB (any size) of the whole photo, where pixels are the grays of its colours.
    """

    pixels: np.ndarray
    metadata: Metadata
    orientation: int
    colors: np.ndarray | None = None


def decode(kind: str, data: bytes, check_size: CheckSize, gray_will_do: bool) -> Decoded:
    """Decode the bytes of a "jpeg", "png", "webp" or "tiff" file.

    gray_will_do: colours may come as the grays of the same lightness, rounded to 8 bits; this is faster and
    takes a third of the memory.
    Raises NotAPhoto, DamagedPhoto or TooManyPixels.
    """
    decoder = {"jpeg": _decode_jpeg, "png": _decode_png, "webp": _decode_webp, "tiff": _decode_tiff}[kind]
    try:
        return decoder(data, check_size, gray_will_do)
    except (PhotoError, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise TooManyPixels("The photo has far too many pixels. Make it smaller first.") from error
    except Exception as error:  # decoders may raise anything on a stranger's file
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
    return Decoded(_jpeg_pixels(file, "RGB"), metadata, orientation)


def _decode_luma(file: JpegFile, metadata: Metadata, orientation: int) -> Decoded:
    luma = _jpeg_pixels(file, "GRAY")[..., 0]
    colors = _half_size_colors(file)
    if not _is_neutral(colors):
        luma = gray_luma(luma, colors)
    return Decoded(luma, metadata, orientation, colors)


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
    try:
        return simplejpeg.decode_jpeg(data, space, **scale)
    except ValueError as error:
        if not any(words in str(error) for words in HARMLESS):
            raise
        return simplejpeg.decode_jpeg(data, space, strict=False, **scale)


def _decode_png(data: bytes, check_size: CheckSize, gray_will_do: bool) -> Decoded:
    file = parse_png(data)
    check_size(file.width, file.height)
    metadata = read_png_metadata(file)
    orientation = read_orientation(metadata.exif)
    image = PngImageFile(io.BytesIO(file.picture))
    if file.depth == 16 and file.channels > 1:
        image.load()  # OpenCV alone reads 16-bit colours, but it does not tell what is damaged
        return Decoded(_opencv_pixels(file.picture), metadata, orientation)
    return _decode_image(image, metadata, orientation, gray_will_do)


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
        return Decoded(_opencv_pixels(data), metadata, orientation=1)
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
        return Decoded(_deep_gray_pixels(image), metadata, orientation)
    gray = image.mode in ("1", "L", "LA")
    mode = ("L" if gray else "RGB") + "A" * image.has_transparency_data
    if image.mode != mode:  # converting would copy it
        image = image.convert(mode)
    if gray or not gray_will_do or not _is_srgb(metadata):
        return Decoded(np.asarray(image), metadata, orientation)
    return Decoded(_gray_pixels(image), metadata, orientation, _small_colors(image))


def _is_srgb(metadata: Metadata) -> bool:
    profile = fitting_profile(metadata.icc, "RGB")
    return profile is None or profile.is_srgb


def _gray_pixels(image: Image.Image) -> np.ndarray:
    """Return the grays of the same lightness as an RGB or RGBA image, with its alpha."""
    pixels = np.empty((image.height, image.width, len(image.getbands()) - 2), np.uint8)
    step = max(1, STRIP_PIXELS // image.width)
    for top in range(0, image.height, step):
        strip = np.asarray(image.crop((0, top, image.width, min(top + step, image.height))))
        rows = slice(top, top + len(strip))
        pixels[rows, :, 0] = cv2.convertScaleAbs(gray_level_of(np.ascontiguousarray(strip[..., :3])))
        pixels[rows, :, 1:] = strip[..., 3:]
    return pixels if pixels.shape[2] == 2 else pixels[..., 0]


def _small_colors(image: Image.Image) -> np.ndarray:
    size = (min(image.width, SMALL_SIDE), min(image.height, SMALL_SIDE))
    return np.asarray(image.resize(size, Image.Resampling.NEAREST).convert("RGB"))


def _deep_gray_pixels(image: Image.Image) -> np.ndarray:
    pixels = np.asarray(image).astype(np.uint16)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        return np.dstack([pixels, np.where(pixels == transparent, np.uint16(0), np.uint16(65535))])
    return ~pixels if is_white_zero(image) else pixels


def _opencv_pixels(data: bytes) -> np.ndarray:
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError("OpenCV cannot read this picture.")
    return cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB)
