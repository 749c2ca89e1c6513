"""Every path that hands a buffer to C code, with each buffer placed before a page that may not be read.

tests/photo/test_buffers.py runs this as a program, since a byte read past a buffer's end ends the process.
It writes a line for each path that it has walked over all sizes, and for each packing of TIFF that it has
read damaged: the digest of all results, and its name.
"""

import ctypes
import functools
import hashlib
import io
import mmap
import sys

import cv2
import numpy as np
import simplejpeg
import tifffile
from PIL import Image

from colorizer.photo.image_io import read_photo, write_jpeg_planes, write_photo
from colorizer.photo.metadata import Metadata
from colorizer.photo.tiff_lzw import use_libtiff

PAGE = mmap.PAGESIZE
PROT_NONE = 0
libc = ctypes.CDLL(None, use_errno=True)
libc.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)


def before_a_wall(data):
    """Copy bytes to where the first byte behind them may not be read; returns uint8 (length,)."""
    room = -(-len(data) // PAGE) * PAGE
    pages = mmap.mmap(-1, room + PAGE)
    start = ctypes.addressof(ctypes.c_char.from_buffer(pages))
    if libc.mprotect(start + room, PAGE, PROT_NONE):
        raise OSError(ctypes.get_errno(), "mprotect")
    held = np.frombuffer(pages, np.uint8)[room - len(data) : room]
    held[:] = np.frombuffer(data, np.uint8)
    return held


def guard(argument):
    """Move an array, with all the memory that it is a view of, or bytes before a wall."""
    if isinstance(argument, bytes):
        return before_a_wall(argument)
    if not isinstance(argument, np.ndarray) or not argument.size:
        return argument
    whole = argument
    while isinstance(whole.base, np.ndarray):
        whole = whole.base
    held = before_a_wall(whole.tobytes())
    offset = argument.ctypes.data - whole.ctypes.data
    return np.ndarray(argument.shape, argument.dtype, held.data, offset, argument.strides)


def guard_calls(module, *names):
    """Let functions of C see nothing but buffers before a wall."""
    for name in names:
        original = getattr(module, name)

        @functools.wraps(original)
        def guarded(*arguments, original=original, **options):
            return original(*map(guard, arguments), **options)

        setattr(module, name, guarded)


def picture(width, height, *channels, dtype=np.uint8):
    random = np.random.default_rng([width, height])
    return random.integers(0, np.iinfo(dtype).max + 1, (height, width, *channels), dtype)


def write_planes(width, height):
    half = (width + 1) // 2, (height + 1) // 2
    planes = picture(width, height), picture(*half), picture(*half)
    return write_jpeg_planes(planes, 92, Metadata(), "note")


def write_with(format, *channels, dtype=np.uint8):
    def walk(width, height):
        return write_photo(picture(width, height, *channels, dtype=dtype), format, 92, Metadata(), "note")

    return walk


def read_with(format, subsampling=None, channels=(3,), dtype=np.uint8):
    def walk(width, height):
        pixels = picture(width, height, *channels, dtype=dtype)
        if subsampling:
            space = "GRAY" if subsampling == "Gray" else "RGB"
            pixels = pixels if pixels.ndim == 3 else pixels[..., np.newaxis]
            data = simplejpeg.encode_jpeg(pixels, 92, space, subsampling)
        elif dtype == np.uint16:
            data = cv2.imencode(f".{format}", pixels)[1].tobytes()
        else:
            file = io.BytesIO()
            Image.fromarray(pixels).save(file, format)
            data = file.getvalue()
        exact = read_photo(data)
        for_jpeg = read_photo(data, for_jpeg=True)
        assert (exact.width, exact.height) == (for_jpeg.width, for_jpeg.height) == (width, height)
        return exact.pixels.tobytes() + for_jpeg.pixels.tobytes()

    return walk


PATHS = {
    "write jpeg planes": write_planes,
    "write jpeg": write_with("jpeg", 3),
    "write png": write_with("png", 3),
    "write png with alpha": write_with("png", 4),
    "write png of 16 bits": write_with("png", 3, dtype=np.uint16),
    "write webp": write_with("webp", 3),
    "write webp with alpha": write_with("webp", 4),
    "write tiff": write_with("tiff", 3),
    "write tiff with alpha of 16 bits": write_with("tiff", 4, dtype=np.uint16),
    "read jpeg 4:2:0": read_with("jpeg", "420"),
    "read jpeg 4:2:2": read_with("jpeg", "422"),
    "read jpeg 4:4:4": read_with("jpeg", "444"),
    "read jpeg 4:4:0": read_with("jpeg", "440"),
    "read gray jpeg": read_with("jpeg", "Gray", channels=()),
    "read png": read_with("png"),
    "read png of 16 bits": read_with("png", dtype=np.uint16),
    "read webp": read_with("webp"),
    "read tiff": read_with("tiff"),
    "read tiff of 16 bits": read_with("tiff", dtype=np.uint16),
}


def strip_packed(packing, width=23, height=17):
    """A TIFF's page, and the bytes of its one strip."""
    pixels = (picture(width, height, 3) >> 4).cumsum(axis=1, dtype=np.uint8)
    image = Image.fromarray(pixels).convert("1") if packing in BILEVEL else Image.fromarray(pixels)
    file = io.BytesIO()
    if packing in BILEVEL:
        image.save(file, "TIFF", compression=packing)
    else:
        photometric = "ycbcr" if packing == "jpeg" else "rgb"
        tifffile.imwrite(file, pixels, compression=packing, photometric=photometric, rowsperstrip=height)
    file.seek(0)
    page = tifffile.TiffFile(file).pages[0]
    start, length = page.dataoffsets[0], page.databytecounts[0]
    return page, file.getvalue()[start : start + length]


def damaged(stream):
    """A stream cut at every byte, and with a few bytes changed."""
    yield from (stream[:length] for length in range(1, len(stream)))
    random = np.random.default_rng(len(stream))
    for _ in range(CHANGED_STREAMS):
        changed = bytearray(stream)
        for at in random.integers(0, len(stream), 3):
            changed[at] = random.integers(256)
        yield bytes(changed)


def unpack_damaged(packing):
    """What becomes of each damaged strip: its pixels, or the name of an error."""
    page, stream = strip_packed(packing)
    if packing == "lzw":
        use_libtiff(page)
    for broken in damaged(stream):
        try:
            pixels, *_ = page.decode(before_a_wall(broken), 0, jpegtables=page.jpegtables)
            yield pixels.tobytes()
        except Exception as error:  # decoders may raise anything
            yield type(error).__name__.encode()


BILEVEL = ("tiff_ccitt", "group3", "group4")
PACKINGS = ("packbits", "lzw", "deflate", "zstd", "lzma", "jpeg", *BILEVEL)
CHANGED_STREAMS = 300
EDGES = (1, 2, 15, 16, 17)  # around a block
SIZES = sorted({size for n in range(1, 71) for edge in EDGES for size in ((n, edge), (edge, n))})
LARGE_SIZES = [(1001, 667), (31, 4097), (4097, 31)]


def tell(results, name):
    sys.stdout.write(f"{results.hexdigest()} {name}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    guard_calls(simplejpeg, "encode_jpeg", "encode_jpeg_yuv_planes", "decode_jpeg", "decode_jpeg_header")
    guard_calls(cv2, "imencode", "imdecode")
    for name, walk in PATHS.items():
        results = hashlib.sha256()
        for size in (*SIZES, *LARGE_SIZES):
            results.update(walk(*size))
        tell(results, name)
    for packing in PACKINGS:
        results = hashlib.sha256()
        for result in unpack_damaged(packing):
            results.update(result)
        tell(results, packing)
