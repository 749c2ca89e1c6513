"""What a reference photo does: `python -m benchmarks.by_example [--data DIR] [--most 60] [--json]`.

Each photo is coloured without its colours, and again with a reference: its own colours ("itself"), its right
half as an example for its left half ("other half": the same things in the same light), and the seventh photo
after it ("any other": mostly nothing in common). The table has the mean gain in PSNR and in CIEDE2000 (less
is nearer) over no reference, and how many photos lost more than 0.2 dB.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from skimage.color import deltaE_ciede2000

from benchmarks.corrections import psnr
from benchmarks.photos import color_photos
from benchmarks.report import argument_parser, show
from colorizer.color.lab import rgb_to_lab
from colorizer.errors import BadReference
from image_colorizer import ImageColorizer

FARTHER = 7  # photos to the one that has nothing in common
LOST = -0.2  # dB

Pair = tuple[np.ndarray, np.ndarray]  # a photo, and its reference


def main(arguments: list[str]) -> None:
    """Measure, and print the table."""
    parser = argument_parser(__doc__)
    parser.add_argument("--data", type=Path, help="a folder of photos or zip files (default: sample photos)")
    parser.add_argument("--most", type=int, default=60, help="photos of it to use (default: 60)")
    options = parser.parse_args(arguments)
    photos = list(color_photos(options.data, options.most))
    colorizer = ImageColorizer("colornet")
    show("by-example", [row(colorizer, name, pairs) for name, pairs in kinds(photos)], options.json)


def kinds(photos: list[np.ndarray]) -> Iterator[tuple[str, list[Pair]]]:
    """Yield each kind of reference, and the photos with theirs."""
    yield "itself", [(photo, photo) for photo in photos]
    yield "other half", [tuple(np.array_split(photo, 2, axis=1)) for photo in photos]
    yield "any other", [(photo, photos[(n + FARTHER) % len(photos)]) for n, photo in enumerate(photos)]


def row(colorizer: ImageColorizer, name: str, pairs: list[Pair]) -> dict[str, object]:
    """Return one row of the table."""
    gains = np.array([gain(colorizer, np.ascontiguousarray(photo), other) for photo, other in pairs])
    decibels, differences = gains.T
    return {
        "reference": name,
        "photos": len(pairs),
        "PSNR, dB": decibels.mean(),
        "CIEDE2000": differences.mean(),
        "lost, %": 100 * (decibels < LOST).mean(),
        "worst, dB": decibels.min(),
    }


def gain(colorizer: ImageColorizer, photo: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Return what a reference gains in PSNR and CIEDE2000; one that is gray is refused, and gains nothing."""
    plain = colorizer.colorize(photo).array
    try:
        referred = colorizer.colorize(photo, reference=np.ascontiguousarray(other)).array
    except BadReference:
        return 0.0, 0.0
    return psnr(referred, photo) - psnr(plain, photo), difference(referred, photo) - difference(plain, photo)


def difference(rgb: np.ndarray, true: np.ndarray) -> float:
    """Return the mean CIEDE2000 difference."""
    return float(deltaE_ciede2000(rgb_to_lab(true), rgb_to_lab(rgb)).mean())


if __name__ == "__main__":
    main(sys.argv[1:])
