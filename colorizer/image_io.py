"""Between a photo's file and its pixels: what is accepted, how it is decoded, how results are encoded.

Everything is checked before it is decoded: the number of bytes, the kind (by content, not by name), the
number of pixels, and that the file is whole. Only the first frame or page is read.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import cv2
import numpy as np
import simplejpeg
from PIL import Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin, WebPImagePlugin

from colorizer.errors import DamagedPhoto, NotAPhoto, SideTooLong, TooManyBytes, TooManyPixels
from colorizer.jpeg_file import JpegFile, parse_jpeg, read_jpeg_metadata, with_jpeg_metadata
from colorizer.metadata import Metadata, read_orientation, result_exif, upright_xmp
from colorizer.png_file import parse_png, read_png_metadata, with_png_metadata
from colorizer.profiles import Profile
from colorizer.tiff_file import read_tiff_metadata

MEDIA_TYPES = {"jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp"}
MAX_SIDE = 65_535  # no photo is longer, and no picture of ours needs a table for more
LONGEST_SIDE = {"jpeg": 65_500, "webp": 16_383, "png": MAX_SIDE}
LARGEST_EXIF = {"jpeg": 65_527, "webp": 2**30, "png": 2**30}
NAMES = {"jpeg": "jpg", "png": "png", "webp": "WebP", "tiff": "TIFF"}
SIGNATURES = {
    "jpeg": (b"\xff\xd8\xff",),
    "png": (b"\x89PNG\r\n\x1a\n",),
    "tiff": (b"II\x2a\x00", b"MM\x00\x2a", b"II\x2b\x00", b"MM\x00\x2b"),
    "webp": (b"RIFF",),
}
BITS_PER_SAMPLE, PHOTOMETRIC = 258, 262  # tags of TIFF
SAMPLE_SIDE = 128  # a small picture is enough to tell a coloured photo from a tinted one
HARMLESS = ("extraneous bytes", "JFIF revision", "SOS parameters", "Adobe color transform")
UPRIGHT = {  # EXIF's orientations (CIPA DC-008, 4.6.4): what brings the photo upright
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
class Limits:
    """What is accepted: bytes of a file (None: any number), pixels, and kinds of file."""

    max_bytes: int | None = None
    max_pixels: int = 50_000_000
    kinds: tuple[str, ...] = ("jpeg", "png", "webp", "tiff")


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Photo:
    """A decoded photo, upright.

    pixels: sRGB gray (h, w) or RGB (h, w, 3), uint8 or uint16; what counts is their lightness.
    sample: uint8 RGB of at most SAMPLE_SIDE px with the file's own colours, or None for a gray file.
    alpha: (h, w) of the pixels' dtype, or None. profile: what the result is brought into; None for sRGB.
    """

    pixels: np.ndarray
    sample: np.ndarray | None = None
    alpha: np.ndarray | None = None
    profile: Profile | None = None
    metadata: Metadata = field(default_factory=Metadata)

    @property
    def width(self) -> int:
        """Width in pixels, upright."""
        return self.pixels.shape[1]

    @property
    def height(self) -> int:
        """Height in pixels, upright."""
        return self.pixels.shape[0]

    @property
    def is_plain_gray(self) -> bool:
        """Whether it is gray and opaque, and its result is plain sRGB."""
        return self.pixels.ndim == 2 and self.alpha is None and self.profile is None


def read_photo(data: bytes, limits: Limits = DEFAULT_LIMITS, *, for_jpeg: bool = False) -> Photo:
    """Decode a photo from the bytes of its file.

    for_jpeg: the result will be a jpg, so a jpg may be read through its luma plane alone, corrected where it
    has colours: faster and a third of the memory; L* within 0.2 in the mean of what is read otherwise.
    Raises TooManyBytes, NotAPhoto, TooManyPixels or DamagedPhoto.
    """
    if limits.max_bytes is not None and len(data) > limits.max_bytes:
        raise TooManyBytes(f"The file has {len(data):,} bytes; at most {limits.max_bytes:,} are taken.")
    kind = _sniff(data, limits.kinds)
    if kind == "jpeg":
        return _read_jpeg(data, limits, for_jpeg)
    return {"png": _read_png, "webp": _read_webp, "tiff": _read_tiff}[kind](data, limits)


def photo_of_array(array: np.ndarray, limits: Limits = DEFAULT_LIMITS) -> Photo:
    """Take a photo from an array: gray (h, w), RGB (h, w, 3) or RGBA (h, w, 4), uint8 or uint16.

    Raises NotAPhoto for other arrays and TooManyPixels.
    """
    if array.dtype not in (np.uint8, np.uint16):
        raise NotAPhoto(f"The array is of {array.dtype}; uint8 or uint16 is expected.")
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))) or not array.size:
        raise NotAPhoto(f"The array is of shape {array.shape}; (h, w), (h, w, 3) or (h, w, 4) is expected.")
    _check_pixels(array.shape[1], array.shape[0], limits)
    return _photo_of_pixels(array, Metadata())


def check_sides(width: int, height: int, format: str) -> None:
    """Raise SideTooLong where a format cannot hold a photo of this size."""
    if max(width, height) > LONGEST_SIDE[format]:
        raise SideTooLong(
            f"The photo has {width}x{height} pixels, but a {NAMES[format]} can have at most"
            f" {LONGEST_SIDE[format]:,} along a side. Ask for png."
        )


def write_photo(pixels: np.ndarray, format: str, quality: int, metadata: Metadata, note: str) -> bytes:
    """Encode RGB (h, w, 3) or RGBA (h, w, 4) pixels with the photo's metadata and a note about the colours.

    uint16 becomes a 16-bit png; jpeg and webp hold 8 bits. quality: 1 to 100, of jpeg and webp.
    jpeg has no alpha: the photo is laid on white.
    """
    exif = result_exif(metadata, pixels.shape[1::-1], note, LARGEST_EXIF[format])
    if format == "png":
        order = cv2.COLOR_RGBA2BGRA if pixels.shape[2] == 4 else cv2.COLOR_RGB2BGR
        png = cv2.imencode(".png", cv2.cvtColor(pixels, order))[1].tobytes()
        return with_png_metadata(png, metadata, exif, note)
    pixels = to_8_bit(pixels)
    if format == "jpeg":
        jpeg = simplejpeg.encode_jpeg(_on_white(pixels), quality, "RGB", "420", fastdct=False)
        return with_jpeg_metadata(jpeg, metadata, exif)
    file = io.BytesIO()
    Image.fromarray(pixels).save(
        file, "WEBP", quality=quality, exif=exif or b"", xmp=metadata.xmp or b"", icc_profile=metadata.icc
    )
    return file.getvalue()


def write_jpeg_planes(
    planes: tuple[np.ndarray, np.ndarray, np.ndarray], quality: int, metadata: Metadata, note: str
) -> bytes:
    """Encode Y (h, w) and Cb, Cr (half of that, rounded up) uint8 planes as a 4:2:0 jpeg."""
    exif = result_exif(metadata, planes[0].shape[::-1], note, LARGEST_EXIF["jpeg"])
    jpeg = simplejpeg.encode_jpeg_yuv_planes(*planes, quality=quality, fastdct=False)
    return with_jpeg_metadata(jpeg, metadata, exif)


def _sniff(data: bytes, kinds: tuple[str, ...]) -> str:
    expected = " or ".join(NAMES[kind] for kind in kinds)
    if not data:
        raise NotAPhoto(f"The file is empty. Send a {expected}.")
    kind = next((kind for kind, starts in SIGNATURES.items() if data.startswith(starts)), None)
    if kind == "webp" and data[8:12] != b"WEBP":
        kind = None
    if kind not in kinds:
        found = f"a {NAMES[kind]} file" if kind else "not a kind of picture that we know"
        raise NotAPhoto(f"This is {found}. Send a {expected}.")
    return kind


def _check_pixels(width: int, height: int, limits: Limits) -> None:
    if not width or not height:
        raise DamagedPhoto(f"The photo claims to have {width}x{height} pixels.")
    if width * height > limits.max_pixels or max(width, height) > MAX_SIDE:
        raise TooManyPixels(
            f"The photo has {width}x{height} pixels, {width * height / 1e6:.1f} megapixels;"
            f" at most {limits.max_pixels / 1e6:.1f}, and {MAX_SIDE:,} pixels along a side, are taken."
        )


def _read_jpeg(data: bytes, limits: Limits, for_jpeg: bool) -> Photo:
    file = parse_jpeg(data)
    _check_pixels(file.width, file.height, limits)
    if file.precision != 8:
        raise NotAPhoto(f"This jpg has {file.precision} bits per sample; only 8 are read.")
    metadata = read_jpeg_metadata(file)
    space = _decode(lambda: simplejpeg.decode_jpeg_header(data)[2])
    if space == "Gray":
        return _photo_of_pixels(_decode_jpeg(data, "GRAY", file)[..., 0], metadata)
    if space != "YCbCr":
        return _photo_of_image(_decode(lambda: JpegImagePlugin.JpegImageFile(io.BytesIO(data))), metadata)
    if for_jpeg and _profile(metadata, "RGB") is None:
        return _photo_of_luma(data, file, metadata)
    return _photo_of_pixels(_decode_jpeg(data, "RGB", file), metadata)


def _photo_of_luma(data: bytes, file: JpegFile, metadata: Metadata) -> Photo:
    """Read a jpg through its luma plane; its colours, at half size, say how luma differs from lightness."""
    from colorizer.jpeg_planes import gray_luma  # noqa: PLC0415

    luma = _decode_jpeg(data, "GRAY", file)[..., 0]
    height, width = -(-file.height // 2), -(-file.width // 2)
    colors = _decode_jpeg(data, "RGB", file, min_height=height, min_width=width)
    if colors.shape[:2] != (height, width):  # libjpeg halves only where it can
        colors = cv2.resize(colors, (width, height), interpolation=cv2.INTER_AREA)
    photo = _photo_of_pixels(gray_luma(luma, colors), metadata)
    return replace(photo, sample=_sample(colors))


def _decode_jpeg(data: bytes, space: str, file: JpegFile, **scale: int) -> np.ndarray:
    try:
        pixels = simplejpeg.decode_jpeg(data, space, **scale)
    except ValueError as error:
        if not any(words in str(error) for words in HARMLESS):
            raise DamagedPhoto("This jpg is cut off or broken inside. Send the whole file.") from error
        pixels = _decode(lambda: simplejpeg.decode_jpeg(data, space, strict=False, **scale))
    if not scale and pixels.shape[:2] != (file.height, file.width):
        raise DamagedPhoto("This jpg contradicts itself about its size.")
    return pixels


def _read_png(data: bytes, limits: Limits) -> Photo:
    file = parse_png(data)
    _check_pixels(file.width, file.height, limits)
    metadata = read_png_metadata(file)
    image = _decode(lambda: PngImagePlugin.PngImageFile(io.BytesIO(file.picture)))
    if file.depth == 16 and file.channels > 1:
        _decode(image.load)  # Pillow notices damage; only OpenCV reads 16-bit colours
        return _photo_of_pixels(_decode_with_opencv(file.picture), metadata)
    return _photo_of_image(image, metadata)


def _read_webp(data: bytes, limits: Limits) -> Photo:
    image = _decode(lambda: WebPImagePlugin.WebPImageFile(io.BytesIO(data)))
    _check_pixels(*image.size, limits)
    exif, xmp = image.info.get("exif", b""), image.info.get("xmp")
    metadata = Metadata(
        exif=exif.removeprefix(b"Exif\0\0") or None,
        xmp=upright_xmp(xmp) if xmp else None,
        icc=image.info.get("icc_profile"),
    )
    return _photo_of_image(image, metadata)


def _read_tiff(data: bytes, limits: Limits) -> Photo:
    image = _decode(lambda: TiffImagePlugin.TiffImageFile(io.BytesIO(data)))
    _check_pixels(*image.size, limits)
    metadata = _decode(lambda: read_tiff_metadata(image))
    orientation = read_orientation(metadata.exif)
    deep = image.tag_v2.get(BITS_PER_SAMPLE, (1,))[0] == 16
    if deep and image.mode in ("RGB", "RGBA", "RGBX"):
        return _photo_of_pixels(_decode_with_opencv(data), metadata, orientation)
    return _photo_of_image(image, metadata, orientation=1)  # Pillow turns a TIFF upright by itself


def _photo_of_image(image: Image.Image, metadata: Metadata, orientation: int | None = None) -> Photo:
    """Decode any of Pillow's images into gray or RGB pixels and alpha."""
    _decode(image.load)
    if image.mode in ("F", "I"):
        raise NotAPhoto("The picture has 32 bits per sample; only 8 and 16 are read.")
    if image.mode == "CMYK":
        return _photo_of_pixels(np.asarray(_cmyk_to_srgb(image, metadata)), metadata, orientation)
    if image.mode.startswith("I;16"):
        return _photo_of_pixels(_gray_16(image), metadata, orientation)
    gray = image.mode in ("1", "L", "LA")
    if image.has_transparency_data:
        image = image.convert("LA" if gray else "RGBA")
    else:
        image = image.convert("L" if gray else "RGB")
    return _photo_of_pixels(np.asarray(image), metadata, orientation)


def _gray_16(image: Image.Image) -> np.ndarray:
    pixels = np.asarray(image).astype(np.uint16)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        alpha = np.where(pixels == transparent, 0, 65535).astype(np.uint16)
        return np.dstack([pixels, alpha])
    white_is_zero = getattr(image, "tag_v2", {}).get(PHOTOMETRIC) == 0
    return ~pixels if white_is_zero else pixels


def _cmyk_to_srgb(image: Image.Image, metadata: Metadata) -> Image.Image:
    profile = _profile(metadata, "CMYK")
    return profile.to_srgb(image) if profile else image.convert("RGB")


def _photo_of_pixels(pixels: np.ndarray, metadata: Metadata, orientation: int | None = None) -> Photo:
    """Bring decoded pixels, as they lie in the file, into sRGB and upright.

    pixels: gray (h, w), gray and alpha (h, w, 2), RGB (h, w, 3) or RGBA (h, w, 4).
    """
    orientation = orientation or read_orientation(metadata.exif)
    turn = UPRIGHT[orientation]
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    alpha = turn(np.ascontiguousarray(pixels[..., -1])) if channels in (2, 4) else None
    pixels = np.ascontiguousarray({2: pixels[..., 0], 4: pixels[..., :3]}.get(channels, pixels))
    sample = _sample(pixels) if channels > 2 else None
    profile = _profile(metadata, "RGB" if channels > 2 else "L")
    if profile and not profile.is_srgb:
        pixels = profile.equal_gray(pixels)
    kept = profile if profile and profile.mode == "RGB" else None
    metadata = replace(metadata, icc=kept.data if kept else None)
    if orientation >= 5 and metadata.dpi:
        metadata = replace(metadata, dpi=metadata.dpi[::-1])
    return Photo(turn(pixels), sample, alpha, None if kept is None or kept.is_srgb else kept, metadata)


def _profile(metadata: Metadata, mode: str) -> Profile | None:
    """Return the file's profile where it is sound and fits pixels of this mode: "L", "RGB" or "CMYK"."""
    try:
        profile = Profile(metadata.icc) if metadata.icc else None
    except ValueError:
        return None
    fits = {"L": ("L", "RGB"), "RGB": ("RGB",), "CMYK": ("CMYK",)}[mode]
    return profile if profile and profile.mode in fits else None


def _sample(colors: np.ndarray) -> np.ndarray:
    scale = min(1, SAMPLE_SIDE / max(colors.shape[:2]))
    size = tuple(max(1, round(side * scale)) for side in colors.shape[1::-1])
    return to_8_bit(cv2.resize(colors, size, interpolation=cv2.INTER_AREA))


def _decode(decode: Callable):
    """Run a decoder on a file of a stranger: whatever it raises means that the file is damaged."""
    try:
        return decode()
    except Image.DecompressionBombError as error:
        raise TooManyPixels("The photo has far too many pixels. Make it smaller first.") from error
    except Exception as error:
        raise DamagedPhoto("The photo is cut off or broken inside. Send the whole file.") from error


def _decode_with_opencv(data: bytes) -> np.ndarray:
    pixels = _decode(lambda: cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED))
    if pixels is None:
        raise DamagedPhoto("The photo is cut off or broken inside. Send the whole file.")
    if pixels.ndim == 3:
        pixels = cv2.cvtColor(pixels, cv2.COLOR_BGRA2RGBA if pixels.shape[2] == 4 else cv2.COLOR_BGR2RGB)
    return pixels


def to_8_bit(pixels: np.ndarray) -> np.ndarray:
    """Round uint16 samples to uint8; uint8 is returned as it is."""
    if pixels.dtype == np.uint8:
        return pixels
    return cv2.convertScaleAbs(pixels, alpha=1 / 257)


def _on_white(pixels: np.ndarray) -> np.ndarray:
    if pixels.shape[2] == 3:
        return pixels
    alpha = pixels[..., 3:].astype(np.float32) / 255
    return np.rint(pixels[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
