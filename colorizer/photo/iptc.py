"""IPTC's record (IIM 4.2) and Photoshop's image resources (8BIM) that hold it."""

import struct
from collections.abc import Iterator

SIGNATURE = b"8BIM"
RECORD = 0x0404
THUMBNAILS = (0x0409, 0x040C)
MARKER, CAPTION = b"\x1c", b"\x1c\x02\x78"  # of a data set; of the data set 2:120


def resource_of(record: bytes) -> bytes:
    """Wrap an IPTC record as one of Photoshop's image resources."""
    return SIGNATURE + struct.pack(">HHI", RECORD, 0, len(record)) + record + b"\0" * (len(record) % 2)


def record_of(resources: bytes) -> bytes | None:
    """Return the IPTC record among the resources, or None."""
    block = next((block for number, block in _blocks(resources) if number == RECORD), b"")
    start = _body_of(block) if block else 0
    return block[start : start + int.from_bytes(block[start - 4 : start], "big")] or None


def without_thumbnails(resources: bytes) -> bytes:
    """Return image resources without those that show the photo small and still gray."""
    return b"".join(block for number, block in _blocks(resources) if number not in THUMBNAILS)


def caption_of(resources: bytes) -> bytes | None:
    """Return the caption in an IPTC record among the resources, as its bytes lie there, or None."""
    _, _, behind = resources.partition(CAPTION)
    return behind[2 : 2 + int.from_bytes(behind[:2], "big")] or None


def _blocks(resources: bytes) -> Iterator[tuple[int | None, bytes]]:
    """Yield (number, bytes) of each resource; what is not understood comes last, under None."""
    at = 0
    while resources[at : at + 4] == SIGNATURE and len(resources) >= at + 12:
        (number,) = struct.unpack_from(">H", resources, at + 4)
        start = at + _body_of(resources[at : at + 7])
        if len(resources) < start:
            break
        length = int.from_bytes(resources[start - 4 : start], "big")
        end = start + length + length % 2
        if end > len(resources) + 1:
            break
        yield number, resources[at:end]
        at = end
    if at < len(resources):
        yield None, resources[at:]


def _body_of(block: bytes) -> int:
    """Return where a resource's body begins: behind its signature, number, padded name and length."""
    name = 1 + block[6]
    return 6 + name + name % 2 + 4
