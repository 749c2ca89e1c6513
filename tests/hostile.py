"""Files that mean harm or are damaged, made from small real photos; and the judge of how they end."""

import io
import re
import struct
import zipfile
import zlib
from functools import cache

import numpy as np
import photos
from photos import color_scene, encode, gray_scene, insert_chunks, insert_segments, jpeg_segment, png_chunk
from PIL import Image

from colorizer.errors import PhotoError
from colorizer.photo.limits import Limits
from image_colorizer import ImageColorizer

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
LIMITS = Limits(max_bytes=5 << 20, max_pixels=200_000)
NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def judge(data, limits=LIMITS):
    """Colour the file as every format; return "photo" or the code of the error that says why not.

    Fails where anything else happens: another exception, a result of the wrong size, a message that tells
    of our insides, an answer that depends on the format.
    """
    colorizer = ImageColorizer(photos.WarmCool(), limits=limits)
    return _one_outcome([_outcome(colorizer, data, format) for format in ("jpeg", "png")])


def _one_outcome(outcomes):
    assert len(set(outcomes)) == 1, f"the answer depends on the format: {outcomes}"
    return outcomes[0]


def _outcome(colorizer, data, format):
    try:
        result = colorizer.colorize(data, format=format)
    except PhotoError as error:
        _check_message(error)
        return error.code
    assert photos.decode(result.data).shape[:2] == (result.height, result.width)
    assert result.width * result.height <= colorizer.limits.max_pixels
    return "photo"


def _check_message(error):
    assert 400 <= error.status < 500
    assert re.fullmatch(r"[A-Z][^\n]*\.", str(error)), f"no sentence: {error}"
    assert not re.search(r"/(work|home|tmp|usr)|\.py|\b0x\d{6}|PIL|cv2", str(error)), (
        f"tells of our insides: {error}"
    )


@cache
def seeds():
    """Small real photos by name, with everything that a file can carry."""
    small, color = gray_scene(40, 30), color_scene(40, 30)
    exif = b"Exif\0\0" + photos.exif_block(6, encode(gray_scene(16, 16), "JPEG"))
    rich = {"exif": exif, "icc_profile": photos.srgb_profile(), "dpi": (300, 300)}
    xmp = b'<x:xmpmeta><a tiff:Orientation="6"/></x:xmpmeta>'
    iptc = jpeg_segment(0xED, b"Photoshop 3.0\0" + photos.iptc_resource(b"Grandma"))
    texts = [
        png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp),
        png_chunk(b"zTXt", b"Title\0\0" + zlib.compress(b"Grandma")),
    ]
    return {
        "gray.jpg": encode(small, "JPEG"),
        "rich.jpg": insert_segments(encode(color, "JPEG", xmp=xmp, comment=b"Grandma", **rich), iptc),
        "progressive.jpg": encode(color, "JPEG", progressive=True),
        "cmyk.jpg": encode(Image.fromarray(color).convert("CMYK"), "JPEG", icc_profile=photos.cmyk_profile()),
        "wide.jpg": encode(color, "JPEG", icc_profile=photos.wide_rgb_profile(), restart_marker_blocks=2),
        "gray.png": encode(small, "PNG"),
        "rich.png": insert_chunks(encode(np.dstack([color, small]), "PNG", **rich), *texts),
        "palette.png": encode(Image.fromarray(color).quantize(8), "PNG", transparency=bytes([0, 128])),
        "deep.png": photos.encode_deep(np.dstack([photos.deep_gray_scene(40, 30)] * 3)),
        "deep gray.png": insert_chunks(
            photos.encode_deep(photos.deep_gray_scene(40, 30)), png_chunk(b"tRNS", b"\x04\x00")
        ),
    }


@cache
def other_seeds():
    """Small photos of the kinds that only the command line and the library take."""
    small, color = gray_scene(40, 30), color_scene(40, 30)
    rich = {"exif": b"Exif\0\0" + photos.exif_block(6), "icc_profile": photos.srgb_profile()}
    frames = [Image.fromarray(small), Image.fromarray(255 - small)]
    tags = {0x010E: "Grandma", 0x0112: 6, 700: b"<x/>", 33723: b"\x1c\2\x78\0\2Hi"}
    return {
        "lossy.webp": encode(color, "WEBP", **rich),
        "lossless.webp": encode(np.dstack([color, small]), "WEBP", lossless=True),
        "animated.webp": encode(frames[0], "WEBP", save_all=True, append_images=frames[1:]),
        "gray.tiff": encode(small, "TIFF", tiffinfo=tags, dpi=(300, 300)),
        "lzw.tiff": encode(color, "TIFF", compression="tiff_lzw", icc_profile=photos.wide_rgb_profile()),
        "jpeg.tiff": encode(color, "TIFF", compression="jpeg"),
        "table profile.tiff": encode(color, "TIFF", icc_profile=photos.opponent_profile()),
        "lab.tiff": encode(photos.to_lab(Image.fromarray(color)), "TIFF"),
        "1 bit.tiff": encode(Image.fromarray(small).convert("1"), "TIFF", compression="group4"),
        "cmyk.tiff": encode(Image.fromarray(color).convert("CMYK"), "TIFF"),
        "deep.tiff": photos.deep_tiff(np.dstack([photos.deep_gray_scene(40, 30)] * 3), 6),
        "deep gray.tiff": encode(Image.fromarray(photos.deep_gray_scene(40, 30)), "TIFF"),
        "pages.tiff": photos.two_pages(),
    }


def boundaries(data):
    """Where each part of a jpg or png begins, and its end."""
    return [0, *(start for start, _ in parts(data)), len(data)]


def parts(data):
    """The segments of a jpg (a scan with its picture data) or the chunks of a png, as (start, end)."""
    return _chunks(data) if data.startswith(PNG_SIGNATURE) else _segments(data)


def _chunks(data):
    found, at = [], len(PNG_SIGNATURE)
    while at < len(data):
        end = at + 12 + struct.unpack_from(">I", data, at)[0]
        found.append((at, end))
        at = end
    return found


def _segments(data):
    found, at = [], 2
    while data[at + 1] != 0xD9:
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        if data[at + 1] == 0xDA:
            end = NEXT_MARKER.search(data, end).start()
        found.append((at, end))
        at = end
    return [*found, (at, at + 2)]


def truncated(data):
    """The file cut off at each boundary, one byte before and one behind."""
    cuts = {cut + shift for cut in boundaries(data) for shift in (-1, 0, 1, 5)}
    return [data[:cut] for cut in sorted(cuts) if 0 <= cut < len(data)]


def with_wrong_lengths(data):
    """The file with each part's length replaced by others."""
    png = data.startswith(PNG_SIGNATURE)
    layout, shift = (">I", 0) if png else (">H", 2)
    largest = 2 ** (8 * struct.calcsize(layout)) - 1
    found = []
    for start, end in parts(data):
        if end - start < 4:
            continue
        (length,) = struct.unpack_from(layout, data, start + shift)
        for wrong in {0, 1, 2, 3, length - 1, length + 1, length + 40, largest // 2, largest} - {length}:
            changed = bytearray(data)
            struct.pack_into(layout, changed, start + shift, max(0, min(wrong, largest)))
            found.append(bytes(changed))
    return found


def rearranged(data):
    """The file with each part left out, doubled, and swapped with the next."""
    pieces = [data[start:end] for start, end in parts(data)]
    head = data[: parts(data)[0][0]]
    found = []
    for n in range(len(pieces)):
        found.append(head + b"".join(pieces[:n] + pieces[n + 1 :]))
        found.append(head + b"".join([*pieces[: n + 1], *pieces[n:]]))
        if n + 1 < len(pieces):
            found.append(head + b"".join([*pieces[:n], pieces[n + 1], pieces[n], *pieces[n + 2 :]]))
    return found


def flipped(data, number, count=60):
    """The file with one to eight bits flipped, `count` times; a png also with right checksums."""
    random = np.random.default_rng(number)
    found = []
    for _ in range(count):
        changed = bytearray(data)
        # Half of the flips hit the first bytes, where the structure is.
        reach = len(data) if random.random() < 0.5 else min(len(data), 400)
        for at in random.integers(2, reach, random.integers(1, 9)):
            changed[at] ^= 1 << random.integers(8)
        found.append(bytes(changed))
    if data.startswith(PNG_SIGNATURE):
        found += [with_right_checksums(changed) for changed in found]
    return found


def with_right_checksums(png):
    """A png whose chunks, as far as they can be told apart, all have the checksum that fits."""
    fixed, at = bytearray(png), len(PNG_SIGNATURE)
    while at + 12 <= len(fixed):
        (length,) = struct.unpack_from(">I", fixed, at)
        if at + 12 + length > len(fixed):
            break
        struct.pack_into(">I", fixed, at + 8 + length, zlib.crc32(fixed[at + 4 : at + 8 + length]))
        at += 12 + length
    return bytes(fixed)


def with_other_headers():
    """Headers that promise sizes, depths and colours that the rest does not keep."""
    found = {}
    jpeg, png = seeds()["gray.jpg"], seeds()["gray.png"]
    frame = jpeg.index(b"\xff\xc0")
    for height, width in ((0, 0), (0, 40), (30, 0), (1, 1), (65535, 65535), (31, 40), (400, 400), (65535, 1)):
        changed = bytearray(jpeg)
        struct.pack_into(">HH", changed, frame + 5, height, width)
        found[f"jpg of {width}x{height}"] = bytes(changed)
    for at, value in (
        (4, 0),
        (4, 12),
        (4, 16),
        (9, 0),
        (9, 2),
        (9, 3),
        (9, 255),
        (11, 0),
        (11, 0x44),
        (12, 9),
    ):
        changed = bytearray(jpeg)
        changed[frame + at] = value
        found[f"jpg with byte {at} of its frame {value}"] = bytes(changed)
    for process in (0xC1, 0xC2, 0xC3, 0xC5, 0xC9, 0xCA, 0xCB, 0xCF):
        changed = bytearray(jpeg)
        changed[frame + 1] = process
        found[f"jpg of process {process:x}"] = bytes(changed)
    for width, height in (
        (0, 0),
        (40, 0),
        (1, 1),
        (41, 30),
        (40, 400),
        (2**31 - 1, 2**31 - 1),
        (2**32 - 1, 1),
    ):
        found[f"png of {width}x{height}"] = _with_header(png, struct.pack(">II", width, height), 0)
    for depth in (0, 1, 2, 3, 4, 8, 16, 32, 255):
        for color in range(8):
            found[f"png of depth {depth}, color {color}"] = _with_header(png, bytes([depth, color]), 8)
    for method in (b"\1\0\0", b"\0\1\0", b"\0\0\1", b"\0\0\2"):
        found[f"png with methods {method}"] = _with_header(png, method, 10)
    return found


def _with_header(png, content, at):
    start = len(PNG_SIGNATURE) + 8 + at
    return with_right_checksums(png[:start] + content + png[start + len(content) :])


def polyglots():
    """Files that are two things at once, or pretend to be one."""
    jpeg, png = seeds()["gray.jpg"], seeds()["gray.png"]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as zip_file:
        zip_file.writestr("payload.html", "<script>alert(1)</script>")
    return {
        "jpg and zip": jpeg + archive.getvalue(),
        "png and zip": png + archive.getvalue(),
        "zip and jpg": archive.getvalue() + jpeg,
        "jpg with script": insert_segments(jpeg, jpeg_segment(0xFE, b"<script>alert(1)</script>")),
        "png with script": insert_chunks(png, png_chunk(b"tEXt", b"a\0<?php system('id'); ?>")),
        "png in jpg": b"\xff\xd8\xff" + png,
        "jpg in png": PNG_SIGNATURE + jpeg,
        "jpg in a png's text": insert_chunks(png, png_chunk(b"tEXt", b"a\0" + jpeg)),
        "png in a jpg's comment": insert_segments(jpeg, jpeg_segment(0xFE, png)),
        "jpg twice": jpeg + jpeg,
        "pdf": b"%PDF-1.7\n" + jpeg,
        "gif": b"GIF89a" + bytes(20),
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        "html": b"<!doctype html><title>404</title>",
        "nothing": b"",
        "one byte": b"\xff",
        "zeros": bytes(1000),
        "only the start of a jpg": b"\xff\xd8\xff",
        "markers without end": b"\xff\xd8" + b"\xff\xc0\xff\xda" * 500,
        "restarts without end": b"\xff\xd8" + b"\xff\xd0" * 100_000,
        "fill bytes without end": b"\xff\xd8" + b"\xff" * 100_000,
        "only the signature of a png": PNG_SIGNATURE,
        "png that ends at once": PNG_SIGNATURE + png_chunk(b"IEND", b""),
        "png without picture": png[:33] + png_chunk(b"IEND", b""),
        "webp": encode(gray_scene(40, 30), "WEBP"),
        "tiff": encode(gray_scene(40, 30), "TIFF"),
    }


def odd_metadata():
    """Whole pictures with metadata that is broken, endless or in the wrong place."""
    jpeg, png, rich = seeds()["gray.jpg"], seeds()["gray.png"], photos.exif_block(6)
    header = b"II\x2a\0\x08\0\0\0"
    blocks = {
        "that is empty": b"",
        "without directory": header,
        "whose directory is itself": b"II\x2a\0\0\0\0\0",
        "that promises 65535 entries": header + b"\xff\xff",
        "that links to itself": header + struct.pack("<HHHIHHI", 1, 0x0112, 3, 1, 6, 0, 8),
        "whose camera directory is the first": header + struct.pack("<HHHIII", 1, 0x8769, 4, 1, 8, 0),
        "with an endless text": header + struct.pack("<HHHIII", 1, 0x010E, 2, 2**32 - 1, 8, 0),
        "with orientation 9": header + struct.pack("<HHHIHHI", 1, 0x0112, 3, 1, 9, 0, 0),
        "with a text as orientation": header + struct.pack("<HHHIII", 1, 0x0112, 2, 1, 6, 0),
        "with many entries": header
        + struct.pack("<H", 4000)
        + struct.pack("<HHII", 0x010E, 2, 1, 0) * 4000
        + bytes(4),
    }
    found = {}
    for name, block in blocks.items():
        found[f"jpg with EXIF {name}"] = insert_segments(jpeg, jpeg_segment(0xE1, b"Exif\0\0" + block))
        found[f"png with EXIF {name}"] = insert_chunks(png, png_chunk(b"eXIf", block))
    profile = photos.wide_rgb_profile()
    parts = [(1, 2), (2, 2), (0, 0), (255, 255), (1, 1), (3, 2)]
    for numbers in parts:
        segment = jpeg_segment(0xE2, b"ICC_PROFILE\0" + bytes(numbers) + profile)
        found[f"jpg with part {numbers} of a profile"] = insert_segments(jpeg, segment)
    for cut in (0, 1, 100, 128, 140, 200, len(profile) - 1):
        packed = zlib.compress(profile[:cut])
        found[f"png with {cut} bytes of a profile"] = insert_chunks(
            png, png_chunk(b"iCCP", b"a\0\0" + packed)
        )
        found[f"png with {cut} bytes less in iCCP"] = insert_chunks(
            png, png_chunk(b"iCCP", (b"a\0\0" + packed)[:cut])
        )
    for text in (
        b"",
        b"a",
        b"a\0",
        b"\0" * 9,
        b"XML:com.adobe.xmp\0\1\0\0\0rubbish",
        b"XML:com.adobe.xmp\0\1",
    ):
        for name in (b"tEXt", b"zTXt", b"iTXt"):
            found[f"png with {name} {text}"] = insert_chunks(png, png_chunk(name, text))
    for text in (b"\niptc\n9\nzz", b"\niptc\n9\nabc", b"iptc", b"\nexif\n 3\n4949"):
        chunk = png_chunk(b"tEXt", b"Raw profile type iptc\0" + text)
        found[f"png with raw profile {text}"] = insert_chunks(png, chunk)
    found["png with resolution 0"] = insert_chunks(png, png_chunk(b"pHYs", bytes(9)))
    found["png with the largest resolution"] = insert_chunks(png, png_chunk(b"pHYs", b"\xff" * 8 + b"\1"))
    found["png with a short resolution"] = insert_chunks(png, png_chunk(b"pHYs", b"\1"))
    found["png with an unknown chunk"] = insert_chunks(png, png_chunk(b"quUx", bytes(1000)))
    found["png with an unknown critical chunk"] = insert_chunks(png, png_chunk(b"QUUX", bytes(1000)))
    found["png with text behind the picture"] = png[:-12] + png_chunk(b"tEXt", b"a\0b") + png[-12:]
    found["jpg with EXIF twice"] = insert_segments(jpeg, *[jpeg_segment(0xE1, b"Exif\0\0" + rich)] * 2)
    found["png that says it moves"] = insert_chunks(png, png_chunk(b"acTL", struct.pack(">II", 2**31 + 1, 0)))
    found["png that moves without frames"] = insert_chunks(png, png_chunk(b"acTL", bytes(8)))
    found["animated png"] = photos.animated_png()
    return found
