"""TIFF files (TIFF 6.0 and its supplements), read by what their own tags say.

tifffile reads the tags and imagecodecs the compressed data; what the samples mean is decided here.
"""

import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from colorizer.color.chroma import for_each_strip
from colorizer.color.lab import gray_of_lightness, lab_to_rgb
from colorizer.errors import DamagedPhoto, UnsupportedPhoto
from colorizer.photo.jpeg_file import parse_jpeg
from colorizer.photo.metadata import Metadata
from colorizer.photo.tiff_lzw import LZW, SEPARATE, use_libtiff
from colorizer.photo.tiff_tags import TiffTags

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR, CIELAB = 0, 1, 2, 3, 5, 6, 8
ASSOCIATED, UNASSOCIATED = 1, 2  # ExtraSamples that are alpha; 0 is anything else, as infrared or a selection
UNSIGNED, SIGNED = 1, 2  # SampleFormat
COLOR_SAMPLES = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, CMYK: 4, YCBCR: 3, CIELAB: 3}
REDUCED, MASK = 1, 4  # bits of NewSubfileType: a small copy, a mask
JPEGS = (6, 7)  # Compression, of which the codec makes RGB
# Compression that cannot bring more pixels than its page says, or of which we see how many: none, CCITT's,
# LZW, JPEG, Deflate, PackBits, LZMA, Zstandard. JPEG 2000, WebP, PNG and JPEG XL inside a TIFF are refused.
PACKINGS = (1, 2, 3, 4, LZW, *JPEGS, 8, 32_773, 32_946, 34_925, 50_000)
MAX_SAMPLES = 8  # of a pixel
MAX_EFFORT = 50_000  # tags to look at, in all of a file's pages
PAGE_EFFORT, STRIPS_A_TAG = 10, 100  # what else costs as much as one tag
BLOCK = 32  # pixels; a JPEG inside may be as much larger than its strip or tile
CheckSize = Callable[[int, int], None]


@dataclass(frozen=True)
class TiffPage:
    """A page: gray (h, w), RGB (h, w, 3) or CMYK (h, w, 4) of uint8 or uint16, its alpha, what it says.

    frames: how many pages of full size the file has.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None
    metadata: Metadata
    orientation: int
    frames: int


def read_tiff(data: bytes, check_size: CheckSize) -> TiffPage:
    """Read the first page of full size; raises what `read_tiff_pages` raises."""
    return next(read_tiff_pages(data, check_size))


def read_tiff_pages(data: bytes, check_size: CheckSize) -> Iterator[TiffPage]:
    """Read the pages of full size, one at a time: none is kept here.

    check_size: is given width and height, also of tiles, and raises where they are too much, before the page
    is decoded. Raises UnsupportedPhoto where samples are of a kind that we do not read, or DamagedPhoto.
    """
    import tifffile

    with tifffile.TiffFile(io.BytesIO(data)) as file:
        pages = _full_size_pages(file)
        for page in pages:
            yield _read_page(page, data, check_size, len(pages))


def _read_page(page: Any, data: bytes, check_size: CheckSize, frames: int) -> TiffPage:
    check_size(page.imagewidth, page.imagelength)
    check_size(max(page.tilewidth, 1), max(page.tilelength, 1))
    _check_samples(page)
    _check_packing(page, data)
    _check_whole(page, len(data))
    tags = TiffTags(page, data)
    pixels, alpha = _picture(page)
    metadata = tags.metadata()
    if int(page.photometric) == CIELAB:  # needs no profile, and has become sRGB
        metadata = replace(metadata, icc=None)
    return TiffPage(pixels, alpha, metadata, tags.orientation, frames)


def needs_more_than_jpeg(data: bytes) -> bool:
    """Whether the first page comes with 16 bits or alpha; reads tags only, and raises what tifffile does."""
    import tifffile

    with tifffile.TiffFile(io.BytesIO(data)) as file:
        page = _full_size_pages(file)[0]
        if int(page.photometric) in (PALETTE, CMYK):
            return False
        return page.bitspersample > 8 or _alpha_among_extras(page) is not None


def _full_size_pages(file: Any) -> list[Any]:
    """Return the pages that are no small copy or mask of another.

    Raises DamagedPhoto where there is none, or the file is built to take forever.
    """
    pages, seen, effort = [], set(), 0
    for page in file.pages:  # reads on as it goes
        if page.offset in seen:  # the last one leads back to another
            break
        seen.add(page.offset)
        full = page.aspage()
        effort += PAGE_EFFORT + len(full.tags) + len(full.dataoffsets) // STRIPS_A_TAG
        if effort > MAX_EFFORT:
            raise DamagedPhoto("This TIFF has far too many pages, tags or strips. Save its pages one by one.")
        if not full.subfiletype & (REDUCED | MASK):
            pages.append(full)
    if not pages:
        raise DamagedPhoto("This TIFF has no picture in it.")
    return pages


def _picture(page: Any) -> tuple[np.ndarray, np.ndarray | None]:
    """Return a page's colours and its alpha, uint8 or uint16."""
    photometric = int(page.photometric)
    colors = COLOR_SAMPLES.get(photometric)
    if colors is None or page.samplesperpixel < colors or page.imagedepth != 1:
        raise UnsupportedPhoto(f"This TIFF's pixels are {page.photometric!s:.40}; gray and colours are read.")
    array = _decode(page)
    if photometric == PALETTE:
        return _from_palette(array[..., 0], page.colormap), None
    picture = _COLORS[photometric](_to_full_range(array[..., :colors], page))
    at = _alpha_among_extras(page)
    if at is None or colors + at >= array.shape[2]:
        return np.ascontiguousarray(picture), None
    alpha = np.ascontiguousarray(_to_full_range(array[..., colors + at], page))
    picture = _divided(picture, alpha) if int(page.extrasamples[at]) == ASSOCIATED else picture
    return np.ascontiguousarray(picture), alpha


def _alpha_among_extras(page: Any) -> int | None:
    """Return which of a pixel's samples behind its colours is alpha, or None."""
    kinds = [int(kind) for kind in page.extrasamples]
    return next((at for at, kind in enumerate(kinds) if kind in (ASSOCIATED, UNASSOCIATED)), None)


def _check_packing(page: Any, data: bytes) -> None:
    """Raise where decoding could bring more pixels than were checked."""
    if int(page.compression) not in PACKINGS:
        raise UnsupportedPhoto(f"This TIFF is packed in a way that is not read ({page.compression!s:.40}).")
    if int(page.compression) not in JPEGS:
        return
    width = page.tilewidth or page.imagewidth
    height = page.tilelength or min(page.rowsperstrip, page.imagelength)
    for start, length in zip(page.dataoffsets, page.databytecounts, strict=False):
        inside = parse_jpeg(data[start : start + length])
        if inside.width > width + BLOCK or inside.height > height + BLOCK:
            raise DamagedPhoto("This TIFF contradicts itself about its size.")


def _check_whole(page: Any, file_size: int) -> None:
    """Raise DamagedPhoto where strips or tiles are missing: their place would be black or gray."""
    listed, needed = min(len(page.dataoffsets), len(page.databytecounts)), math.prod(page.chunked)
    if listed < needed and not page.is_contiguous:
        raise DamagedPhoto(f"This TIFF lists {listed} of its {needed} strips or tiles. Send the whole file.")
    end = max(map(sum, zip(page.dataoffsets, page.databytecounts, strict=False)), default=0)
    if int(page.compression) in JPEGS and end > file_size:
        raise DamagedPhoto("This TIFF is cut off. Send the whole file.")


def _check_samples(page: Any) -> None:
    bits, kind = page.bitspersample, page.sampleformat
    if page.samplesperpixel > MAX_SAMPLES:
        raise UnsupportedPhoto(
            f"This TIFF has {page.samplesperpixel} samples a pixel; up to {MAX_SAMPLES} are read."
        )
    if isinstance(bits, tuple) or isinstance(kind, tuple):
        raise UnsupportedPhoto("This TIFF has samples of several kinds in a pixel; one kind is read.")
    if kind not in (UNSIGNED, SIGNED) or not 1 <= bits <= 16:
        what = {3: "floating-point", 5: "complex", 6: "complex"}.get(kind, "whole-number")
        raise UnsupportedPhoto(f"This TIFF has {bits}-bit {what} samples; whole ones of up to 16 are read.")
    if int(page.photometric) == CIELAB and bits not in (8, 16):
        raise UnsupportedPhoto(f"This TIFF's Lab has {bits}-bit samples; 8 and 16 are read.")
    if int(page.photometric) == YCBCR and int(page.compression) not in JPEGS:
        raise UnsupportedPhoto("This TIFF holds luma and chroma without JPEG; save it as RGB.")


def _decode(page: Any) -> np.ndarray:
    """Return (h, w, samples), whatever way round they lie in the file."""
    if int(page.compression) == LZW:
        use_libtiff(page)
    try:
        array: np.ndarray = page.asarray(maxworkers=1)
    except NotImplementedError as error:
        raise UnsupportedPhoto(
            f"This TIFF is packed in a way that we do not read ({page.compression!s:.40})."
        ) from error
    shape = (page.imagelength, page.imagewidth)
    if array.ndim == 2:
        array = array[..., np.newaxis]
    elif page.planarconfig == SEPARATE and array.shape[1:] == shape:
        array = np.moveaxis(array, 0, -1)
    if array.shape[:2] != shape or array.ndim != 3:
        raise DamagedPhoto("This TIFF contradicts itself about its size.")
    return array


def _to_full_range(samples: np.ndarray, page: Any) -> np.ndarray:
    """Return samples of any number of bits as uint8 or uint16 that use all of it."""
    bits = page.bitspersample
    if page.sampleformat == SIGNED and int(page.photometric) != CIELAB:
        samples = samples.astype(np.int32) + (1 << (bits - 1))
    target = np.uint8 if bits <= 8 else np.uint16
    if bits in (8, 16):
        return samples.astype(target, copy=False)
    scale = np.iinfo(target).max / ((1 << bits) - 1)
    wide: np.ndarray = np.rint(samples.astype(np.float32) * scale).astype(target)
    return wide


def _gray(samples: np.ndarray) -> np.ndarray:
    return samples[..., 0]


def _inverted_gray(samples: np.ndarray) -> np.ndarray:
    return ~samples[..., 0]


def _as_they_are(samples: np.ndarray) -> np.ndarray:
    return samples


def _from_lab(samples: np.ndarray) -> np.ndarray:
    """Return CIE Lab as sRGB, or as gray where it has no colours.

    L* is 0 to 100 in all levels; a* and b* are signed, in 16 bits with eight behind the point (TIFF 6.0,
    section 23).
    """
    dtype = samples.dtype
    lightness = np.linspace(0, 100, np.iinfo(dtype).max + 1, dtype=np.float32)
    if not samples[..., 1:].any():
        gray: np.ndarray = gray_of_lightness(lightness, dtype)[samples[..., 0]]
        return gray
    colors, unit = np.empty_like(samples), np.float32(1 << 8 * (dtype.itemsize - 1))

    def convert(rows: slice) -> None:
        ab = samples[rows, :, 1:].view(f"i{dtype.itemsize}") / unit
        colors[rows] = lab_to_rgb(lightness[samples[rows, :, 0]], ab, dtype)

    for_each_strip(convert, samples.shape[1], samples.shape[0])
    return colors


def _from_palette(indices: np.ndarray, colormap: np.ndarray) -> np.ndarray:
    """colormap: uint16 (3, entries)."""
    return np.ascontiguousarray((colormap >> 8).astype(np.uint8).T[indices])


def _divided(picture: np.ndarray, opacity: np.ndarray) -> np.ndarray:
    """Return the colours of a picture that was multiplied with its opacity."""
    maximum = np.iinfo(picture.dtype).max
    share = np.maximum(opacity, 1).astype(np.float32) / maximum
    share = share if picture.ndim == 2 else share[..., np.newaxis]
    divided: np.ndarray = np.rint(np.minimum(picture / share, maximum)).astype(picture.dtype)
    return divided


_COLORS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    WHITE_IS_ZERO: _inverted_gray,
    BLACK_IS_ZERO: _gray,
    RGB: _as_they_are,
    YCBCR: _as_they_are,
    CMYK: _as_they_are,
    CIELAB: _from_lab,
}
