"""The real service under load: gunicorn by the Procfile's own line, clients that know nothing of each other.

    python -m benchmarks.server [--seconds 10] [--json]

Rows: 1 to 64 clients with photos of 1 megapixel; mixed sizes; clients with a slow line beside quick ones; the
time from the start of the process until it is ready, and until its first answer. Each client sends its next
photo as soon as it has its answer, after a 503 a second later, half of what Retry-After asks for.
"""

import asyncio
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import numpy as np
from serving import Server, resident_mib, serve

from benchmarks.photos import photo_file
from benchmarks.report import argument_parser, show

CLIENTS = (1, 2, 4, 10, 16, 64)  # 10: as many as places and queue together
MIXED_MEGAPIXELS = (0.3, 1, 4, 12)
SLOW_CLIENTS, SLOW_BYTES_A_SECOND = 8, 30_000
PAUSE = 1.0  # seconds after a 503


@dataclass
class Load:
    """What clients saw: status and seconds of each answer."""

    answers: list[tuple[int, float]] = field(default_factory=list)
    errors: int = 0

    def row(self, name: str, seconds: float) -> dict[str, object]:
        """Summarise them as a row of the table."""
        times = [1000 * taken for status, taken in self.answers if status == 200]
        busy = [1000 * taken for status, taken in self.answers if status == 503]
        counts = Counter(status for status, _ in self.answers)
        p50, p95, p99 = np.percentile(times, [50, 95, 99]) if times else [0.0] * 3
        return {
            "load": name,
            "photos a second": len(times) / seconds,
            "p50 ms": float(p50),
            "p95 ms": float(p95),
            "p99 ms": float(p99),
            "200": counts[200],
            "503": counts[503],
            "slowest 503 ms": max(busy, default=0.0),
            "else": sum(counts.values()) - counts[200] - counts[503] + self.errors,
        }


def main(arguments: list[str]) -> None:
    """Run all loads against one server, and print the table."""
    parser = argument_parser(__doc__)
    parser.set_defaults(seconds=10.0)
    options = parser.parse_args(arguments)
    photo = photo_file(1, "gray jpg")
    mixed = [photo_file(megapixels, "gray jpg") for megapixels in MIXED_MEGAPIXELS]
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, serve(Path(folder)) as server:
        ready = 1000 * (time.perf_counter() - start)
        server.colorize(photo, Accept="image/jpeg")
        first, rows = 1000 * (time.perf_counter() - start), []
        loads = {f"{number} clients": [[photo]] * number for number in CLIENTS}
        loads["10 clients, 0.3 to 12 MP"] = [
            mixed[number % 4 :] + mixed[: number % 4] for number in range(10)
        ]
        for name, clients in loads.items():
            rows.append(_run(server, name, clients, 0, options.seconds))
        slow = f"4 clients beside {SLOW_CLIENTS} slow ones"
        rows.append(_run(server, slow, [[photo]] * 4, SLOW_CLIENTS, options.seconds))
    rows += [{"load": "start to ready", "p50 ms": ready}, {"load": "start to first answer", "p50 ms": first}]
    show("server", rows, options.json)


def _run(server: Server, name: str, clients: list[list[bytes]], slow: int, seconds: float) -> dict:
    load = asyncio.run(put_under_load(server.port, clients, slow, seconds))
    row = load.row(name, seconds) | {"largest worker MB": _memory(server)}
    print(row, file=sys.stderr)
    return row


async def put_under_load(port: int, clients: list[list[bytes]], slow: int, seconds: float) -> Load:
    """Let clients send photos at once; returns what they saw. slow: how many send theirs very slowly."""
    load, deadline = Load(), time.perf_counter() + seconds
    quick = [_client(port, photos, load, deadline) for photos in clients]
    drips = [_drip(port, clients[0][0], deadline) for _ in range(slow)]
    await asyncio.gather(*quick, *drips)
    return load


async def _client(port: int, photos: list[bytes], load: Load, deadline: float) -> None:
    """Send one photo after another until the deadline."""
    for photo in cycle(photos):
        start = time.perf_counter()
        try:
            status = await _post(port, photo)
        except (OSError, asyncio.IncompleteReadError, ValueError, IndexError):
            load.errors += 1
        else:
            load.answers.append((status, time.perf_counter() - start))
            await asyncio.sleep(PAUSE if status == 503 else 0)
        if time.perf_counter() > deadline:
            return


async def _post(port: int, photo: bytes) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(_head(photo) + photo)
        await writer.drain()
        return int((await reader.read()).split(maxsplit=2)[1])
    finally:
        writer.close()


async def _drip(port: int, photo: bytes, deadline: float) -> None:
    """Send one photo as a very slow line would, whatever becomes of it."""
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(_head(photo))
        for at in range(0, len(photo), SLOW_BYTES_A_SECOND // 10):
            writer.write(photo[at : at + SLOW_BYTES_A_SECOND // 10])
            await writer.drain()
            await asyncio.sleep(0.1)
            if time.perf_counter() > deadline:
                return
    except OSError:
        return  # the server has had enough of it
    finally:
        writer.close()


def _head(photo: bytes) -> bytes:
    lines = ("POST /colorize HTTP/1.1", "Host: localhost", "Accept: image/jpeg", "Connection: close")
    return "\r\n".join((*lines, f"Content-Length: {len(photo)}", "", "")).encode()


def _memory(server: Server) -> float:
    """Return what the largest worker holds at the moment, in MB."""
    return max(resident_mib(worker) for worker in server.workers())


if __name__ == "__main__":
    main(sys.argv[1:])
