"""Time and memory against pixels; folders: the command, threads against processes, and the plan of 50,000.

python -m benchmarks.scaling [--json]
python -m benchmarks.scaling --photos 50000     only the command on so many: its first result, memory in all
"""

import os
import signal
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
PLANNED_PHOTOS = 50_000
PHOTOS_AT_ONCE, MANY_WATCHED = 2, 300
COMMAND = [sys.executable, "-m", "colorizer", "colorize"]


def main(arguments: list[str]) -> None:
    """Print the tables."""
    parser = argument_parser(__doc__)
    parser.add_argument("--photos", type=int, help="only the command on a folder of so many photos")
    options = parser.parse_args(arguments)
    if options.photos:
        show("many", [_many_row(options.photos)], options.json)
        return
    show("scaling", [_measure(megapixels, options.seconds) for megapixels in MEGAPIXELS], options.json)
    show("folder", _folder_rows(), options.json)
    show("side-by-side", _side_by_side_rows(), options.json)
    show("plan", [_plan_row()], options.json)


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


# Both ways colour sys.argv[2] photos; what they print: seconds, seconds of the processors, MB a process.
START = """
import resource, sys, time
from pathlib import Path
photo, number, size = Path(sys.argv[1]).read_bytes(), int(sys.argv[2]), int(sys.argv[3])
STATUS = Path("/proc/self/status")
def seconds_of(usage):
    return usage.ru_utime + usage.ru_stime
def peak_of(status):
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
"""
THREADS = (
    START
    + """
from concurrent.futures import ThreadPoolExecutor
from colorizer.process.own import set_up_process
from image_colorizer import ImageColorizer
set_up_process()
colorizer = ImageColorizer()
colorizer.load()
def used():
    return seconds_of(resource.getrusage(resource.RUSAGE_SELF))
def peak():
    return peak_of(STATUS.read_text())
def colorize_all():
    with ThreadPoolExecutor(size) as pool:
        list(pool.map(lambda _: colorizer.colorize(photo), range(number)))
"""
)
PROCESSES = (
    START
    + """
from colorizer.album.crew import Crew
from colorizer.album.recipe import Recipe
from colorizer.album.tasks import color_source, load
crew, recipe = Crew(size), Recipe(("colornet",))
crew.everyone(load, recipe)
def used():
    return sum(seconds_of(child.call(resource.getrusage, resource.RUSAGE_SELF)) for child in crew._children)
def peak():
    return max(peak_of(child.call(Path.read_text, STATUS)) for child in crew._children)
def colorize_all():
    list(crew.map(lambda _: crew.call(color_source, recipe, photo), range(number)))
"""
)
MEASURE = """
start, before = time.perf_counter(), used()
colorize_all()
print(time.perf_counter() - start, used() - before, peak())
"""


def _side_by_side_rows() -> list[dict]:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(photo_file(FOLDER_MEGAPIXELS, "gray jpg"))
        ways = {"threads of one process": THREADS, "a process each": PROCESSES}
        return [_run_way(way, code, file.name) for _ in range(2) for way, code in ways.items()]


def _run_way(way: str, code: str, photo: str) -> dict[str, object]:
    command = [sys.executable, "-c", code + MEASURE, photo, str(FOLDER_PHOTOS), str(PHOTOS_AT_ONCE)]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    seconds, cpu, megabytes = map(float, printed.split())
    return {
        "way": way,
        "at once": PHOTOS_AT_ONCE,
        "photos a minute": 60 * FOLDER_PHOTOS / seconds,
        "ms of processors a photo": 1000 * cpu / FOLDER_PHOTOS,
        "peak MB a process": megabytes,
    }


PLAN = """
import sys, time
from pathlib import Path
from colorizer.album.plan import Plan, Target
start = time.perf_counter()
plan = Plan([Path(sys.argv[1])], Target(), False, ["colornet", "richzhang"]) if sys.argv[1] else None
print(time.perf_counter() - start)
"""


def _plan_row() -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        for number in range(PLANNED_PHOTOS):
            Path(folder, f"scan-{number:06d}.jpg").touch()
        printed = subprocess.run([sys.executable, "-c", PLAN, folder], check=True, capture_output=True)
        more = peak_megabytes(PLAN, folder) - peak_megabytes(PLAN, "")
    return {"photos": PLANNED_PHOTOS, "seconds to plan": float(printed.stdout), "MB more": more}


# The command on very many photos: what one sees and pays while it runs.


def _many_row(number: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as name:
        photos, results = Path(name, "photos"), Path(name, "results")
        photos.mkdir()
        first = photos / "scan-000000.jpg"
        first.write_bytes(photo_file(FOLDER_MEGAPIXELS, "gray jpg"))
        for index in range(1, number):
            os.link(first, photos / f"scan-{index:06d}.jpg")
        options = ["--jobs", str(PHOTOS_AT_ONCE), "--output", str(results)]
        return {"photos": number, "MP each": FOLDER_MEGAPIXELS} | _watch([*COMMAND, str(photos), *options])


def _watch(command: list[str]) -> dict[str, object]:
    """Return how long the command's first result takes, and the most memory that its processes share."""
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        process.stdout.readline()
        seconds, most = time.perf_counter() - start, 0.0
        for _ in range(MANY_WATCHED):  # results; a sample at each
            process.stdout.readline()
            most = max(most, _megabytes_of_family(process.pid))
        process.send_signal(signal.SIGINT)  # lets its children end too
    return {"seconds to the first result": seconds, "at once": PHOTOS_AT_ONCE, "peak MB in all": most}


def _megabytes_of_family(process: int) -> float:
    """Return the memory of a process and its children: PSS, in which what n of them share counts 1/n each."""
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    family = [process, *(int(child) for task in tasks for child in task.read_text().split())]
    rollups = [Path(f"/proc/{each}/smaps_rollup").read_text() for each in family]
    return sum(int(rollup.split("\nPss:")[1].split()[0]) for rollup in rollups) / 1024


if __name__ == "__main__":
    main(sys.argv[1:])
