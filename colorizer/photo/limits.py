"""What is accepted of photos. Imports no decoder, so that whoever only passes limits on stays small."""

from dataclasses import dataclass

from colorizer.errors import DamagedPhoto, TooManyBytes, TooManyPixels
from colorizer.options import MAX_PIXELS
from colorizer.photo.formats import MAX_SIDE, READ

PAGES = 100  # of the largest size that a file's pages may be together


@dataclass(frozen=True)
class Limits:
    """What is accepted: bytes of a file (None: any number), pixels, and kinds of file."""

    max_bytes: int | None = None
    max_pixels: int = MAX_PIXELS
    kinds: tuple[str, ...] = tuple(READ)

    def check_bytes(self, number: int) -> None:
        """Raise TooManyBytes where a file has more than the limit."""
        if self.max_bytes is not None and number > self.max_bytes:
            raise TooManyBytes(f"The file has {number:,} bytes; at most {self.max_bytes:,} are taken.")

    def check_all_pages(self, pixels: int) -> None:
        """Raise TooManyPixels where the pages of a file have more pixels together than is taken."""
        if pixels > PAGES * self.max_pixels:
            raise TooManyPixels(
                f"The pages have more than {PAGES * self.max_pixels / 1e6:g} megapixels together."
                " Colour them in several files."
            )

    def check_size(self, width: int, height: int) -> None:
        """Raise TooManyPixels where a photo is larger than the limit, DamagedPhoto where it has no size."""
        if width < 1 or height < 1:
            raise DamagedPhoto(f"The photo claims to be {width} pixels wide and {height} high.")
        if width * height > self.max_pixels or max(width, height) > MAX_SIDE:
            raise TooManyPixels(
                f"The photo has {width}x{height} pixels, {width * height / 1e6:.1f} megapixels;"
                f" at most {self.max_pixels / 1e6:g} megapixels, and {MAX_SIDE:,} pixels a side, are taken."
            )


DEFAULT_LIMITS = Limits()
