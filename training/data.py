"""How a crop is made from a photo; training/card.py does the same for whole batches on a GPU.

A crop depends only on (seed, its number), never on the state of a worker: a run that is resumed at crop n
sees exactly what it would have seen.
"""

from functools import cache

import cv2
import numpy as np
import torch
from torch.utils.data import Dataset

from colorizer.color import ab_bins
from colorizer.color.lab import rgb_to_lab
from training.collection import Photo

STRIDE = 4  # the target's grid against the crop's

# Share of crops that ...
FLIPPED = 0.5
HINTED = 0.5  # ... carry hints, as most visitors place none and some place many
AGED = 0.5  # ... look like an old photo
FILMED = 0.15  # ... were taken on film that sees colours unlike the eye

# Drawn for each crop, between the two numbers
ZOOM = (0.7, 1.0)  # side of the crop against the photo's short side
TONES = (-0.4, 0.4)  # logarithm of the exponent of lightness
BLACK, WHITE = (0, 0.25), (0.75, 1)  # what black and white have faded to
CONTRAST, EXPOSURE = (1.0, 1.4), (-0.1, 0.1)
BLUR = (0.3, 1.3)  # standard deviation, pixels
GRAIN_SIZE, GRAIN = (1, 2), (0.01, 0.07)  # pixels, and its strength
VIGNETTE = (0.1, 0.5)  # what the corners lose
PERIOD, DOTS = (2.5, 4), (0.03, 0.12)  # of the halftone: pixels, and its strength
QUALITY = (25, 80)  # of the JPEG
SCRATCHES = 5  # at most, ...
WHITE_SCRATCH = 0.7  # ... so many of them white, the others black
FILM = (1.5, 3.0, 2.0)  # Dirichlet distribution of film's response to red, green and blue

HINTS = 60  # at most
MORE_HINTS = 1 / 8  # parameter of the geometric distribution of their number
SMALLER_HINT, SINGLE_PIXEL, LARGEST_RADIUS = 0.5, 0.2, 4


class Crops(Dataset):
    """Crops by (number, side): the number decides which photo it is of, and all else that is drawn."""

    def __init__(self, photos: list[Photo], seed: int, clean: bool = False, shares: np.ndarray | None = None):
        """clean: whole photos squeezed to a square, not flipped or aged, all with hints.
        shares: how often each photo is drawn, summing to 1; without them each comes once an epoch."""
        self.photos, self.seed, self.clean = photos, seed, clean
        self.shares = None if shares is None else np.cumsum(shares)

    def __getitem__(self, key):
        number, side = key
        random = np.random.default_rng([self.seed, number])
        photo = self.photos[self.pick(number, random)]
        return self.clean_example(photo, side, random) if self.clean else self.example(photo, side, random)

    def pick(self, number, random):
        """Return which photo: drawn by the shares, or the number's place in a shuffled epoch."""
        if self.shares is not None:
            return min(int(np.searchsorted(self.shares, random.random())), len(self.photos) - 1)
        epoch, place = divmod(number, len(self.photos))
        return shuffled(len(self.photos), self.seed, epoch)[place]

    def example(self, photo, side, random):
        rgb = random_crop(photo.read(), side, random)
        lab = rgb_to_lab(rgb)
        lightness = film_lightness(rgb, draw_film(random)) if random.random() < FILMED else lab[:, :, 0]
        if random.random() < AGED:
            lightness = age(lightness, random)
        hints = draw_hints(lab[:, :, 1:], random) if random.random() < HINTED else np.zeros_like(lab)
        return example(lab, lightness, hints, photo.scene)

    def clean_example(self, photo, side, random):
        lab = rgb_to_lab(
            cv2.resize(np.ascontiguousarray(photo.read()), (side, side), interpolation=cv2.INTER_AREA)
        )
        return example(lab, lab[:, :, 0], draw_hints(lab[:, :, 1:], random), photo.scene)


@cache
def shuffled(count, seed, epoch):
    return np.random.default_rng([seed, epoch]).permutation(count)


def example(lab, lightness, hints, scene):
    """Return one example as tensors; the target is the mean ab of each 4x4 cell, shared among its bins."""
    height, width = lightness.shape
    target = cv2.resize(lab[:, :, 1:], (width // STRIDE, height // STRIDE), interpolation=cv2.INTER_AREA)
    indices, weights = encode_by_table(target)
    return {
        "lightness": torch.from_numpy(np.ascontiguousarray(lightness[None], np.float32)),  # [1, H, W]
        "clean": torch.from_numpy(np.ascontiguousarray(lab[None, :, :, 0])),  # [1, H, W], never aged
        "hints": torch.from_numpy(np.ascontiguousarray(hints.transpose(2, 0, 1), np.float32)),  # [3, H, W]
        "ab": torch.from_numpy(np.ascontiguousarray(target.transpose(2, 0, 1))),  # [2, H/4, W/4]
        "indices": torch.from_numpy(indices),  # [H/4, W/4, 5]
        "weights": torch.from_numpy(weights),  # [H/4, W/4, 5]
        "scene": torch.tensor(scene),
    }


@cache
def encoding_table():
    """`ab_bins.encode` of all whole a and b from -110 to 110: looking up is a hundred times faster."""
    axis = np.arange(-110, 111, dtype=np.float32)
    rows = [ab_bins.encode(np.stack([np.full_like(axis, a), axis], -1)) for a in axis]
    return np.stack([row[0] for row in rows]).astype(np.int16), np.stack([row[1] for row in rows])


def encode_by_table(ab):
    indices, weights = encoding_table()
    whole = np.clip(np.rint(ab), -110, 110).astype(int) + 110
    return indices[whole[..., 0], whole[..., 1]], weights[whole[..., 0], whole[..., 1]]


def random_crop(rgb, side, random):
    """Cut a random square of 0.7 to 1 times the short side, flip it half of the time, and bring it to
    `side` pixels."""
    height, width = rgb.shape[:2]
    cut = int(min(height, width) * random.uniform(*ZOOM))
    top, left = random.integers(height - cut + 1), random.integers(width - cut + 1)
    return cut_out(rgb, (top, left, cut), random.random() < FLIPPED, side)


def cut_out(rgb, place, flipped, side):
    """Return the square (top, left, length) of the photo with `side` pixels, flipped or not."""
    top, left, cut = place
    crop = rgb[top : top + cut, left : left + cut]
    way = cv2.INTER_AREA if cut > side else cv2.INTER_LINEAR
    return cv2.resize(
        np.ascontiguousarray(crop[:, ::-1] if flipped else crop), (side, side), interpolation=way
    )


def draw_hints(ab, random):
    """Draw 1 to 60 hints at random: squares of 1 to 9 pixels of their mean colour (Zhang et al. 2017)."""
    height, width = ab.shape[:2]
    planes = np.zeros((height, width, 3), np.float32)
    for _ in range(min(HINTS, random.geometric(MORE_HINTS))):
        radius = min(LARGEST_RADIUS, random.geometric(SMALLER_HINT))  # product: 1, a square of 3 pixels
        radius -= random.random() < SINGLE_PIXEL
        paint_hint(planes, ab, (random.integers(height), random.integers(width)), radius)
    return planes


def paint_hint(planes, ab, spot, radius):
    y, x = spot
    cell = np.s_[max(0, y - radius) : y + radius + 1, max(0, x - radius) : x + radius + 1]
    planes[cell][..., :2] = ab[cell].mean((0, 1))
    planes[cell][..., 2] = 1


def draw_film(random, *count):
    """Return how strongly film answers to red, green and blue, (*count, 3): blue-sensitive film, for one,
    darkens red and bleaches the sky."""
    return random.dirichlet(FILM, *count).astype(np.float32)


def film_lightness(rgb, response):
    """Return the lightness 0..100 of uint8 RGB as film of this response sees it."""
    gray = (rgb.astype(np.float32) / 255) @ response
    return rgb_to_lab(np.repeat(gray[:, :, None], 3, 2))[:, :, 0]


def age(lightness, random):
    """Return a lightness plane (h, w), 0..100, with faults of old prints and their scans, each by chance."""
    plane = lightness / 100
    for fault, chance in FAULTS:
        if random.random() < chance:
            plane = fault(plane, random)
    return np.clip(plane, 0, 1).astype(np.float32) * 100


def bend_tones(plane, random):
    return np.clip(plane, 0, 1) ** np.exp(random.uniform(*TONES))


def fade(plane, random):
    black, white = random.uniform(*BLACK), random.uniform(*WHITE)
    return black + plane * (white - black)


def overexpose(plane, random):
    return (plane - 0.5) * random.uniform(*CONTRAST) + 0.5 + random.uniform(*EXPOSURE)


def blur(plane, random):
    return cv2.GaussianBlur(plane, (0, 0), random.uniform(*BLUR))


def add_grain(plane, random):
    height, width = plane.shape
    size = random.uniform(*GRAIN_SIZE)
    grain = random.standard_normal((int(height / size) + 1, int(width / size) + 1), np.float32)
    return plane + cv2.resize(grain, (width, height)) * np.float32(random.uniform(*GRAIN))


def add_vignette(plane, random):
    height, width = plane.shape
    y, x = np.ogrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return plane * (1 - random.uniform(*VIGNETTE) * (x * x + y * y) / 2).astype(np.float32)


def add_scratches(plane, random):
    height, width = plane.shape
    plane = plane.copy()
    for _ in range(random.integers(1, SCRATCHES + 1)):
        ends = random.integers(0, (width, height), (2, 2))
        cv2.line(
            plane, ends[0].tolist(), ends[1].tolist(), float(random.random() < WHITE_SCRATCH), 1, cv2.LINE_AA
        )
    return plane


def add_halftone(plane, random):
    height, width = plane.shape
    period = random.uniform(*PERIOD)
    y, x = np.mgrid[:height, :width] * (2 * np.pi / period)
    dots = np.sin(x + y) * np.sin(x - y)
    return plane + (random.uniform(*DOTS) * dots).astype(np.float32)


def compress(plane, random):
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(random.integers(*QUALITY))]
    data = cv2.imencode(".jpg", np.clip(plane * 255, 0, 255).astype(np.uint8), quality)[1]
    return cv2.imdecode(data, cv2.IMREAD_GRAYSCALE).astype(np.float32) / 255


FAULTS = (
    (bend_tones, 0.5),
    (fade, 0.4),
    (overexpose, 0.2),
    (blur, 0.3),
    (add_vignette, 0.2),
    (add_grain, 0.4),
    (add_halftone, 0.05),
    (add_scratches, 0.1),
    (compress, 0.3),
)


def gather(examples):
    """Stack examples into a batch."""
    return {name: torch.stack([one[name] for one in examples]) for name in examples[0]}
