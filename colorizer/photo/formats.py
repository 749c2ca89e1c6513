"""The kinds of photo files: the one table of their names, media types, suffixes, first bytes and limits.

A kind is told by a file's content, never by its name.
"""

from dataclasses import dataclass

from colorizer import options
from colorizer.errors import NotAPhoto

MAX_SIDE = 65_535  # pixels; no camera or scanner makes more, and tables as long as a side stay small


@dataclass(frozen=True)
class Format:
    """One kind of file.

    title: what people call it. suffixes: of file names, the first is given to results. starts: what files
    begin with. longest_side: in pixels. largest_exif, largest_xmp: in bytes.
    """

    name: str
    title: str
    media_type: str
    suffixes: tuple[str, ...]
    starts: tuple[bytes, ...]
    longest_side: int = MAX_SIDE
    largest_exif: int = 2**31 - 1
    largest_xmp: int = 2**31 - 1

    @property
    def suffix(self) -> str:
        """The suffix of results, as ".jpg"."""
        return self.suffixes[0]

    def begins(self, data: bytes) -> bool:
        """Whether a file begins as one of this kind does."""
        return data.startswith(self.starts) and (self.name != "webp" or data[8:12] == b"WEBP")


READ = {
    format.name: format
    for format in (
        Format("jpeg", "jpg", "image/jpeg", (".jpg", ".jpeg"), (b"\xff\xd8\xff",), 65_500, 65_527, 65_504),
        Format("png", "png", "image/png", (".png",), (b"\x89PNG\r\n\x1a\n",)),
        Format("webp", "WebP", "image/webp", (".webp",), (b"RIFF",), longest_side=16_383),
        Format(
            *("tiff", "TIFF", "image/tiff", (".tif", ".tiff")),
            (b"II\x2a\x00", b"MM\x00\x2a", b"II\x2b\x00", b"MM\x00\x2b"),
        ),
    )
}
WRITTEN = {name: READ[name] for name in options.FORMATS}


def sniff(data: bytes, kinds: tuple[str, ...] = tuple(READ)) -> Format:
    """Return the kind of a file from its first bytes; raises NotAPhoto where it is none of `kinds`."""
    expected = " or ".join(READ[kind].title for kind in kinds)
    if not data:
        raise NotAPhoto(f"The file is empty. Send a {expected}.")
    found = next((format for format in READ.values() if format.begins(data)), None)
    if found is None or found.name not in kinds:
        what = f"a {found.title} file" if found else "no picture of a kind that we know"
        raise NotAPhoto(f"This is {what}. Send a {expected}.")
    return found


def format_of_suffix(suffix: str) -> Format | None:
    """Return the kind of result that a file name's suffix, as ".JPG", asks for, or None."""
    return next((format for format in WRITTEN.values() if suffix.lower() in format.suffixes), None)
