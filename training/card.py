"""Crops as training/data.py makes them, a whole batch at a time, on the card that trains on them.

The photos lie decoded in the card's memory, one after the other. Cutting, resizing and blurring are products
with matrices, ageing is arithmetic on all crops at once, and colours are looked up: nothing waits for a
processor. Names and chances are those of data.py, which stays the plain version to read first.

Planes are float32 [N, H, W]; lightness is 0 to 100, or 0 to 1 while it is aged.
"""

import math
from concurrent.futures import ThreadPoolExecutor
from functools import cache

import cv2
import numpy as np
import torch
from torch.nn import functional as F

from colorizer.color.lab import WHITE, XYZ_TO_LINEAR_RGB
from training import data
from training.collection import Photo

SHORT_SIDE = 192  # photos are kept no larger
DECODERS = 16  # threads that decode
LINEAR_RGB_TO_XYZ = np.linalg.inv(XYZ_TO_LINEAR_RGB) / WHITE[:, None]  # of the white's
JPEG_STEPS = (  # of luminance at quality 50: ITU-T T.81, table K.1
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)


class CardCrops:
    """Batches of crops by (number of the first, side), made on `device` of photos that it keeps there."""

    def __init__(self, photos: list[Photo], seed: int, shares: np.ndarray, device: str):
        """shares: how often each photo is drawn."""
        self.seed, self.device = seed, device
        self.shares = torch.from_numpy(np.cumsum(shares)).float().to(device)
        self.scenes = torch.tensor([photo.scene for photo in photos], device=device)
        with ThreadPoolExecutor(DECODERS) as pool:
            pictures = list(pool.map(read_small, photos))
        self.sizes = torch.tensor([picture.shape for picture in pictures], device=device)  # [n, 2]
        ends = np.cumsum([picture.size for picture in pictures])
        self.starts = torch.from_numpy(np.concatenate([[0], ends[:-1]])).to(device)
        self.pixels = torch.from_numpy(np.concatenate([picture.ravel() for picture in pictures])).to(device)
        indices, weights = data.encoding_table()
        self.indices, self.weights = (torch.from_numpy(table).to(device) for table in (indices, weights))

    def batch(self, number: int, count: int, side: int) -> dict[str, torch.Tensor]:
        """Return the crops from `number` on, in the form of data.example, stacked."""
        draws = Draws([self.seed, number], count, self.device)
        which = torch.searchsorted(self.shares, draws.uniform(0, 1).flatten()).clamp(max=len(self.scenes) - 1)
        levels = self.random_crops(which, side, draws)
        lab = rgb_to_lab(levels)
        filmed = film_lightness(levels, draws.film())
        lightness = torch.where(draws.chance(data.FILMED), filmed, lab[:, 0])
        lightness = torch.where(draws.chance(data.AGED), age(lightness, draws), lightness)
        return self.examples(lab, lightness, draw_hints(lab[:, 1:], draws), self.scenes[which])

    def random_crops(self, which, side, draws):
        """Return RGB levels [N, 3, side, side], whole numbers from 0 to 255."""
        height, width = self.sizes[which].unbind(1)
        cut = (torch.minimum(height, width) * draws.uniform(*data.ZOOM).flatten()).long()
        top = (draws.uniform(0, 1).flatten() * (height - cut + 1)).long()
        left = (draws.uniform(0, 1).flatten() * (width - cut + 1)).long()
        return self.cut_out(which, (top, left, cut), draws.chance(data.FLIPPED), side)

    def cut_out(self, which, places, flipped, side):
        """Return the squares (top, left, length; each [N]) of the photos, resized, flipped or not."""
        top, left, cut = places
        steps = torch.minimum(torch.arange(SHORT_SIDE, device=self.device), cut[:, None] - 1)  # [N, 192]
        rows = self.starts[which, None] + (top[:, None] + steps) * self.sizes[which, 1:]
        pixels = self.pixels[rows[:, :, None] + (left[:, None] + steps)[:, None]]  # [N, 192, 192]
        rgb = pixels.view(torch.uint8).unflatten(2, (SHORT_SIDE, 4))[..., :3].permute(0, 3, 1, 2).float()
        down = resizing(cut, side, SHORT_SIDE)
        across = torch.where(flipped, down.flip(1), down)
        return (down[:, None] @ rgb @ across[:, None].transpose(2, 3)).round().clamp(0, 255)

    def examples(self, lab, lightness, hints, scenes):
        target = F.avg_pool2d(lab[:, 1:], data.STRIDE)  # [N, 2, H/4, W/4]
        a, b = (target.round().clamp(-110, 110).long() + 110).unbind(1)
        return {
            "lightness": lightness[:, None],
            "clean": lab[:, :1],
            "hints": hints,
            "ab": target,
            "indices": self.indices[a, b],
            "weights": self.weights[a, b],
            "scene": scenes,
        }


def read_small(photo):
    """Return a photo as int32 (h, w): red, green, blue and nothing, a byte each."""
    rgb = np.ascontiguousarray(photo.read())
    scale = SHORT_SIDE / min(rgb.shape[:2])
    if scale < 1:
        rgb = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2RGBA).view(np.int32)[:, :, 0]


class Draws:
    """Random numbers of a batch: as [N, 1, 1], one for each crop, unless a shape is named."""

    def __init__(self, seed, count, device):
        self.random = np.random.default_rng(seed)  # for what torch cannot draw
        self.generator = torch.Generator(device).manual_seed(int(self.random.integers(2**62)))
        self.count, self.device = count, device

    def uniform(self, low, high, *shape):
        numbers = torch.rand(self.count, *(shape or (1, 1)), generator=self.generator, device=self.device)
        return low + (high - low) * numbers

    def normal(self, *shape):
        return torch.randn(self.count, *shape, generator=self.generator, device=self.device)

    def chance(self, share, *shape):
        return self.uniform(0, 1, *shape) < share

    def whole(self, low, high, *shape):
        """Return whole numbers from low to high - 1."""
        return self.uniform(low, high, *shape).floor()

    def geometric(self, parameter, *shape):
        numbers = torch.empty(self.count, *shape, device=self.device)
        return numbers.geometric_(parameter, generator=self.generator).long()

    def film(self):
        return torch.from_numpy(data.draw_film(self.random, self.count)).to(self.device, non_blocking=True)


@cache
def constant(name, device):
    """Return a table of this module as a tensor, sent to the device once: sending waits for the card."""
    return torch.tensor(np.asarray(globals()[name], np.float32), device=device)


def resizing(sizes, side, most):
    """Return matrices [N, side, most] that bring the first `sizes` ([N]) of `most` numbers to `side`: by
    area where they become fewer, else linearly, as OpenCV does."""
    scale = (sizes / side)[:, None, None]
    out = torch.arange(side, device=sizes.device)[:, None]
    own = torch.arange(most, device=sizes.device)
    overlap = torch.minimum((out + 1) * scale, own + 1.0) - torch.maximum(out * scale, own.float())
    middle = ((out + 0.5) * scale - 0.5).clamp(min=0)
    middle = torch.minimum(middle, (sizes - 1)[:, None, None])
    return torch.where(scale > 1, overlap.clamp(min=0) / scale, (1 - (own - middle).abs()).clamp(min=0))


def rgb_to_lab(levels):
    """Return CIE Lab [N, 3, H, W] of RGB levels 0 to 255."""
    matrix = constant("LINEAR_RGB_TO_XYZ", levels.device)
    x, y, z = lab_curve(torch.einsum("ij,njhw->nihw", matrix, to_linear(levels / 255))).unbind(1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], 1)


def to_linear(encoded):
    return torch.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def lab_curve(shares):
    low = shares <= (6 / 29) ** 3
    return torch.where(low, shares * (29 / 6) ** 2 / 3 + 4 / 29, shares.clamp(min=1e-6) ** (1 / 3))


def film_lightness(levels, response):
    """Return the lightness [N, H, W] of RGB levels as film of this response [N, 3] sees it."""
    gray = torch.einsum("nchw,nc->nhw", levels / 255, response)
    return 116 * lab_curve(to_linear(gray)) - 16


def draw_hints(ab, draws):
    """Return planes [N, 3, H, W] of a, b and mask: for some of the crops 1 to 60 hints, for others none."""
    side, most = ab.shape[-1], data.HINTS
    radius = draws.geometric(data.SMALLER_HINT, most).clamp(max=data.LARGEST_RADIUS)
    radius -= draws.chance(data.SINGLE_PIXEL, most).long()
    spots = draws.whole(0, side, most, 2).long()
    number = draws.geometric(data.MORE_HINTS, 1) * draws.chance(data.HINTED, 1)
    return paint_hints(ab, spots, radius.where(torch.arange(most, device=ab.device) < number, -1))


def paint_hints(ab, spots, radius):
    """Paint squares [N, K] of their mean colour, later over earlier ones; a radius of -1 paints none.

    spots: rows and columns [N, K, 2]. Each square is a list of 81 cells, of which some do not count.
    """
    side, most = ab.shape[-1], radius.shape[1]
    reach = torch.arange(-data.LARGEST_RADIUS, data.LARGEST_RADIUS + 1, device=ab.device)
    steps = torch.cartesian_prod(reach, reach)  # [81, 2]
    cells = spots[:, :, None] + steps  # [N, K, 81, 2]
    inside = ((cells >= 0) & (cells < side)).all(3) & (steps.abs().amax(1) <= radius[:, :, None])
    rows, columns = cells.clamp(0, side - 1).unbind(3)
    index = (rows * side + columns).flatten(1)  # [N, K x 81]
    colors = ab.flatten(2).gather(2, index[:, None].expand(-1, 2, -1)).unflatten(2, (most, -1))
    mean = (colors * inside[:, None]).sum(3) / inside.sum(2).clamp(min=1)[:, None]  # [N, 2, K]
    order = torch.arange(most, device=ab.device)[:, None].where(inside, -1).flatten(1)
    owner = torch.full((len(ab), side * side), -1, device=ab.device)
    owner.scatter_reduce_(1, index, order, "amax")
    mask = (owner >= 0)[:, None]
    painted = mean.gather(2, owner.clamp(min=0)[:, None].expand(-1, 2, -1)) * mask
    return torch.cat([painted, mask.float()], 1).unflatten(2, (side, side))


def age(lightness, draws):
    """Return lightness planes with faults of old prints and their scans, each by chance."""
    planes = lightness / 100
    for fault, chance in data.FAULTS:
        planes = torch.where(draws.chance(chance), FAULTS[fault.__name__](planes, draws), planes)
    return planes.clamp(0, 1) * 100


def bend_tones(planes, draws):
    return planes.clamp(0, 1) ** draws.uniform(*data.TONES).exp()


def fade(planes, draws):
    black, white = draws.uniform(*data.BLACK), draws.uniform(*data.WHITE)
    return black + planes * (white - black)


def overexpose(planes, draws):
    return (planes - 0.5) * draws.uniform(*data.CONTRAST) + 0.5 + draws.uniform(*data.EXPOSURE)


def blur(planes, draws):
    near = torch.arange(planes.shape[-1], device=planes.device)
    squared = (near - near[:, None]).square()
    weights = (-squared / (2 * draws.uniform(*data.BLUR).square())).exp()
    weights = weights / weights.sum(2, keepdim=True)
    return weights @ planes @ weights.transpose(1, 2)


def add_grain(planes, draws):
    side = planes.shape[-1]
    across = resizing((side / draws.uniform(*data.GRAIN_SIZE)).flatten().long() + 1, side, side + 1)
    grain = across @ draws.normal(side + 1, side + 1) @ across.transpose(1, 2)
    return planes + grain * draws.uniform(*data.GRAIN)


def add_vignette(planes, draws):
    squared = torch.linspace(-1, 1, planes.shape[-1], device=planes.device).square()
    return planes * (1 - draws.uniform(*data.VIGNETTE) * (squared + squared[:, None]) / 2)


def add_scratches(planes, draws):
    side = planes.shape[-1]
    number = draws.whole(1, data.SCRATCHES + 1)
    for scratch in range(data.SCRATCHES):
        cover = draw_lines(draws.whole(0, side, 2, 2), side) * (scratch < number)
        planes = planes + cover * (draws.chance(data.WHITE_SCRATCH).float() - planes)
    return planes


def draw_lines(ends, side):
    """Return how much a line of one pixel covers of each pixel, [N, side, side]; its ends are [N, 2, 2]."""
    axis = torch.arange(side, device=ends.device)
    pixels = torch.cartesian_prod(axis, axis)  # [side x side, 2]
    start, way = ends[:, :1], ends[:, 1:] - ends[:, :1]
    along = ((pixels - start) * way).sum(2) / way.square().sum(2).clamp(min=1)
    nearest = start + along.clamp(0, 1)[:, :, None] * way
    distance = (pixels - nearest).square().sum(2).sqrt()
    return (1 - distance).clamp(min=0).unflatten(1, (side, side))


def add_halftone(planes, draws):
    steps = torch.arange(planes.shape[-1], device=planes.device) * (2 * math.pi / draws.uniform(*data.PERIOD))
    x, y = steps, steps.transpose(1, 2)
    return planes + draws.uniform(*data.DOTS) * (x + y).sin() * (x - y).sin()


def compress(planes, draws):
    return compress_at(planes, draws.whole(*data.QUALITY))


def compress_at(planes, quality):
    """Lose what a JPEG of this quality [N, 1, 1] loses: 8x8 blocks, their cosines rounded."""
    side = planes.shape[-1]
    levels = (planes * 255).clamp(0, 255).floor() - 128
    blocks = levels.unflatten(2, (side // 8, 8)).unflatten(1, (side // 8, 8)).transpose(2, 3)
    percent = torch.where(quality < 50, (5000 / quality).floor(), 200 - 2 * quality)
    steps = (constant("JPEG_STEPS", planes.device) * percent + 50).div(100).floor().clamp(1, 255)
    steps = steps[:, None, None]  # [N, 1, 1, 8, 8]
    waves = cosines(planes.device)
    kept = (waves @ blocks @ waves.T / steps).round() * steps
    restored = (waves.T @ kept @ waves).round().transpose(2, 3).flatten(3, 4).flatten(1, 2)
    return (restored + 128).clamp(0, 255) / 255


@cache
def cosines(device):
    """Return the orthogonal matrix (8, 8) of the discrete cosine transform."""
    rows, places = torch.arange(8, device=device)[:, None], torch.arange(8, device=device)
    waves = (math.pi / 8 * rows * (places + 0.5)).cos() / 2
    waves[0] /= math.sqrt(2)
    return waves


FAULTS = {
    fault.__name__: fault
    for fault in (
        bend_tones,
        fade,
        overexpose,
        blur,
        add_vignette,
        add_grain,
        add_halftone,
        add_scratches,
        compress,
    )
}
