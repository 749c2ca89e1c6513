"""PNG files (W3C PNG, third edition) as chunks: checks before decoding, and the metadata that they carry."""

import binascii
import re
import struct
import zlib
from dataclasses import dataclass

from colorizer.errors import DamagedPhoto, UnsupportedPhoto
from colorizer.photo.metadata import Metadata, sane_dpi

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PICTURE = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}  # all that a decoder needs
TEXTS = {b"tEXt", b"zTXt", b"iTXt"}
MAX_CHUNKS = 100_000  # some programs write 8 KB of picture a chunk
MAX_INFLATED = 4 << 20  # bytes of one compressed text or profile
METRES = 0.0254  # an inch
SRGB_CODE = bytes((1, 13, 0, 1))  # primaries of BT.709, transfer of sRGB, RGB, full range (ITU-T H.273)
CODES = {16: "PQ", 18: "HLG"}
SRGB_GAMMA_TOLERANCE = 0.05
XMP_KEYWORD = b"XML:com.adobe.xmp"
# ImageMagick's way; APP1 is EXIF or XMP with the name that it has in a jpg.
IPTC_KEYWORD, EXIF_KEYWORD = b"Raw profile type iptc", b"Raw profile type exif"
RAW_XMP_KEYWORD, APP1_KEYWORD = b"Raw profile type xmp", b"Raw profile type APP1"
KEPT_ELSEWHERE = {XMP_KEYWORD, IPTC_KEYWORD, EXIF_KEYWORD, RAW_XMP_KEYWORD, APP1_KEYWORD}
CAPTION_KEYWORDS = (b"Description", b"Comment", b"Title")  # of texts, the most telling first
EXIF_NAME, XMP_NAME = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0"
RAW_PROFILE = re.compile(rb"\s*\w+\s+\d+\s([0-9a-fA-F\s]*)")


@dataclass(frozen=True)
class PngFile:
    """A whole PNG file: size in pixels, bits per sample, samples per pixel, and the chunks of metadata.

    picture: the file with nothing but the picture in it: no texts, no profile, no further frames.
    """

    width: int
    height: int
    depth: int
    channels: int
    chunks: tuple[tuple[bytes, bytes], ...]
    picture: bytes


def parse_png(data: bytes) -> PngFile:
    """Walk through a PNG file from its first chunk to its end; inflates nothing.

    Raises DamagedPhoto where it is truncated, has a wrong checksum in the picture, or no picture.
    """
    view, name, at = memoryview(data), b"", len(SIGNATURE)
    picture: list[bytes | memoryview] = [view[:at]]
    chunks: list[tuple[bytes, bytes]] = []
    while name != b"IEND":
        start = at
        if (
            start == len(data) and name == b"IDAT"
        ):  # whole but for its end; short data the decoder will refuse
            picture.append(_chunk(b"IEND", b""))
            break
        name, body, sound, at = _next_chunk(view, start)
        if name in PICTURE:
            if not sound:
                raise DamagedPhoto("This png is broken: the checksum of its picture data is wrong.")
            picture.append(view[start:at])
        elif sound:
            chunks.append((name, bytes(body)))
        if len(picture) + len(chunks) > MAX_CHUNKS:
            raise DamagedPhoto(
                f"This png has more than {MAX_CHUNKS} chunks. Save it again in a photo program."
            )
    return PngFile(*_read_header(picture), tuple(chunks), b"".join(picture))


def _read_header(picture: list[bytes | memoryview]) -> tuple[int, int, int, int]:
    """Return width, height, bits per sample, and samples per pixel (0: of an unknown kind)."""
    length, name, width, height, depth, color = struct.unpack(
        ">I4sIIBB", bytes(picture[1][:18]).ljust(18, b"\0")
    )
    if name != b"IHDR" or length != 13:
        raise DamagedPhoto("This png has no header.")
    return width, height, depth, {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}.get(color, 0)


def check_colors_of_png(file: PngFile) -> None:
    """Raise UnsupportedPhoto where the file says that its colours are coded otherwise than sRGB (cICP)."""
    coded = dict(reversed(file.chunks)).get(b"cICP", b"")
    if len(coded) == 4 and coded != SRGB_CODE:
        what = CODES.get(coded[1], f"code {coded[1]}")
        raise UnsupportedPhoto(
            f"This png's colours are coded for video or HDR (cICP: primaries {coded[0]}, transfer {what});"
            " only sRGB is read. Save it as sRGB in a photo program."
        )


def gamma_of_png(file: PngFile) -> float | None:
    """Return the exponent by which samples were coded (gAMA), or None: nothing else than sRGB is said.

    sRGB and iCCP go before it (W3C PNG, 4.3); nearly sRGB's own 1/2.2 is sRGB.
    """
    bodies = dict(reversed(file.chunks))
    body = bodies.get(b"gAMA", b"")
    if len(body) != 4 or not {b"sRGB", b"iCCP", b"cICP"}.isdisjoint(bodies):
        return None
    gamma = int.from_bytes(body, "big") / 100_000
    return None if abs(gamma * 2.2 - 1) < SRGB_GAMMA_TOLERANCE or not 0.1 <= gamma <= 10 else gamma


def read_png_metadata(file: PngFile) -> Metadata:
    """Collect what the file's chunks say about the photo."""
    bodies = dict(reversed(file.chunks))  # the first of each name counts
    texts = [(name, body) for name, body in file.chunks if name in TEXTS]
    found = {
        _keyword(body): _text(name, body) or b"" for name, body in texts if _keyword(body) in KEPT_ELSEWHERE
    }
    raw = {keyword: _decode_raw_profile(text) for keyword, text in found.items()}
    app1 = raw.get(APP1_KEYWORD, b"")
    exif = bodies.get(b"eXIf") or raw.get(EXIF_KEYWORD) or (app1 if app1.startswith(EXIF_NAME) else b"")
    xmp = found.get(XMP_KEYWORD) or raw.get(RAW_XMP_KEYWORD) or (app1 if app1.startswith(XMP_NAME) else b"")
    profile = bodies.get(b"iCCP", b"").partition(b"\0")[2][1:]
    return Metadata(
        exif=exif.removeprefix(EXIF_NAME) or None,
        xmp=xmp.removeprefix(XMP_NAME) or None,
        iptc=raw.get(IPTC_KEYWORD) or None,
        dpi=_read_dpi(bodies.get(b"pHYs", b"")),
        icc=_inflate(profile),
        own=tuple(_chunk(name, body) for name, body in texts if _keyword(body) not in KEPT_ELSEWHERE),
        own_format="png",
        caption=_caption(texts),
    )


def _caption(texts: list[tuple[bytes, bytes]]) -> bytes | None:
    """Return the text that describes the photo, in UTF-8: only iTXt has it so in the file."""
    by_keyword = {_keyword(body): (name, body) for name, body in reversed(texts)}
    for keyword in CAPTION_KEYWORDS:
        if keyword in by_keyword and (text := _text(*by_keyword[keyword])):
            return text if by_keyword[keyword][0] == b"iTXt" else text.decode("latin-1").encode()
    return None


def with_png_metadata(png: bytes, metadata: Metadata, exif: bytes | None, note: str) -> bytes:
    """Return an encoded picture with the photo's metadata put in after its header."""
    header = len(SIGNATURE) + 25
    parts = [png[:header]]
    if metadata.icc:
        parts.append(_chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(metadata.icc)))
    if metadata.dpi:
        parts.append(
            _chunk(b"pHYs", struct.pack(">IIB", *(round(side / METRES) for side in metadata.dpi), 1))
        )
    if exif:
        parts.append(_chunk(b"eXIf", exif))
    if metadata.xmp:
        parts.append(_chunk(b"iTXt", XMP_KEYWORD + b"\0\0\0\0\0" + metadata.xmp))
    if metadata.iptc:
        parts.append(
            _chunk(b"zTXt", IPTC_KEYWORD + b"\0\0" + zlib.compress(_encode_raw_profile(metadata.iptc)))
        )
    parts += metadata.own if metadata.own_format == "png" else ()
    parts.append(_chunk(b"tEXt", b"Comment\0" + note.encode("latin-1", "replace")))
    return b"".join([*parts, memoryview(png)[header:]])


def _next_chunk(data: memoryview, at: int) -> tuple[bytes, memoryview, bool, int]:
    """Return the name and body of the chunk at `at`, whether its checksum holds, and where it ends."""
    try:
        length, name = struct.unpack_from(">I4s", data, at)
        (checksum,) = struct.unpack_from(">I", data, at + 8 + length)
    except struct.error as error:
        raise DamagedPhoto("This png is cut off: its end is missing. Send the whole file.") from error
    body = data[at + 8 : at + 8 + length]
    return name, body, zlib.crc32(body, zlib.crc32(name)) == checksum, at + 12 + length


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), name) + body + struct.pack(">I", zlib.crc32(body, zlib.crc32(name)))


def _keyword(body: bytes) -> bytes:
    return body.partition(b"\0")[0]


def _text(name: bytes, body: bytes) -> bytes | None:
    """Return the text of a chunk; None where it is broken or inflates to too much."""
    content = body.partition(b"\0")[2]
    if name == b"tEXt":
        return content
    if name == b"zTXt":
        return _inflate(content[1:])
    _, _, text = content[2:].partition(b"\0")  # behind the flags: language and translated keyword
    text = text.partition(b"\0")[2]
    return _inflate(text) if content[:1] == b"\1" else text


def _inflate(packed: bytes) -> bytes | None:
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(packed, MAX_INFLATED)
    except zlib.error:
        return None
    return content if inflater.eof else None


def _decode_raw_profile(text: bytes | None) -> bytes:
    """Return what ImageMagick wrote as a name, a length and hexadecimal digits; b"" where it is broken."""
    found = RAW_PROFILE.fullmatch(text or b"")
    try:
        return binascii.unhexlify(b"".join(found[1].split())) if found else b""
    except binascii.Error:
        return b""


def _encode_raw_profile(content: bytes) -> bytes:
    return b"\niptc\n%8d\n%s\n" % (len(content), content.hex("\n", 36).encode())


def _read_dpi(density: bytes) -> tuple[float, float] | None:
    if len(density) != 9:
        return None
    x, y, unit = struct.unpack(">IIB", density)
    return sane_dpi(x * METRES, y * METRES) if unit == 1 else None
