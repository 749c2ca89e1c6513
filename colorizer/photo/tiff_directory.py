"""Directories of a TIFF file (TIFF 6.0, section 2): tags whose values stay the bytes that they are."""

import struct
from dataclasses import dataclass

KIND_BYTES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
EXIF_DIRECTORY, GPS_DIRECTORY, INTEROPERABILITY = 0x8769, 0x8825, 0xA005
INNER = (EXIF_DIRECTORY, GPS_DIRECTORY)  # tags that point to directories inside
BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
LONG = 4


@dataclass(frozen=True)
class Entry:
    """One tag: the kind and number of its values, and their bytes."""

    kind: int
    count: int
    value: bytes


Directory = dict[int, Entry]


def read_block(block: bytes) -> tuple[str, Directory, dict[int, Directory]]:
    """Return the byte order ("<" or ">") of a small TIFF, its first directory and those inside, by their tag.

    What points outside the block is left out; of a block that is broken at its start nothing is returned.
    """
    order = BYTE_ORDERS.get(block[:4], ">")
    entries = read_directory(block, order, 4)
    inner = {tag: read_directory(block, order, entry) for tag in INNER if (entry := entries.get(tag))}
    return order, entries, inner


def read_directory(data: bytes, order: str, pointer: int | Entry) -> Directory:
    """Return the entries of the directory to which an entry, or the number at a place, points."""
    try:
        pointed = pointer.value if isinstance(pointer, Entry) else data[pointer : pointer + 4]
        (start,) = struct.unpack(order + "I", pointed[:4])
        (count,) = struct.unpack_from(order + "H", data, start)
        found = {}
        for at in range(start + 2, start + 2 + 12 * count, 12):
            tag, kind, number, place = struct.unpack_from(order + "HHII", data, at)
            length = KIND_BYTES.get(kind, 0) * number
            place = at + 8 if length <= 4 else place
            if (
                0 < length <= len(data) - place and tag != INTEROPERABILITY
            ):  # points where nothing comes along
                found[tag] = Entry(kind, number, data[place : place + length])
        return found
    except struct.error:
        return {}


def append_directory(data: bytearray, order: str, entries: Directory) -> int:
    """Append a directory with its values to a file; returns where it begins."""
    packed = []
    for tag, entry in sorted(entries.items()):
        place = entry.value.ljust(4, b"\0")
        if len(entry.value) > 4:
            data += b"\0" * (len(data) % 2)  # values and directories begin at even offsets
            place = struct.pack(order + "I", len(data))
            data += entry.value
        packed.append(struct.pack(order + "HHI", tag, entry.kind, entry.count) + place)
    data += b"\0" * (len(data) % 2)
    start = len(data)
    data += struct.pack(order + "H", len(packed)) + b"".join(packed) + bytes(4)
    return start


def pointer_to(order: str, start: int) -> Entry:
    """Return the entry that points to a directory which begins there."""
    return Entry(LONG, 1, struct.pack(order + "I", start))
