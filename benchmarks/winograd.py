"""Zhang's network in OpenCV with and without Winograd's convolutions: `python -m benchmarks.winograd`.

Prints the peak memory of a fresh process that runs it, the median time of a photo and how far ab moves. The
weights are generated; time and memory do not depend on their values.
"""

import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))

from caffe_file import encode_caffe, generate_blobs

from colorizer.strategies import zhang

RUNS = 7
LIGHTNESS = np.random.default_rng(0).uniform(-50, 50, (1, 1, zhang.SIDE, zhang.SIDE)).astype(np.float32)


def measure(path: Path, winograd: bool) -> dict:
    """Return what this process needed: peak megabytes, median milliseconds, ab of one photo."""
    net = zhang._read_net(path)
    net.enableWinograd(winograd)
    times = []
    for _ in range(RUNS):
        net.setInput(LIGHTNESS)
        start = time.perf_counter()
        (ab,) = net.forward(["class8_ab"])
        times.append(1000 * (time.perf_counter() - start))
    return {"mb": _peak_megabytes(), "ms": statistics.median(times[1:]), "ab": ab.tolist()}


def _peak_megabytes() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) // 1024


def measure_apart(path: Path, winograd: bool) -> dict:
    """Measure in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.winograd", str(path), str(int(winograd))]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "generated.caffemodel"
        path.write_bytes(encode_caffe(generate_blobs(filled=False)))
        without, with_it = (measure_apart(path, winograd) for winograd in (False, True))
    moved = np.abs(np.subtract(without["ab"], with_it["ab"])).max()
    print(f"OpenCV {cv2.__version__}, {cv2.getNumThreads()} threads; ab differs by {moved:.3f} at most")
    print("| Winograd | peak memory, MB | a photo, ms | time |\n|---|---|---|---|")
    for name, result in (("on", with_it), ("off (ours)", without)):
        print(f"| {name} | {result['mb']} | {result['ms']:.0f} | {result['ms'] / with_it['ms']:.2f} |")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(measure(Path(sys.argv[1]), sys.argv[2] == "1")))
    else:
        main()
