"""What a result was made from and how, in its XMP: tells whether it is still what would be made today.

The record is one rdf:Description (ISO 16684-1) in a namespace of ours, beside what the photo's packet says.
Its check is the Adler-32 of the whole file, so that a file that was cut off or changed by hand is known too
(a CRC-32 would not see chunks of a png replaced, for each brings its own). XMP stands in every format as
plain bytes, so all this is read without knowing the format.
"""

import re
import struct
import zlib
from dataclasses import dataclass
from html import escape, unescape  # xml.sax's would bring ssl, 4 MB

from colorizer.photo.xmp import ABOUT, EMPTY, END

NAMESPACE = "https://image-colorizer.invalid/ns/result/1.0/"
FIELDS = ("Source", "Options", "Strategy", "Network")
OPEN_CHECK = "0" * 8
PNG_START = b"\x89PNG\r\n\x1a\n"

OURS = re.compile(
    rb'<(\w+):Description \1:about="[^"]*" xmlns:colorizer="[^"]*"(?: colorizer:\w+="[^"]*")+/>\n?'
    rb'|\s+colorizer:\w+="[^"]*"'  # where another program has moved it
    rb"|<colorizer:(\w+)>[^<]*</colorizer:\2>"
)
CHECK = re.compile(rb'(colorizer:Check(?:="|>))([0-9a-f]{8})')


@dataclass(frozen=True)
class Record:
    """How a result was made.

    source: SHA-256 of the photo's file, in hexadecimal digits. options: what was asked for. strategy: its
    name. network: the version of its weights, as `Strategy.version` has it.
    """

    source: str
    options: str
    strategy: str
    network: str

    def joined(self, xmp: bytes | None, largest: int) -> bytes:
        """Return an XMP packet with this record in it, in place of an earlier one.

        largest: how many bytes the format can hold. Where that is too few for both, or the packet is broken,
        the record stands alone.
        """
        kept = OURS.sub(b"", xmp or EMPTY)
        packet = self._join(kept if END.search(kept) else EMPTY)
        return packet if len(packet) <= largest else self._join(EMPTY)

    def _join(self, packet: bytes) -> bytes:
        end = next(END.finditer(packet))
        about = ABOUT.search(packet)  # must be the same in all of a packet
        return (
            packet[: end.start()] + self._element(end[1], about[1] if about else b"") + packet[end.start() :]
        )

    def _element(self, prefix: bytes, about: bytes) -> bytes:
        values = (self.source, self.options, self.strategy, self.network)
        pairs = [*zip(FIELDS, values, strict=True), ("Check", OPEN_CHECK)]
        fields = " ".join(f'colorizer:{name}="{escape(value)}"' for name, value in pairs)
        start = b'<%s:Description %s:about="%s" ' % (prefix, prefix, about)
        return start + f'xmlns:colorizer="{NAMESPACE}" {fields}/>\n'.encode()


def read_record(file: bytes) -> Record | None:
    """Return the record of a result's file, or None where it has none; other programs may have moved it."""
    if b"colorizer:" not in file:
        return None
    values = [value for name in FIELDS if (value := _value(file, name)) is not None]
    return Record(*values) if len(values) == len(FIELDS) else None


def seal(file: bytes) -> bytes:
    """Return a file that has just been encoded with its check filled in; as it is where it has no record."""
    found = CHECK.search(file)
    return _with_check(file, found.start(2), b"%08x" % zlib.adler32(file)) if found else file


def is_sealed(file: bytes) -> bool:
    """Whether a file is, bit by bit, as `seal` left it."""
    found = CHECK.search(file)
    return found is not None and seal(_with_check(file, found.start(2), OPEN_CHECK.encode())) == file


def _value(file: bytes, name: str) -> str | None:
    found = re.search(rb'colorizer:%s(?:="|>)([^"<]*)' % name.encode(), file)
    return unescape(found[1].decode("utf-8", "replace")) if found else None


def _with_check(file: bytes, at: int, check: bytes) -> bytes:
    parts: list[bytes | memoryview] = [memoryview(file)[:at], check, memoryview(file)[at + len(check) :]]
    if file.startswith(PNG_START):
        start, end = _chunk_around(file, at)
        chunk = b"".join([file[start + 4 : at], check, file[at + len(check) : end - 4]])
        parts[2:] = [
            file[at + len(check) : end - 4],
            struct.pack(">I", zlib.crc32(chunk)),
            memoryview(file)[end:],
        ]
    return b"".join(parts)


def _chunk_around(png: bytes, at: int) -> tuple[int, int]:
    """Return where the chunk that holds this place begins and ends (W3C PNG, 5.3); its CRC is the end."""
    start, end = 0, len(PNG_START)
    while end <= at:
        start = end
        end = start + 12 + struct.unpack_from(">I", png, start)[0]
    return start, end
