"""JPEG files (ITU-T T.81) as segments: checks before decoding, and the metadata that they carry."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from colorizer.errors import DamagedPhoto
from colorizer.photo.metadata import Metadata, sane_dpi

START, END, SCAN, COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
START_MARKER, END_MARKER = b"\xff\xd8", b"\xff\xd9"
APP0, APP1, APP2, APP13, APP14 = 0xE0, 0xE1, 0xE2, 0xED, 0xEE
FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # SOF0 to SOF15; the three others are tables
METADATA = {COMMENT, *range(0xE0, 0xF0)} - {APP0, APP14}  # those two say how colours are stored
WITHOUT_LENGTH = {0x01, START, END, *range(0xD0, 0xD8)}
ANY_MARKER = re.compile(rb"\xff[^\x00\xff]")
END_OF_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")  # what ends entropy-coded data
MAX_SCANS = 64  # each costs a pass over the whole picture; progressive files have about ten
MAX_SEGMENTS = 2000  # an ICC profile may take 255
CUT_OFF = "This jpg is cut off: its end is missing. Send the whole file."
LARGEST_PAYLOAD = 65533

EXIF, XMP, LONG_XMP = b"Exif\0\0", b"http://ns.adobe.com/xap/1.0/\0", b"http://ns.adobe.com/xmp/extension/\0"
ICC, IPTC, JFIF = b"ICC_PROFILE\0", b"Photoshop 3.0\0", b"JFIF\0"
JFIF_UNITS = {1: 1.0, 2: 2.54}  # dots per inch and per centimetre


@dataclass(frozen=True)
class JpegFile:
    """A whole JPEG file: its size in pixels as stored, its bits per sample, and its segments.

    picture: the file with nothing but the picture in it.
    """

    width: int
    height: int
    precision: int
    segments: tuple[tuple[int, bytes], ...]
    picture: bytes


def parse_jpeg(data: bytes) -> JpegFile:
    """Walk through a JPEG file from its first marker to its end; decodes nothing.

    Where the end marker is missing, or a phone has put something else in its place, the picture gets one:
    whether its last scan is whole is for the decoder to find out.
    Raises DamagedPhoto where it is truncated, has no picture, or is built to take forever.
    """
    segments: list[tuple[int, bytes]] = []
    picture: list[bytes | memoryview] = [START_MARKER]
    for marker, payload, start, end in _walk(data):
        segments.append((marker, payload))
        if marker not in METADATA:
            picture.append(memoryview(data)[start:end])
        _check_effort(segments, marker)
    if segments[-1][0] != END:
        picture.append(END_MARKER)
    frame = next((payload for marker, payload in segments if marker in FRAMES), b"")
    if len(frame) < 6:
        raise DamagedPhoto("This jpg has no picture in it.")
    precision, height, width = struct.unpack_from(">BHH", frame)
    return JpegFile(width, height, precision, tuple(segments), b"".join(picture))


def _walk(data: bytes) -> Iterator[tuple[int, bytes, int, int]]:
    """Yield marker, payload, start and end of each segment, a scan with the data behind it.

    Ends behind the end marker, or with the last scan of a whole picture where nothing sound follows it.
    """
    marker, at, passed = START, 2, list[tuple[int, bytes]]()
    while marker != END:
        try:
            start = _find(ANY_MARKER, data, at)  # passes over fill bytes, and rubbish that some cameras leave
            marker, payload, at = _read_segment(data, start)
        except DamagedPhoto:
            if _has_every_bit(passed):
                return
            raise
        if marker == SCAN:
            found = END_OF_SCAN.search(data, at)
            at = found.start() if found else len(data)
        passed.append((marker, payload))
        yield marker, payload, start, at


def _has_every_bit(segments: list[tuple[int, bytes]]) -> bool:
    """Whether the scans so far bring every bit of all coefficients of the frame (T.81, G.1.1)."""
    missing: dict[tuple[int, int], int] = {}
    for marker, payload in segments:
        if marker in FRAMES:
            missing = {(component, number): 1 for component in payload[6::3] for number in range(64)}
        if marker == SCAN and payload:
            last = 1 + 2 * payload[0]
            first, end, bits = payload[last : last + 3].ljust(3, b"\x01")
            numbers = range(first, min(end, 63) + 1)
            missing |= {(part, number): bits & 15 for part in payload[1:last:2] for number in numbers}
    return bool(missing) and not any(missing.values())


def _check_effort(segments: list[tuple[int, bytes]], marker: int) -> None:
    scans = sum(found == SCAN for found, _ in segments) if marker == SCAN else 0
    if scans > MAX_SCANS or len(segments) > MAX_SEGMENTS:
        raise DamagedPhoto(
            f"This jpg has more than {MAX_SCANS} scans or {MAX_SEGMENTS} segments; photos have about ten."
            " Save it again with a photo program."
        )


def read_jpeg_metadata(file: JpegFile) -> Metadata:
    """Collect what the file's segments say about the photo."""
    own = [_segment(marker, payload) for marker, payload in file.segments if _is_own(marker, payload)]
    return Metadata(
        exif=_first(file, APP1, EXIF),
        xmp=_first(file, APP1, XMP),
        iptc=b"".join(_all(file, APP13, IPTC)) or None,
        dpi=_read_jfif_dpi(_first(file, APP0, JFIF) or b""),
        icc=_join_profile(_all(file, APP2, ICC)),
        own=tuple(own),
        own_format="jpeg",
        caption=next((payload for marker, payload in file.segments if marker == COMMENT), b"").strip(b"\0 "),
    )


def with_jpeg_metadata(jpeg: bytes, metadata: Metadata, exif: bytes | None) -> bytes:
    """Return an encoded picture (with a JFIF segment first) with the photo's metadata put in."""
    _, _, picture = _read_segment(jpeg, 2)
    parts = [b"\xff\xd8", _segment(APP0, JFIF + _jfif(metadata.dpi))]
    if exif:
        parts.append(_segment(APP1, EXIF + exif))
    if metadata.xmp and len(XMP + metadata.xmp) <= LARGEST_PAYLOAD:
        parts.append(_segment(APP1, XMP + metadata.xmp))
    parts += _split(APP13, IPTC, metadata.iptc or b"")
    parts += _split_profile(metadata.icc or b"")
    parts += metadata.own if metadata.own_format == "jpeg" else ()
    return b"".join([*parts, memoryview(jpeg)[picture:]])


def _read_segment(data: bytes, start: int) -> tuple[int, bytes, int]:
    """Return the marker at `start`, its payload, and where that ends."""
    marker = data[start + 1]
    if marker in WITHOUT_LENGTH:
        return marker, b"", start + 2
    if start + 4 > len(data):
        raise DamagedPhoto(CUT_OFF)
    (length,) = struct.unpack_from(">H", data, start + 2)
    end = start + 2 + length
    if length < 2 or end > len(data):
        raise DamagedPhoto(CUT_OFF)
    return marker, data[start + 4 : end], end


def _find(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    found = pattern.search(data, at)
    if not found:
        raise DamagedPhoto(CUT_OFF)
    return found.start()


def _segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def _first(file: JpegFile, marker: int, name: bytes) -> bytes | None:
    return next(iter(_all(file, marker, name)), None)


def _all(file: JpegFile, marker: int, name: bytes) -> list[bytes]:
    return [
        payload.removeprefix(name)
        for found, payload in file.segments
        if found == marker and payload.startswith(name)
    ]


def _is_own(marker: int, payload: bytes) -> bool:
    return marker == COMMENT or (marker == APP1 and payload.startswith(LONG_XMP))


def _join_profile(parts: list[bytes]) -> bytes | None:
    """Join an ICC profile's parts, each headed by its number and their count (ICC.1, annex B.4)."""
    ordered = sorted(part for part in parts if len(part) > 2)
    if not ordered or [part[0] for part in ordered] != list(range(1, ordered[0][1] + 1)):
        return None
    return b"".join(part[2:] for part in ordered)


def _split_profile(profile: bytes) -> list[bytes]:
    size = LARGEST_PAYLOAD - len(ICC) - 2
    parts = [profile[at : at + size] for at in range(0, len(profile), size)]
    if len(parts) > 255:
        return []
    return [_segment(APP2, ICC + bytes([n, len(parts)]) + part) for n, part in enumerate(parts, start=1)]


def _split(marker: int, name: bytes, content: bytes) -> list[bytes]:
    size = LARGEST_PAYLOAD - len(name)
    return [_segment(marker, name + content[at : at + size]) for at in range(0, len(content), size)]


def _read_jfif_dpi(jfif: bytes) -> tuple[float, float] | None:
    if len(jfif) < 7:
        return None
    unit, x, y = struct.unpack_from(">BHH", jfif, 2)
    scale = JFIF_UNITS.get(unit)
    return sane_dpi(x * scale, y * scale) if scale else None


def _jfif(dpi: tuple[float, float] | None) -> bytes:
    unit, x, y = (1, *map(round, dpi)) if dpi else (0, 1, 1)
    return struct.pack(">HBHHBB", 0x0102, unit, x, y, 0, 0)
