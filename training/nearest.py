"""How near photos are to those that the network learned from, so that only others are shown.

    python -m training.nearest PHOTO ... --photos photos

prints for each photo how many bits of 64 its difference hash is away from that of the most alike photo that
any run learned from, as it is or mirrored, and which that is. The same picture is NEAR_DUPLICATE bits away at
most.
"""

import argparse
from pathlib import Path

import numpy as np

from training.collection import Photo, difference_hash, list_photos, was_learned_from


def main(arguments: list[str] | None = None) -> None:
    """Print a line for each photo."""
    options = read_options(arguments)
    learned = list_photos(options.photos, was_learned_from)
    hashes = np.array([difference_hash(photo.read()) for photo in learned], np.uint64)
    for path in options.photo:
        bits, place = nearest(Photo(path, None, "", 0).read(), hashes)
        print(f"{bits:2}  {path.name}: {learned[place].path.name} {learned[place].member or ''}".rstrip())


def read_options(arguments):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photo", type=Path, nargs="+", help="a photo to be shown")
    parser.add_argument("--photos", type=Path, required=True, help="folder of image files or zip shards")
    return parser.parse_args(arguments)


def nearest(rgb: np.ndarray, hashes: np.ndarray) -> tuple[int, int]:
    """Return how many bits the nearest of the hashes is away, and its place among them."""
    own = np.array([difference_hash(rgb), difference_hash(rgb[:, ::-1])], np.uint64)
    bits = np.bitwise_count(hashes ^ own[:, None]).min(0)
    return int(bits.min()), int(bits.argmin())


if __name__ == "__main__":
    main()
