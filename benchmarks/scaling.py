"""Time and memory against pixels, and the folder command against one photo at a time.

python -m benchmarks.scaling [--json]
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.photos import photo_file
from benchmarks.pipeline import RUN_OURS
from benchmarks.report import argument_parser, median_ms, peak_megabytes, show
from image_colorizer import ImageColorizer

MEGAPIXELS = (0.1, 0.3, 1, 2, 4, 8, 16, 24, 36, 48)
FOLDER_PHOTOS, FOLDER_MEGAPIXELS = 60, 2
COMMAND = [sys.executable, "-m", "colorizer", "colorize"]


def main(arguments: list[str]) -> None:
    """Print both tables."""
    parser = argument_parser(__doc__)
    options = parser.parse_args(arguments)
    show("scaling", [_measure(megapixels, options.seconds) for megapixels in MEGAPIXELS], options.json)
    show("folder", _folder_rows(), options.json)


def _measure(megapixels: float, seconds: float) -> dict[str, float]:
    photo = photo_file(megapixels, "gray jpg")
    colorizer = ImageColorizer("colornet")
    milliseconds = median_ms({"ours": lambda: colorizer.colorize(photo)}, seconds)["ours"]
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(photo)
        peak = peak_megabytes(RUN_OURS, file.name, "colornet", "")
    return {"MP": megapixels, "ms": milliseconds, "ms a MP": milliseconds / megapixels, "peak MB": peak}


def _folder_rows() -> list[dict]:
    photo = photo_file(FOLDER_MEGAPIXELS, "gray jpg")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        photos = [folder / f"photo-{number}.jpg" for number in range(FOLDER_PHOTOS)]
        for path in photos:
            path.write_bytes(photo)
        ways = {
            "one folder": [[folder]],
            "one command with all photos": [photos],
            "one command a photo": [[path] for path in photos[: FOLDER_PHOTOS // 10]],
        }
        return [_run_commands(way, commands, folder) for way, commands in ways.items()]


def _run_commands(way: str, commands: list[list[Path]], folder: Path) -> dict[str, object]:
    number = FOLDER_PHOTOS if len(commands) == 1 else len(commands)
    with tempfile.TemporaryDirectory(dir=folder.parent) as output:
        start = time.perf_counter()
        for paths in commands:
            subprocess.run([*COMMAND, *map(str, paths), "--output", output], check=True, capture_output=True)
        seconds = time.perf_counter() - start
    return {
        "way": way,
        "photos": number,
        "MP each": FOLDER_MEGAPIXELS,
        "photos a minute": 60 * number / seconds,
    }


if __name__ == "__main__":
    main(sys.argv[1:])
