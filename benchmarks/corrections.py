"""What corrections do: how near the truth a few hints bring a photo, and whether they keep to the thing.

    python -m benchmarks.corrections [--data DIR] [--bsds DIR] [--most 126] [--json]
        [--only hints things time memory]

Four tables. hints: a photo's true colour at random places, or where the colours are most wrong, is given:
the gain in PSNR over none, how far the spots miss what was asked, and how much of the photo moves by less
than 1 ab unit with one hint. things: in outlines drawn by hand (benchmarks/outlines.py), spots get a blue and
a red: of what moves at least half as far as the spot, how much is the thing (precision), and how much of the
thing is it (recall); in the picture, and in the ab that is asked for, before it is limited to what sRGB can
show: the dark of a coat cannot become as blue as its light; and so for the segments of BSDS500, where you
have it. time: what hints cost at 1 megapixel on one
thread, beside none. memory: the most that a process needs for a photo of 49 megapixels: alone, with hints,
with such a reference. The last two take a minute or two together.

"network" is colornet's own way, hints as input, which the product has left; "corrections" is the product.
"""

import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from benchmarks import outlines
from benchmarks.photos import color_photos, photo_file
from benchmarks.report import argument_parser, median_ms, peak_megabytes, show
from colorizer import stages
from colorizer.color.chroma import Enlarger, Layer
from colorizer.color.hints import Hint
from colorizer.color.lab import lightness_of, limit_chroma, rgb_to_lab
from colorizer.photo.image_io import Photo
from colorizer.strategies.registry import create_strategy
from image_colorizer import ImageColorizer

TABLES = ("hints", "things", "time", "memory")
COUNTS = {"random": (1, 3, 10), "worst": (1, 3)}
APART = 32  # pixels between two worst places
BLURRED = 4.0  # pixels: a worst place is a patch, not a speck
REACHES = (0.5, 1.0, 2.0)
ASKED = {"blue": (10.0, -40.0), "red": (50.0, 30.0)}
SPOTS_A_THING = 3

LARGE = 49.0  # megapixels; a little less than is taken
COLORIZE = (
    "import sys; from pathlib import Path; from image_colorizer import ImageColorizer;"
    "photo, other = (Path(sys.argv[1], name) for name in ('gray jpg', 'colour jpg'));"
    "ImageColorizer().colorize(photo, {options})"
)
SPOTS = [{"x": 500 * place, "y": 400 * place, "color": "#2f5fb0"} for place in range(1, 11)]
KINDS = {"nothing": "", "10 hints": f"hints={SPOTS}", "a reference": "reference=other"}


class Colored(NamedTuple):
    """A coloured photo: RGB, uint8 (h, w, 3), and the ab that was asked for, float32 (h, w, 2)."""

    rgb: np.ndarray
    ab: np.ndarray


Painter = Callable[[list[Hint]], Colored]
Way = Callable[[np.ndarray], Painter]  # from a photo, RGB, to what colours it with hints


def main(arguments: list[str]) -> None:
    """Measure, and print the tables."""
    parser = argument_parser(__doc__)
    parser.add_argument("--data", type=Path, help="a folder of photos or zip files (default: sample photos)")
    parser.add_argument("--bsds", type=Path, help="BSDS500/data, for the table of things (default: none)")
    parser.add_argument("--most", type=int, default=126, help="photos of each to use (default: 126)")
    parser.add_argument("--only", nargs="+", choices=TABLES, default=TABLES, help="tables (default: all)")
    options = parser.parse_args(arguments)
    makers = {
        "hints": lambda: hint_rows(list(color_photos(options.data, options.most))),
        "things": lambda: thing_rows() + bsds_rows(options.bsds, options.most),
        "time": lambda: time_rows(options.seconds),
        "memory": memory_rows,
    }
    for table in options.only:
        show(f"corrections-{table}", makers[table](), options.json)


def strategy():
    """Return colornet, loaded."""
    colornet = create_strategy("colornet")
    colornet.load()
    return colornet


COLORNET = strategy()


def by_network(rgb: np.ndarray) -> Painter:
    """Colour a photo with hints as colornet's input."""
    photo = stages.open_photo(rgb)
    shown = stages.show(photo, COLORNET)
    return lambda hints: finish(photo, Layer(stages.predict(photo, shown, COLORNET, hints).ab, shown))


def by_corrections(rgb: np.ndarray) -> Painter:
    """Colour a photo as the product does."""
    photo = stages.open_photo(rgb)
    shown = stages.show(photo, COLORNET)
    prediction = stages.predict(photo, shown, COLORNET)
    painted = stages.paint(prediction, shown)

    def paint(hints: list[Hint]) -> Colored:
        change = stages.correct(photo, painted, prediction.guide, hints) if hints else None
        return finish(photo, painted, change)

    return paint


def finish(photo: Photo, painted: Layer, change: Layer | None = None) -> Colored:
    """Return the photo in its colours."""
    enlarger = Enlarger(*painted, photo.width, photo.height, change)
    ab = np.dstack(enlarger.ab_at(lightness_of(photo.pixels), slice(0, photo.height)))
    return Colored(stages.join(photo, *painted, "array", change), ab)


def hint_rows(photos: Iterable[np.ndarray]) -> list[dict[str, object]]:
    """Return the first table."""
    ways = {"network": by_network, "corrections": by_corrections}
    return [hint_row(name, way, photos) for name, way in ways.items()]


def hint_row(name: str, way: Way, photos: Iterable[np.ndarray]) -> dict[str, object]:
    """Return the first table's row of a way."""
    gains = {(kind, count): [] for kind, counts in COUNTS.items() for count in counts}
    missed, still = [], []
    for number, rgb in enumerate(photos):
        paint = way(rgb)
        before = paint([]).rgb
        places = {"random": random_places(rgb, number), "worst": worst_places(rgb, before)}
        for (kind, count), values in gains.items():
            hints = true_hints(rgb, places[kind][:count])
            after = paint(hints).rgb
            values.append(psnr(after, rgb) - psnr(before, rgb))
            missed += misses(after, hints)
            if (kind, count) == ("random", 1):
                still.append((moved(after, before) < 1).mean())
    return {
        "way": name,
        **{f"{kind} {count}, dB": float(np.mean(values)) for (kind, count), values in gains.items()},
        "spot error": float(np.mean(missed)),
        "at p95": float(np.percentile(missed, 95)),
        "still, %": 100 * float(np.mean(still)),
    }


def random_places(rgb: np.ndarray, number: int) -> list[tuple[int, int]]:
    """Return ten random pixels as (row, column), the same for a photo each time."""
    random = np.random.default_rng([1, number])
    return [tuple(place) for place in random.integers(0, rgb.shape[:2], (10, 2))]


def worst_places(rgb: np.ndarray, colored: np.ndarray) -> list[tuple[int, int]]:
    """Return the three places, some way from each other, where the colours are most wrong."""
    wrong = cv2.GaussianBlur(rgb_to_lab(colored)[..., 1:] - rgb_to_lab(rgb)[..., 1:], (0, 0), BLURRED)
    error = np.ascontiguousarray(np.linalg.norm(wrong, axis=2))
    places = []
    for _ in range(3):
        row, column = np.unravel_index(error.argmax(), error.shape)
        places.append((int(row), int(column)))
        cv2.circle(error, (int(column), int(row)), APART, 0.0, -1)
    return places


def true_hints(rgb: np.ndarray, places: list[tuple[int, int]]) -> list[Hint]:
    """Return hints of the true colour of places, the mean of 3x3 pixels (Zhang et al. 2017)."""
    ab = cv2.blur(rgb_to_lab(rgb)[..., 1:], (3, 3))
    return [Hint(float(column), float(row), *ab[row, column].tolist()) for row, column in places]


def misses(rgb: np.ndarray, hints: list[Hint]) -> list[float]:
    """Return how far each spot is from what was asked there, as far as sRGB has it."""
    lab = rgb_to_lab(rgb)
    spots = np.array([lab[int(hint.y), int(hint.x)] for hint in hints])[:, None]
    wanted = limit_chroma(spots[..., 0].copy(), np.array([[(hint.a, hint.b)] for hint in hints], np.float32))
    return np.linalg.norm(spots[..., 1:] - wanted, axis=2)[:, 0].tolist()


def moved(after: np.ndarray, before: np.ndarray) -> np.ndarray:
    """Return by how many ab units each pixel moved, float32 (h, w)."""
    return np.linalg.norm(rgb_to_lab(after)[..., 1:] - rgb_to_lab(before)[..., 1:], axis=2)


def psnr(rgb: np.ndarray, true: np.ndarray) -> float:
    """Return the peak signal-to-noise ratio in dB."""
    return float(-10 * np.log10(np.square((rgb.astype(float) - true) / 255).mean()))


def thing_rows() -> list[dict[str, object]]:
    """Return the second table: each thing, each part of one, and their means."""
    rows = []
    for kind in outlines.KINDS:
        measured = [
            {"thing": name} | measure_thing(rgb, inside) for name, rgb, inside in outlines.things(kind)
        ]
        rows += [*measured, {"thing": f"all {kind}"} | means(measured)]
    return rows


def bsds_rows(folder: Path | None, most: int) -> list[dict[str, object]]:
    """Return the second table's row of BSDS500, where that is there."""
    if folder is None:
        return []
    measured = [measure_thing(rgb, inside) for _, rgb, inside in outlines.annotated(folder, most)]
    return [{"thing": f"{len(measured)} segments of BSDS500"} | means(measured)]


def means(rows: list[dict[str, object]]) -> dict[str, object]:
    """Return the mean of each figure."""
    return {key: float(np.mean([row[key] for row in rows])) for key in rows[0] if key != "thing"}


def measure_thing(rgb: np.ndarray, inside: np.ndarray) -> dict[str, object]:
    """Return precision, recall and F at reach 1, and F of the best of three reaches."""
    paint = by_corrections(rgb)
    before = paint([])
    found = []
    for place in places_inside(inside):
        for color in ASKED.values():
            afters = [paint([Hint(float(place[1]), float(place[0]), *color, reach)]) for reach in REACHES]
            found.append([agreements(before, after, inside, place) for after in afters])
    scores = np.array(found)  # (spots, reaches, in the picture and asked for, precision and recall and F)
    precision, recall, f = scores[:, REACHES.index(1.0)].mean(axis=0).T
    best = scores[..., 2].max(axis=1).mean(axis=0)
    figures = {"precision": precision, "recall": recall, "F": f, "best of 3": best}
    return {
        name + ending: float(both[n])
        for n, ending in enumerate(("", ", asked"))
        for name, both in figures.items()
    }


def agreements(
    before: Colored, after: Colored, inside: np.ndarray, spot: tuple[int, int]
) -> list[tuple[float, float, float]]:
    """Return how what moves agrees with a thing, in the picture and in the ab that was asked for."""
    asked = np.linalg.norm(after.ab - before.ab, axis=2)
    return [agreement(moves, inside, spot) for moves in (moved(after.rgb, before.rgb), asked)]


def places_inside(inside: np.ndarray) -> list[tuple[int, int]]:
    """Return a few places well inside a thing: where a person would click."""
    distance = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 3)
    candidates = np.argwhere(distance > 0.4 * distance.max())
    chosen = np.random.default_rng(1).choice(len(candidates), SPOTS_A_THING, replace=False)
    return [tuple(map(int, place)) for place in candidates[chosen]]


def agreement(moves: np.ndarray, inside: np.ndarray, spot: tuple[int, int]) -> tuple[float, float, float]:
    """Return precision, recall and F of what moves at least half as far as the spot."""
    changed = moves >= max(moves[spot] / 2, 1)
    both = float((changed & inside).sum())
    precision, recall = both / max(changed.sum(), 1), both / inside.sum()
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9)


def time_rows(seconds: float) -> list[dict[str, object]]:
    """Return the third table: what 1, 3 and 10 hints cost."""
    cv2.setNumThreads(1)
    colorizer, photo = ImageColorizer(COLORNET), photo_file(1, "gray jpg")
    places = np.linspace(0.1, 0.9, 10) * 700
    hints = [{"x": int(place), "y": int(place), "color": "#2f5fb0"} for place in places]
    runs = {n: lambda n=n: colorizer.colorize(photo, hints=hints[:n]) for n in (0, 1, 3, 10)}
    times = median_ms(runs, seconds)
    return [
        {"hints": n, "ms": ms, "beside none": ms - times[0], "ratio": ms / times[0]}
        for n, ms in times.items()
    ]


def memory_rows(megapixels: float = LARGE) -> list[dict[str, object]]:
    """Return the fourth table: what a fresh process needs at most."""
    files = {kind: photo_file(megapixels, kind) for kind in ("gray jpg", "colour jpg")}
    with tempfile.TemporaryDirectory() as folder:
        for kind, data in files.items():
            Path(folder, kind).write_bytes(data)
        return [
            {"with": name, "peak MB": peak_megabytes(COLORIZE.format(options=options), folder)}
            for name, options in KINDS.items()
        ]


if __name__ == "__main__":
    main(sys.argv[1:])
