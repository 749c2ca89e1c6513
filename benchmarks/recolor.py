"""What a correction on the page takes: one photo of 1 megapixel, coloured anew with hints, over HTTP.

    python -m benchmarks.recolor [--seconds 5] [--json]

The requests are the page's own: multipart with hints, answered by JSON with the confidence map, decoded. The
page promises less than half a second on two cores; "ratio" is the round trip with hints to that without.
"""

import base64
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from serving import Server, multipart, serve

from benchmarks.photos import photo_file
from benchmarks.report import argument_parser, show

PROMISE_MS = 500
HINTS = (0, 1, 10, 100)


def main(arguments: list[str]) -> None:
    """Correct a photo with more and more hints, and print the table."""
    parser = argument_parser(__doc__)
    parser.set_defaults(seconds=5.0)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder)) as server:
        times = measure(server, photo_file(1, "gray jpg"), options.seconds)
    show("recolor", [row(count, times) for count in times], options.json)


def measure(server: Server, photo: bytes, seconds: float) -> dict[int, list[float]]:
    """Return the round trips in ms for each number of hints, taken in turn for `seconds` each."""
    times = {count: [] for count in HINTS}
    recolor(server, photo, 0)
    deadline = time.perf_counter() + seconds * len(HINTS)
    while time.perf_counter() < deadline:
        for count in HINTS:
            times[count].append(recolor(server, photo, count))
    return times


def recolor(server: Server, photo: bytes, count: int) -> float:
    """Return the ms from sending the photo to holding its new colours."""
    places = np.linspace(0.1, 0.9, count) * 600
    hints = [{"x": int(place), "y": int(place), "color": "#2f5fb0"} for place in places]
    start = time.perf_counter()
    body, content_type = multipart(
        ("image", photo, "photo.jpg"),
        ("strategy", b"colornet", None),
        ("hints", json.dumps(hints).encode(), None),
        ("confidence_map", b"true", None),
    )
    answer = server.request("POST", "/colorize", body, Content_Type=content_type, Accept="application/json")
    base64.b64decode(answer.json["image"])
    return 1000 * (time.perf_counter() - start)


def row(count: int, times: dict[int, list[float]]) -> dict[str, object]:
    """Summarise the round trips with one number of hints as a row of the table."""
    p50, p95 = np.percentile(times[count], [50, 95])
    return {
        "hints": count,
        "p50 ms": float(p50),
        "p95 ms": float(p95),
        "ratio": float(p50 / np.median(times[0])),
        f"within {PROMISE_MS} ms": f"{sum(ms < PROMISE_MS for ms in times[count])} of {len(times[count])}",
    }


if __name__ == "__main__":
    main(sys.argv[1:])
