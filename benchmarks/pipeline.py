"""How long and how much memory from a photo's bytes to the coloured jpg's bytes takes.

    python -m benchmarks.pipeline [--strategy NAME ...] [--megapixels 1 24] [--kinds "gray jpg"] [--json]

Beside each: the floor (OpenCV's colour decode and encode alone) and the recipe of the 2018 tutorial, measured
in turn with ours. Strategies without installed weights are run with generated ones, where we can make them.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from benchmarks.photos import photo_file
from benchmarks.reference import Tutorial, generated_models
from benchmarks.report import argument_parser, median_ms, peak_megabytes, show
from colorizer.pipeline import STAGES
from image_colorizer import ImageColorizer

MEGAPIXELS = (0.3, 1, 4, 12, 24, 48)
KINDS = ("gray jpg", "colour jpg", "gray png")
READ_PHOTO = "import sys; from pathlib import Path; photo = Path(sys.argv[1]).read_bytes();"
RUN_OURS = READ_PHOTO + (
    "from image_colorizer import ImageColorizer; models = sys.argv[3] and Path(sys.argv[3]);"
    "ImageColorizer(sys.argv[2], models_dir=models or None).colorize(photo)"
)
RUN_TUTORIAL = READ_PHOTO + "from benchmarks.reference import Tutorial; Tutorial().colorize(photo)"


def main(arguments: list[str]) -> None:
    """Measure what the arguments name, and print the table."""
    parser = argument_parser(__doc__)
    parser.add_argument("--strategy", nargs="+", default=["colornet"])
    parser.add_argument("--megapixels", nargs="+", type=float, default=MEGAPIXELS)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    options = parser.parse_args(arguments)
    colorizers = {name: _colorizer(name) for name in options.strategy}
    tutorial = Tutorial()
    rows = []
    for kind in options.kinds:
        for megapixels in options.megapixels:
            photo = photo_file(megapixels, kind)
            times = _times(photo, colorizers, tutorial, options.seconds)
            for name in colorizers:
                rows.append(
                    {"photo": kind, "MP": megapixels, "strategy": name, **times[name], **_peaks(photo, name)}
                )
                print(rows[-1], file=sys.stderr)
    show("pipeline", rows, options.json)


def floor(photo: bytes) -> bytes:
    """Decode to BGR and encode again: the least that a coloured jpg costs with OpenCV."""
    image = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)
    return cv2.imencode(".jpg", image)[1].tobytes()


def _times(
    photo: bytes, colorizers: dict[str, ImageColorizer], tutorial: Tutorial, seconds: float
) -> dict[str, dict[str, float]]:
    """Return a row's figures by strategy: milliseconds of each stage, of all, and ratios."""
    stages = {name: [] for name in colorizers}

    def ours(name: str) -> Callable[[], None]:
        return lambda: stages[name].append(colorizers[name].colorize(photo).timings)

    runs = {name: ours(name) for name in colorizers}
    runs |= {"floor": lambda: floor(photo), "tutorial": lambda: tutorial.colorize(photo)}
    times = median_ms(runs, seconds)
    return {
        name: {stage: median(timings[stage] for timings in stages[name]) for stage in STAGES}
        | {"total ms": times[name], "floor ms": times["floor"], "tutorial ms": times["tutorial"]}
        | {"times faster": times["tutorial"] / times[name], "of the floor": times[name] / times["floor"]}
        for name in colorizers
    }


def _peaks(photo: bytes, name: str) -> dict[str, float]:
    """Return the memory of a process that colours this one photo, ours and the tutorial's."""
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(photo)
        ours = peak_megabytes(RUN_OURS, file.name, name, str(_models_dir(name) or ""))
        return {"peak MB": ours, "tutorial's MB": peak_megabytes(RUN_TUTORIAL, file.name)}


def _colorizer(name: str) -> ImageColorizer:
    return ImageColorizer(name, models_dir=_models_dir(name))


def _models_dir(name: str) -> Path | None:
    """Return the folder with generated weights where a strategy's own are not installed, else None."""
    installed = name != "richzhang" or ImageColorizer(name).strategy.installed
    return None if installed else generated_models()


if __name__ == "__main__":
    main(sys.argv[1:])
