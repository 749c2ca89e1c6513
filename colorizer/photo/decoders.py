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
from PIL.WebPImagePlugin import WebPImageFile

from colorizer.color.jpeg_planes import darkening_of, gray_luma
from colorizer.errors import DamagedPhoto, PhotoError, TooManyPixels, UnsupportedPhoto
from colorizer.photo.jpeg_file import JpegFile, parse_jpeg, read_jpeg_metadata
from colorizer.photo.metadata import Metadata, read_orientation
from colorizer.photo.pixels import (
    equal_grays,
    sample_of,
    split_alpha,
    swap_red_and_blue,
    thinned,
    to_8_bit,
    to_srgb_levels,
    without_hidden,
)
from colorizer.photo.png_file import (
    PngFile,
    check_colors_of_png,
    gamma_of_png,
    parse_png,
    read_png_metadata,
)
from colorizer.photo.profiles import fitting_profile
from colorizer.photo.tiff_file import TiffPage, read_tiff, read_tiff_pages

CheckSize = Callable[[int, int], None]  # is given width and height, and raises where they are too much
HARMLESS = ("extraneous bytes", "JFIF revision", "SOS parameters", "Adobe color transform")
NEUTRAL_ROWS = 256  # checked at once
COLORS_STEP = 4  # of the pixels of the half-size picture, enough are kept to tell a tint from colours
NEUTRAL = 4  # levels; a smaller difference between red, green and blue is JPEG's own noise


@dataclass(frozen=True)
class Decoded:
    """Pixels as they lie in the file, and its metadata.

    pixels: gray (h, w) or RGB (h, w, 3), uint8 or uint16. mode: "L" or "RGB", of the file: the pixels of an
    RGB file may be its grays, and its profile is one of RGB all the same.
    orientation: EXIF's, 1 to 8, that the pixels still have to be turned by. alpha: (h, w) of the same dtype,
    or None. sample: the file's own colours, RGB uint8, small, or None for a gray file.
    hidden: the pixels as the file has them, where some are fully transparent; `pixels` has one gray there.
    frames: how many pictures of full size the file holds; this is the first.
    """

    pixels: np.ndarray
    metadata: Metadata
    orientation: int
    mode: str
    alpha: np.ndarray | None = None
    sample: np.ndarray | None = None
    hidden: np.ndarray | None = None
    frames: int = 1


def decode(kind: str, data: bytes, check_size: CheckSize, gray_will_do: bool) -> Decoded:
    """Decode the bytes of a file of a kind in `formats.READ`.

    gray_will_do: colours may come as the grays of the same lightness, rounded to 8 bits; this is faster and
    takes a third of the memory.
    Raises UnsupportedPhoto, DamagedPhoto or TooManyPixels.
    """
    with _troubles_told():
        return _DECODERS[kind](data, check_size, gray_will_do)


def decode_image(image: Image.Image, check_size: CheckSize) -> Decoded:
    """Take the pixels of an image of Pillow, upright, and its profile; raises what `decode` does."""
    check_size(*image.size)
    with _troubles_told():
        metadata = Metadata(icc=image.info.get("icc_profile"))
        return _decode_image(ImageOps.exif_transpose(image), metadata, 1, gray_will_do=False)


def decode_array(array: np.ndarray) -> Decoded:
    """Take gray (h, w), RGB or RGBA, uint8 or uint16, as it is."""
    return _decoded(*split_alpha(array), Metadata(), 1, as_gray=False)


def decode_pages(data: bytes, check_size: CheckSize) -> Iterator[Decoded]:
    """Decode the pages of full size of a TIFF, one at a time; raises what `decode` raises."""
    with _troubles_told():
        yield from map(_decode_page, read_tiff_pages(data, check_size))


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
        raise UnsupportedPhoto(f"This jpg has {file.precision} bits per sample; only 8 are read.")
    metadata = read_jpeg_metadata(file)
    orientation = read_orientation(metadata)
    space = _color_space(file.picture)
    if space == "Gray":
        return Decoded(_jpeg_pixels(file, "GRAY")[..., 0], metadata, orientation, "L")
    if space != "YCbCr":
        image = JpegImageFile(io.BytesIO(file.picture))
        return _decode_image(image, metadata, orientation, gray_will_do)
    if gray_will_do and _is_srgb(metadata):
        return _decode_luma(file, metadata, orientation)
    pixels = _jpeg_pixels(file, "RGB")
    return Decoded(pixels, metadata, orientation, "RGB", sample=sample_of(pixels))


def _color_space(picture: bytes) -> str | None:
    """Return how the fast decoder calls the colour space; None: it cannot read this sampling of chroma."""
    try:
        return str(simplejpeg.decode_jpeg_header(picture)[2])
    except (ValueError, KeyError):
        return None


def _decode_luma(file: JpegFile, metadata: Metadata, orientation: int) -> Decoded:
    colors = _half_size_colors(file)
    darkening = None if _is_neutral(colors) else darkening_of(colors)
    sample = sample_of(colors[::COLORS_STEP, ::COLORS_STEP])
    del colors  # half the photo's size is too much beside its luma
    luma = _jpeg_pixels(file, "GRAY")[..., 0]
    if darkening is not None:
        luma = gray_luma(luma, darkening)
    return Decoded(luma, metadata, orientation, "RGB", sample=sample)


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
    check_colors_of_png(file)
    metadata = read_png_metadata(file)
    orientation = read_orientation(metadata)
    gamma = gamma_of_png(file)
    as_gray = gray_will_do and gamma is None
    if file.depth == 16 and file.channels > 1:
        decoded = _decode_deep_colors(file, metadata, orientation, as_gray)
    else:
        decoded = _decode_image(PngImageFile(io.BytesIO(file.picture)), metadata, orientation, as_gray)
    return decoded if gamma is None else replace(decoded, pixels=to_srgb_levels(decoded.pixels, gamma))


def _decode_webp(data: bytes, check_size: CheckSize, gray_will_do: bool) -> Decoded:
    return _decode_with_pillow(WebPImageFile(io.BytesIO(data)), check_size, gray_will_do)


def _decode_avif(data: bytes, check_size: CheckSize, gray_will_do: bool) -> Decoded:
    from PIL.AvifImagePlugin import AvifImageFile

    return _decode_with_pillow(AvifImageFile(io.BytesIO(data)), check_size, gray_will_do)


def _decode_heic(data: bytes, check_size: CheckSize, gray_will_do: bool) -> Decoded:
    try:
        from pillow_heif import HeifImageFile
    except ModuleNotFoundError as error:
        raise UnsupportedPhoto(
            "This is a HEIC photo, and this installation does not read them: pip install"
            " 'image-colorizer[heif]', or save the photo as jpg."
        ) from error
    image: Image.Image = HeifImageFile(io.BytesIO(data))  # type: ignore[no-untyped-call]
    return _decode_with_pillow(image, check_size, gray_will_do)


def _decode_with_pillow(image: Image.Image, check_size: CheckSize, gray_will_do: bool) -> Decoded:
    """Decode a file whose plugin hands on EXIF, XMP and profile, and leaves the turning to us."""
    check_size(*image.size)
    metadata = Metadata(
        exif=image.info.get("exif", b"").removeprefix(b"Exif\0\0") or None,
        xmp=image.info.get("xmp") or None,
        icc=image.info.get("icc_profile"),
    )
    frames = getattr(image, "n_frames", 1)
    decoded = _decode_image(image, metadata, read_orientation(metadata), gray_will_do)
    return replace(decoded, frames=frames)


def _decode_tiff(data: bytes, check_size: CheckSize, gray_will_do: bool) -> Decoded:
    return _decode_page(read_tiff(data, check_size), gray_will_do)


def _decode_page(page: TiffPage, gray_will_do: bool = False) -> Decoded:
    if page.pixels.ndim == 3 and page.pixels.shape[2] == 4:
        image = Image.fromarray(to_8_bit(page.pixels), "CMYK")
        decoded = _decode_image(image, page.metadata, page.orientation, gray_will_do)
    else:
        as_gray = gray_will_do and page.pixels.ndim == 3
        decoded = _decoded(page.pixels, page.alpha, page.metadata, page.orientation, as_gray)
    return replace(decoded, frames=page.frames)


def _decode_image(image: Image.Image, metadata: Metadata, orientation: int, gray_will_do: bool) -> Decoded:
    """Decode any of Pillow's images."""
    image.load()
    if image.mode in ("F", "I"):
        raise UnsupportedPhoto("The picture has 32 bits per sample; only 8 and 16 are read.")
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
    return _decoded_image(image, metadata, orientation, gray_will_do and not gray)


def _decoded_image(image: Image.Image, metadata: Metadata, orientation: int, as_gray: bool) -> Decoded:
    """Take the pixels of an image of mode L, LA, RGB or RGBA."""
    if as_gray and _is_srgb(metadata):  # strip by strip, without an array of the whole
        return _grays_of_image(image, metadata, orientation)
    return _decoded(*split_alpha(np.asarray(image)), metadata, orientation, as_gray)


def _grays_of_image(image: Image.Image, metadata: Metadata, orientation: int) -> Decoded:
    gray, (few, few_alpha) = equal_grays(image), split_alpha(thinned(image))
    if few_alpha is None:
        return Decoded(gray, metadata, orientation, "RGB", sample=sample_of(few))
    alpha = np.asarray(image.getchannel("A"))
    sample = sample_of(without_hidden(few, few_alpha))
    return Decoded(without_hidden(gray, alpha), metadata, orientation, "RGB", alpha, sample)


def _decoded(
    pixels: np.ndarray, alpha: np.ndarray | None, metadata: Metadata, orientation: int, as_gray: bool
) -> Decoded:
    """Take pixels and alpha; colours as grays where they may come so."""
    mode = "L" if pixels.ndim == 2 else "RGB"
    shown = pixels if alpha is None else without_hidden(pixels, alpha)
    hidden = None if shown is pixels else pixels
    if as_gray and _is_srgb(metadata):
        alpha = None if alpha is None else to_8_bit(alpha)
        return Decoded(equal_grays(shown), metadata, orientation, mode, alpha, sample_of(thinned(shown)))
    sample = sample_of(shown)
    return Decoded(shown, metadata, orientation, mode, alpha, sample, hidden)


def _is_srgb(metadata: Metadata) -> bool:
    profile = fitting_profile(metadata.icc, "RGB")
    return profile is None or profile.is_srgb


def _decode_deep_gray(image: Image.Image, metadata: Metadata, orientation: int) -> Decoded:
    pixels = np.asarray(image).astype(np.uint16)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        alpha = np.where(pixels == transparent, np.uint16(0), np.uint16(65535))
        return _decoded(pixels, alpha, metadata, orientation, as_gray=False)
    return Decoded(pixels, metadata, orientation, "L")


def _decode_deep_colors(file: PngFile, metadata: Metadata, orientation: int, gray_will_do: bool) -> Decoded:
    """Decode a png of 16 bits and several samples a pixel, which Pillow does not read."""
    pixels = cv2.imdecode(np.frombuffer(file.picture, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError("OpenCV cannot read this picture.")
    swap_red_and_blue(pixels)
    if file.channels == 2:  # OpenCV makes gray and alpha four samples
        pixels = pixels[..., [0, 3]]
    return _decoded(*split_alpha(pixels), metadata, orientation, gray_will_do and file.channels > 2)


_DECODERS: dict[str, Callable[[bytes, CheckSize, bool], Decoded]] = {
    "jpeg": _decode_jpeg,
    "png": _decode_png,
    "webp": _decode_webp,
    "tiff": _decode_tiff,
    "avif": _decode_avif,
    "heic": _decode_heic,
}
