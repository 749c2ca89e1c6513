"""The kinds of photo files: the one table of their names, media types, suffixes, first bytes and limits.

A kind is told by a file's content, never by its name.
"""

from dataclasses import dataclass

from colorizer import options
from colorizer.errors import NotAPhoto, UnsupportedPhoto

MAX_SIDE = 65_535  # pixels; no camera or scanner makes more, and tables as long as a side stay small


@dataclass(frozen=True)
class Format:
    """One kind of file.

    title: what people call it. suffixes: of file names, the first is given to results. starts: what files
    have at the byte `at`. longest_side: in pixels. largest_exif, largest_xmp: in bytes.
    """

    name: str
    title: str
    media_type: str
    suffixes: tuple[str, ...]
    starts: tuple[bytes, ...]
    at: int = 0
    longest_side: int = MAX_SIDE
    largest_exif: int = 2**31 - 1
    largest_xmp: int = 2**31 - 1

    @property
    def suffix(self) -> str:
        """The suffix of results, as ".jpg"."""
        return self.suffixes[0]

    def begins(self, data: bytes) -> bool:
        """Whether a file begins as one of this kind does."""
        return data[self.at :].startswith(self.starts)


READ = {
    format.name: format
    for format in (
        Format(
            *("jpeg", "jpg", "image/jpeg", (".jpg", ".jpeg", ".jfif", ".jpe"), (b"\xff\xd8\xff",)),
            longest_side=65_500,
            largest_exif=65_527,
            largest_xmp=65_504,
        ),
        Format("png", "png", "image/png", (".png",), (b"\x89PNG\r\n\x1a\n",)),
        Format("webp", "WebP", "image/webp", (".webp",), (b"WEBP",), at=8, longest_side=16_383),
        Format(
            *("tiff", "TIFF", "image/tiff", (".tif", ".tiff")),
            (b"II\x2a\x00", b"MM\x00\x2a", b"II\x2b\x00", b"MM\x00\x2b"),
        ),
        Format("avif", "AVIF", "image/avif", (".avif",), (b"ftypavif", b"ftypavis"), at=4),
        Format(
            *("heic", "HEIC", "image/heic", (".heic", ".heif")),
            (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypheim", b"ftypmif1", b"ftypmsf1"),
            at=4,
        ),
    )
}
# What people take for photos too, by its first bytes.
UNREAD: dict[str, tuple[bytes, ...]] = {
    "a GIF": (b"GIF8",),
    "a BMP": (b"BM",),
    "a PDF": (b"%PDF",),
    "a Photoshop file": (b"8BPS",),
    "a JPEG XL photo": (b"\xff\x0a", b"\0\0\0\x0cJXL "),
    "a JPEG 2000 photo": (b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"),
    "an SVG drawing": (b"<svg",),
}
WRITTEN = {name: READ[name] for name in options.FORMATS}


def sniff(data: bytes, kinds: tuple[str, ...] = tuple(READ)) -> Format:
    """Return the kind of a file from its first bytes.

    Raises UnsupportedPhoto where it is a picture of none of `kinds`, or NotAPhoto.
    """
    *first, last = (READ[kind].title for kind in kinds)
    expected = f"{', '.join(first)} or {last}" if first else last
    if not data:
        raise NotAPhoto(f"The file is empty. Send a {expected}.")
    found = next((format for format in READ.values() if format.begins(data)), None)
    if found and found.name in kinds:
        return found
    what = (
        f"a {found.title} photo"
        if found
        else next((n for n, s in UNREAD.items() if data.startswith(s)), None)
    )
    if what:
        raise UnsupportedPhoto(f"This is {what}, which is not read here. Send a {expected}.")
    raise NotAPhoto(f"This is no picture of a kind that we know. Send a {expected}.")


def format_of_suffix(suffix: str) -> Format | None:
    """Return the kind of result that a file name's suffix, as ".JPG", asks for, or None."""
    return next((format for format in WRITTEN.values() if suffix.lower() in format.suffixes), None)
