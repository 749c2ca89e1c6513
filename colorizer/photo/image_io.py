"""Between a photo's file and its pixels, and how results are written."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import simplejpeg
from PIL import Image

from colorizer.color.tint import is_colored
from colorizer.errors import SideTooLong, UnsupportedPhoto
from colorizer.photo.decoders import Decoded, decode, decode_array, decode_image, decode_pages
from colorizer.photo.formats import WRITTEN, sniff
from colorizer.photo.iptc import caption_of, without_thumbnails
from colorizer.photo.jpeg_file import with_jpeg_metadata
from colorizer.photo.limits import DEFAULT_LIMITS, Limits
from colorizer.photo.metadata import EMPTY, Metadata, result_exif
from colorizer.photo.pixels import lay_on_white, swap_red_and_blue, to_8_bit
from colorizer.photo.png_file import with_png_metadata
from colorizer.photo.profiles import Profile, fitting_profile
from colorizer.photo.sources import check_array, samples_of
from colorizer.photo.tiff_writing import TiffWriter
from colorizer.photo.xmp import result_xmp

Turn = Callable[[np.ndarray], np.ndarray]
UPRIGHT: dict[int, Turn] = {  # EXIF's orientations (CIPA DC-008, 4.6.4): what brings the photo upright
    1: lambda pixels: pixels,
    2: lambda pixels: cv2.flip(pixels, 1),
    3: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_180),
    4: lambda pixels: cv2.flip(pixels, 0),
    5: cv2.transpose,
    6: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_CLOCKWISE),
    7: lambda pixels: cv2.rotate(cv2.transpose(pixels), cv2.ROTATE_180),
    8: lambda pixels: cv2.rotate(pixels, cv2.ROTATE_90_COUNTERCLOCKWISE),
}


@dataclass(frozen=True)
class Photo:
    """A photo, upright and in sRGB, of which the lightness counts.

    pixels: gray (h, w) or RGB (h, w, 3), uint8 or uint16. alpha: (h, w) of that dtype, or None.
    sample: the file's own colours, RGB uint8, small, upright and in sRGB, or None for a gray file.
    profile: the RGB profile that the result is brought into, or None where it stays sRGB.
    hidden: the file's own pixels, gray or RGB, where some are fully transparent, or None. frames: how many
    pictures the file holds; this is the first.
    """

    pixels: np.ndarray
    alpha: np.ndarray | None = None
    sample: np.ndarray | None = None
    profile: Profile | None = None
    metadata: Metadata = field(default_factory=Metadata)
    hidden: np.ndarray | None = None
    frames: int = 1

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.pixels.shape[0])

    @property
    def already_colored(self) -> bool:
        """Whether it was in colour before, and not only tinted."""
        return self.sample is not None and is_colored(self.sample)

    @property
    def is_plain_gray(self) -> bool:
        """Whether it is gray and opaque, and its result stays sRGB."""
        return self.pixels.ndim == 2 and self.alpha is None and self.profile is None


def read_photo(data: bytes, limits: Limits = DEFAULT_LIMITS, *, for_jpeg: bool = False) -> Photo:
    """Decode a photo from the bytes of its file.

    for_jpeg: the photo will become a jpg, which has no alpha: it is laid on white. Colours may come as the
    grays of the same lightness, rounded to 8 bits: faster, and a third of the memory.
    Raises TooManyBytes, NotAPhoto, TooManyPixels or DamagedPhoto.
    """
    limits.check_bytes(len(data))
    kind = sniff(data, limits.kinds)
    return _upright_srgb(decode(kind.name, data, limits.check_size, gray_will_do=for_jpeg), on_white=for_jpeg)


def read_pages(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Iterator[Photo]:
    """Decode the pages of full size of a TIFF, one at a time: none is kept here.

    Raises UnsupportedPhoto where the file is another photo, and what `read_photo` raises.
    """
    limits.check_bytes(len(data))
    kind = sniff(data, limits.kinds)
    if kind.name != "tiff":
        raise UnsupportedPhoto(f"All pages are coloured of a TIFF, and this is a {kind.title}.")
    return map(_upright_srgb, decode_pages(data, limits.check_size))


def photo_of_array(array: np.ndarray, limits: Limits = DEFAULT_LIMITS) -> Photo:
    """Take a photo from an array, as `samples_of` describes; raises NotAPhoto or TooManyPixels."""
    check_array(array)
    limits.check_size(array.shape[1], array.shape[0])
    return _upright_srgb(decode_array(samples_of(array)))


def photo_of_image(image: Image.Image, limits: Limits = DEFAULT_LIMITS) -> Photo:
    """Take a photo from an image of Pillow; raises NotAPhoto, DamagedPhoto or TooManyPixels."""
    return _upright_srgb(decode_image(image, limits.check_size))


def check_sides(width: int, height: int, format: str) -> None:
    """Raise SideTooLong where a format cannot hold a photo of this size."""
    kind = WRITTEN[format]
    if max(width, height) > kind.longest_side:
        raise SideTooLong(
            f"The photo has {width}x{height} pixels, but a {kind.title} can have at most"
            f" {kind.longest_side:,} along a side. Ask for png."
        )


def write_photo(pixels: np.ndarray, format: str, quality: int, metadata: Metadata, note: str) -> bytes:
    """Encode RGB (h, w, 3) pixels with the photo's metadata and a note about the colours.

    uint16 makes a png or tiff of 16 bits; jpeg and webp hold 8. All but jpeg take RGBA (h, w, 4) too.
    quality: 1 to 100, of jpeg and webp. The pixels may be overwritten, to spare memory.
    """
    if format == "webp":  # has no place for IPTC, whose caption EXIF can take
        metadata = replace(metadata, caption=caption_of(metadata.iptc or b"") or metadata.caption, iptc=None)
    if format == "tiff":
        return _encode_tiff(pixels, metadata, note)
    exif = result_exif(metadata, pixels.shape[1::-1], note, WRITTEN[format].largest_exif)
    if format == "png":
        return with_png_metadata(_encode_png(pixels), metadata, exif, note)
    pixels = to_8_bit(pixels)
    if format == "jpeg":
        jpeg = simplejpeg.encode_jpeg(pixels, quality, "RGB", "420", fastdct=False)
        return with_jpeg_metadata(jpeg, metadata, exif)
    return _encode_webp(pixels, quality, metadata, exif)


def add_page(file: TiffWriter, pixels: np.ndarray, metadata: Metadata, note: str) -> None:
    """Append a page to a TIFF in the making, as `write_photo` writes the only one of a file."""
    exif = result_exif(metadata, pixels.shape[1::-1], note, WRITTEN["tiff"].largest_exif)
    file.add(pixels, metadata, exif or EMPTY)


def write_jpeg_planes(
    planes: tuple[np.ndarray, np.ndarray, np.ndarray], quality: int, metadata: Metadata, note: str
) -> bytes:
    """Encode Y (h, w) and Cb, Cr (half as high and wide, rounded up) uint8 planes as a 4:2:0 jpg."""
    luma, *chroma = planes
    exif = result_exif(metadata, luma.shape[::-1], note, WRITTEN["jpeg"].largest_exif)
    jpeg = simplejpeg.encode_jpeg_yuv_planes(_within_even(luma), *chroma, quality=quality, fastdct=False)
    return with_jpeg_metadata(jpeg, metadata, exif)


def _within_even(plane: np.ndarray) -> np.ndarray:
    """Return the plane in memory of an even height and width, which repeats its last row and column.

    Of a 4:2:0 picture libjpeg-turbo reads luma up to the end of the last chroma sample, whatever size it was
    told: past an odd plane it would read foreign memory, hide it in the file, or crash.
    """
    height, width = plane.shape
    if height % 2 == width % 2 == 0:
        return plane
    even = cv2.copyMakeBorder(plane, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
    return even[:height, :width]


def _sample_in_srgb(sample: np.ndarray, profile: Profile | None) -> np.ndarray:
    if profile is None or profile.is_srgb or profile.mode != "RGB":
        return sample
    return np.asarray(profile.to_srgb(Image.fromarray(sample)))


def _upright_srgb(decoded: Decoded, on_white: bool = False) -> Photo:
    turn = UPRIGHT[decoded.orientation]
    pixels, alpha, hidden = decoded.pixels, decoded.alpha, decoded.hidden
    profile = fitting_profile(decoded.metadata.icc, decoded.mode)
    if profile and not profile.is_srgb:
        pixels = profile.equal_gray(pixels)
    if pixels.ndim == 3 and _is_neutral(pixels):
        pixels = pixels[..., 0]
    if on_white and alpha is not None:
        pixels, alpha, hidden = lay_on_white(pixels, alpha), None, None
    kept = profile if profile and profile.can_hold_results else None
    return Photo(
        pixels=turn(np.ascontiguousarray(pixels)),
        alpha=None if alpha is None else turn(alpha),
        sample=None if decoded.sample is None else turn(_sample_in_srgb(decoded.sample, profile)),
        profile=None if kept is None or kept.is_srgb else kept,
        metadata=_upright_metadata(decoded, kept),
        hidden=None if hidden is None else turn(hidden),
        frames=decoded.frames,
    )


def _is_neutral(pixels: np.ndarray) -> bool:
    return bool((pixels[..., 0] == pixels[..., 1]).all() and (pixels[..., 1] == pixels[..., 2]).all())


def _upright_metadata(decoded: Decoded, kept: Profile | None) -> Metadata:
    dpi = decoded.metadata.dpi
    return replace(
        decoded.metadata,
        icc=kept.data if kept else None,
        xmp=result_xmp(decoded.metadata.xmp),
        iptc=without_thumbnails(decoded.metadata.iptc) if decoded.metadata.iptc else None,
        dpi=dpi[::-1] if dpi and decoded.orientation >= 5 else dpi,
    )


def _encode_png(pixels: np.ndarray) -> bytes:
    # OpenCV is the one that writes 16-bit colours, and takes half of Pillow's time.
    swap_red_and_blue(pixels)
    return cv2.imencode(".png", pixels)[1].tobytes()


def _encode_tiff(pixels: np.ndarray, metadata: Metadata, note: str) -> bytes:
    file = TiffWriter()
    add_page(file, pixels, metadata, note)
    return file.finish()


def _encode_webp(pixels: np.ndarray, quality: int, metadata: Metadata, exif: bytes | None) -> bytes:
    file = io.BytesIO()
    kept = {"exif": exif, "xmp": metadata.xmp, "icc_profile": metadata.icc}
    Image.fromarray(pixels).save(file, "WEBP", quality=quality, **{k: v for k, v in kept.items() if v})
    return file.getvalue()
