"""Files that are small and want to become large: judged in a process of their own, with its memory watched.

`python tests/bombs.py` prints a line of JSON for each: name, outcome, seconds, and how many megabytes
it took at most.
"""

import json
import resource
import signal
import struct
import time
import zlib

import photos
from hostile import PNG_SIGNATURE
from photos import encode, gray_scene, insert_chunks, insert_segments, jpeg_segment, png_chunk

from colorizer.errors import PhotoError
from colorizer.photo.limits import Limits
from image_colorizer import ImageColorizer

MIB = 1 << 20
WEB = Limits(max_bytes=5 * MIB, kinds=("jpeg", "png"))
LONGEST_SECONDS = 60  # then the process is ended; the slowest takes two on an idle machine


def zeros(size):
    """A zlib stream of so many zeros, a multiple of 16 MiB: a thousandth of that, made at once."""
    packer = zlib.compressobj(9)
    head = packer.compress(bytes(16 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    block = packer.compress(bytes(16 * MIB)) + packer.flush(zlib.Z_FULL_FLUSH)
    adler = 1 | (size % 65521) << 16
    return head + block * (size // (16 * MIB) - 1) + b"\x03\x00" + struct.pack(">I", adler)


def png(width, height, body, depth=8, color=0):
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return PNG_SIGNATURE + b"".join(
        [png_chunk(b"IHDR", header), png_chunk(b"IDAT", body), png_chunk(b"IEND", b"")]
    )


def progressive(width, height, scans):
    """A valid progressive jpg of one gray, whose scans each say in a few bytes that nothing changes.

    Its Huffman tables have one code, a 0: no difference (first scan), or "the next 32,767 blocks end here".
    """
    blocks = -(-width // 8) * -(-height // 8)
    table = bytes([1]) + bytes(15)
    runs = "0" + "1" * 14
    bits = runs * (blocks // 32767 + 1)
    nothing = int(bits.ljust(-(-len(bits) // 8) * 8, "1"), 2).to_bytes(-(-len(bits) // 8))
    parts = [
        b"\xff\xd8",
        jpeg_segment(0xDB, b"\0" + b"\1" * 64),
        jpeg_segment(0xC2, struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0"),
        jpeg_segment(0xC4, b"\0" + table + b"\0"),
        jpeg_segment(0xC4, b"\x10" + table + b"\xe0"),
        jpeg_segment(0xDA, b"\1\1\0\0\0\0") + bytes(-(-blocks // 8)),
    ]
    for scan in range(1, scans):
        coefficient = (scan - 1) % 63 + 1
        header = jpeg_segment(0xDA, b"\1\1\0" + bytes([coefficient, coefficient, 0]))
        parts.append(header + nothing.replace(b"\xff", b"\xff\0"))
    return b"".join([*parts, b"\xff\xd9"])


def bombs():
    """Yield (name, file)."""
    jpeg, small = encode(gray_scene(40, 30), "JPEG"), encode(gray_scene(40, 30), "PNG")
    gigabyte = zeros(1024 * MIB)
    yield "png of a gigapixel", png(32768, 32768, zeros(4 * 1024 * MIB))
    yield "png of 2^31 pixels a side", png(2**31 - 1, 2**31 - 1, b"")
    yield "jpg of 65535x65535", progressive(65528, 65528, 1)[:1000] + b"\xff\xd9"
    yield "png longer than any photo", png(1, 40_000_000, zeros(48 * MIB), depth=1)
    yield "png of 50 megapixels", png(7000, 7000, zeros(48 * MIB), depth=8)
    yield "png of 50 megapixels, 1 bit", png(7000, 7000, zeros(16 * MIB), depth=1)
    yield "png of 50 megapixels with alpha", png(7000, 7000, zeros(192 * MIB), color=6)
    yield "png of 50 megapixels, 16 bits", png(7000, 7000, zeros(288 * MIB), depth=16, color=2)
    yield "png with a gigabyte behind the picture", png(40, 30, gigabyte)
    yield "png with text of a gigabyte", insert_chunks(small, png_chunk(b"zTXt", b"Title\0\0" + gigabyte))
    yield (
        "png with 50 texts of a gigabyte",
        insert_chunks(small, *[png_chunk(b"zTXt", b"a\0\0" + gigabyte[:90_000])] * 50),
    )
    xmp = b"XML:com.adobe.xmp\0\1\0\0\0" + gigabyte
    yield "png with XMP of a gigabyte", insert_chunks(small, png_chunk(b"iTXt", xmp))
    yield "png with a profile of a gigabyte", insert_chunks(small, png_chunk(b"iCCP", b"a\0\0" + gigabyte))
    raw = b"Raw profile type iptc\0\0" + gigabyte
    yield "png with IPTC of a gigabyte", insert_chunks(small, png_chunk(b"zTXt", raw))
    yield (
        "png with 4 MB of EXIF",
        insert_chunks(small, png_chunk(b"eXIf", photos.exif_block() + bytes(4 * MIB))),
    )
    yield "png with 200,000 chunks", insert_chunks(small, png_chunk(b"tEXt", b"") * 200_000)
    yield (
        "jpg with 4 MB of EXIF",
        insert_segments(jpeg, *[jpeg_segment(0xE1, b"Exif\0\0" + bytes(65_000))] * 64),
    )
    part = b"ICC_PROFILE\0" + b"%c\x40" + bytes(65_000)
    parts = [jpeg_segment(0xE2, part.replace(b"%c", bytes([n]))) for n in range(1, 65)]
    yield "jpg with a profile of 4 MB", insert_segments(jpeg, *parts)
    yield "jpg with a million segments", insert_segments(jpeg, jpeg_segment(0xFE, b"") * 1_000_000)
    yield "jpg with 5 MB of fill bytes", insert_segments(jpeg, b"\xff" * (4 * MIB))
    yield "jpg with 1000 scans", progressive(2000, 2000, 1000)
    yield "jpg of 50 megapixels with 64 scans", progressive(7000, 7000, 64)


def main():
    """Judge them all."""
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    colorizer = ImageColorizer(photos.WarmCool(), limits=WEB)
    colorizer.load()
    for name, data in bombs():
        start, before = time.perf_counter(), _memory("VmRSS")
        _forget_peak()
        signal.alarm(LONGEST_SECONDS)
        outcome = _outcome(colorizer, data)
        signal.alarm(0)
        seconds, megabytes = time.perf_counter() - start, _memory("VmHWM") - before
        line = {"name": name, "outcome": outcome, "seconds": round(seconds, 2), "megabytes": megabytes}
        print(json.dumps({**line, "bytes": len(data)}), flush=True)  # noqa: T201


def _outcome(colorizer, data):
    try:
        colorizer.colorize(data)
    except PhotoError as error:
        return error.code
    return "photo"


def _memory(name):
    with open("/proc/self/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith(name))
    return int(line.split()[1]) // 1024


def _forget_peak():
    with open("/proc/self/clear_refs", "w", encoding="ascii") as clear:
        clear.write("5")


if __name__ == "__main__":
    main()
