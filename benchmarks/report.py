"""What the scripts share: medians, the memory of a fresh process, tables, and results kept as JSON."""

import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

TURNS = 5
RESULTS = Path(__file__).parent / "results"
PRINT_PEAK = "\nprint([line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')][0])"


def argument_parser(description: str) -> argparse.ArgumentParser:
    """Return a parser with the options that every script has."""
    parser = argparse.ArgumentParser(description=description.strip().splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2.0, help="time for each figure (default: 2)")
    parser.add_argument("--json", action="store_true", help="keep the table in benchmarks/results/")
    return parser


def median_ms(functions: dict[str, Callable[[], object]], seconds: float) -> dict[str, float]:
    """Run functions in short turns, so that a busy moment strikes all; returns the median ms of each."""
    for function in functions.values():
        function()
    times = {name: [] for name in functions}
    for _ in range(TURNS):
        for name, function in functions.items():
            times[name] += _times(function, seconds / TURNS)
    return {name: statistics.median(values) for name, values in times.items()}


def _times(function: Callable[[], object], seconds: float) -> list[float]:
    """Return the milliseconds of each run, as many as fit the time, at least one."""
    times, deadline = [], time.perf_counter() + seconds
    while not times or time.perf_counter() < deadline:
        start = time.perf_counter()
        function()
        times.append(1000 * (time.perf_counter() - start))
    return times


def peak_megabytes(code: str, *arguments: str) -> float:
    """Return the largest memory (VmHWM) that a fresh Python process needed to run `code`."""
    command = [sys.executable, "-c", code + PRINT_PEAK, *arguments]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return int(output.split()[-1]) / 1024


def show(name: str, rows: list[dict], keep: bool) -> None:
    """Print rows as a Markdown table, and keep them as benchmarks/results/DATE-NAME.json if asked to."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for row in rows:
        print(f"| {' | '.join(_cell(row.get(column, '')) for column in columns)} |")
    if keep:
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / f"{datetime.date.today()}-{name}.json"
        path.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=1, default=float) + "\n")
        print(f"\nKept in benchmarks/results/{path.name}")


def machine() -> dict[str, object]:
    """Return what figures depend on."""
    model = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "processor": model[0].split(":")[1].strip() if model else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "opencv": cv2.__version__,
        "numpy": np.__version__,
    }


def _cell(value: object) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.3g}" if abs(value) < 100 else f"{value:,.0f}"
