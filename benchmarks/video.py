"""How fast films are coloured, in how much memory, how steadily, and how true.

    python -m benchmarks.video [--lines 480 720 1080] [--frames 250] [--clip FILM ...] [--json]

First table: frames a second of the command's own work (H.264 and AAC in and out) beside a photo call for each
frame, the work of all processor cores for one frame (which a busy machine changes least), and the
milliseconds of each stage alone. Second table: steadiness and truth of our colours, of colours
of each frame for itself, and of the clip's own: gray would have neither error, so colourfulness stands beside
them. Clips are made from sample photos; --clip adds films in colour.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.clips import film_frames, made_clip, write_gray
from benchmarks.report import argument_parser, peak_megabytes, show
from colorizer.color.jpeg_planes import color_luma
from colorizer.color.lab import rgb_to_lab
from colorizer.pipeline import ImageColorizer
from colorizer.video.coloring import FilmOptions, colorize_video
from colorizer.video.encoder import CODECS, Planes, encode_piece
from colorizer.video.film import Cut, read_film
from colorizer.video.frames import Frame, FrameReader
from colorizer.video.pieces import Moment
from colorizer.video.prediction import Painter
from colorizer.video.shots import find_shots
from colorizer.video.steady import steady_colors

LINES = (480, 720, 1080)
JUDGED_LINES = 240
DISTANCES = (1, 2, 4)  # frames, of CDC
BINS = 256
LARGEST_ERROR = 150  # ab units, of AuC
RUN = (
    "import sys; from colorizer.video.coloring import colorize_video;"
    "from colorizer.process.own import set_up_process; set_up_process();"
    "colorize_video(sys.argv[1], sys.argv[2])"
)


def main(arguments: list[str]) -> None:
    """Measure what the arguments name, and print the tables."""
    parser = argument_parser(__doc__)
    parser.add_argument("--lines", nargs="*", type=int, default=LINES)
    parser.add_argument("--frames", type=int, default=250)
    parser.add_argument("--clip", nargs="*", type=Path, default=[])
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.lines:
            rows = [_speed(lines, options.frames, folder) for lines in options.lines]
            show("video-speed", rows, options.json)
        clips: dict[str, Callable[[], Iterator[np.ndarray]]] = {
            "made of photos": lambda: made_clip(JUDGED_LINES, options.frames)
        }
        for path in options.clip:
            clips[path.stem] = lambda path=path: film_frames(path, JUDGED_LINES, options.frames)
        rows = [row for name, clip in clips.items() for row in _judge(name, clip, folder)]
        show("video-steadiness", rows, options.json)


def _speed(lines: int, frames: int, folder: Path) -> dict[str, object]:
    clip, result = folder / f"{lines}.mp4", folder / f"{lines}-colorized.mp4"
    write_gray(made_clip(lines, frames), clip, "libx264", sound=True)
    colorizer = ImageColorizer()
    colorizer.load()
    photo_frames = max(10, frames // 5)
    ours, our_work = _spent(lambda: colorize_video(clip, result, colorizer.strategy), frames)
    photos, photo_work = _spent(
        lambda: _photo_calls(clip, folder / "photos.mp4", colorizer, photo_frames), photo_frames
    )
    row = {
        "lines": lines,
        "frames a second": 1000 / ours,
        "photo calls": 1000 / photos,
        "times faster": photos / ours,
        "core ms": our_work,
        "photo calls' core ms": photo_work,
    }
    row |= {f"{name} ms": spent for name, spent in _stages(clip, folder, colorizer).items()}
    return row | {"peak MB": peak_megabytes(RUN, str(clip), str(folder / "again.mp4"))}


def _spent(work: Callable[[], object], frames: int) -> tuple[float, float]:
    """Return the milliseconds a frame that work takes, and those of all processor cores together."""
    start, cores = time.perf_counter(), time.process_time()
    work()
    return 1000 * (time.perf_counter() - start) / frames, 1000 * (time.process_time() - cores) / frames


def _photo_calls(clip: Path, result: Path, colorizer: ImageColorizer, frames: int) -> None:
    """Colour a film as if its frames were photos."""
    with av.open(str(clip)) as film, av.open(str(result), "w") as file:
        stream = file.add_stream("libx264", rate=25, options={"crf": "18", "preset": "veryfast"})
        stream.width, stream.height = film.streams.video[0].width, film.streams.video[0].height
        for frame in islice(film.decode(video=0), frames):
            rgb = colorizer.colorize(frame.to_ndarray(format="rgb24")).array
            file.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, "rgb24")))
        file.mux(stream.encode(None))


def _stages(clip: Path, folder: Path, colorizer: ImageColorizer) -> dict[str, float]:
    """Return the milliseconds a frame of each stage, one after the other."""
    film, strategy = read_film(clip), colorizer.strategy
    spent: dict[str, float] = {}

    def run(name: str, items: Callable[[], list]) -> list:
        start = time.perf_counter()
        found = items()
        spent[name] = 1000 * (time.perf_counter() - start) / max(1, len(frames or found))
        return found

    frames: list[Frame] = []
    painter = Painter(film, strategy)
    reader = FrameReader(film, Cut(), painter.shown_size)
    frames = run("decode", lambda: list(islice(reader.read(), 100)))
    glimpses = run("flow", lambda: list(find_shots(iter(frames), painter.grid_size)))

    def predict() -> list:
        for glimpse in glimpses:
            if glimpse.is_key:
                glimpse.ab = painter.predict(glimpse.steady_shown)
        return glimpses

    run("network", predict)
    colors = run("steady", lambda: list(steady_colors(glimpses)))
    planes = run(
        "join", lambda: [(f.moment, color_luma(f.luma, ab, f.shown, film.tags.code)) for f, ab in colors]
    )
    run("encode", lambda: encode_piece(planes, folder / "piece.mp4", film, CODECS["h264"], None))
    return spent


def _judge(name: str, clip: Callable[[], Iterator[np.ndarray]], folder: Path) -> list[dict[str, object]]:
    """Return a row for the clip's own colours, gray, ours, and colouring each frame for itself."""
    gray = folder / "gray.mkv"
    write_gray(clip(), gray, "ffv1")
    steadily, alone = folder / "steady.mkv", folder / "alone.mkv"
    strategy = ImageColorizer().strategy
    colorize_video(gray, steadily, strategy, FilmOptions(codec="ffv1"))
    _color_each(gray, alone)
    ways = {
        "the clip's own": clip,
        "gray": lambda: _rgb(gray),
        "each frame alone": lambda: _rgb(alone),
        "ours": lambda: _rgb(steadily),
    }
    found = {way: figures(frames, clip) for way, frames in ways.items()}
    floor, most = found["the clip's own"], found["each frame alone"]
    gray_error = found["gray"]["warp error"]
    return [
        {"clip": name, "colours": way, **row}
        | {f"{figure} of each alone": row[figure] / most[figure] for figure in ("warp error", "chroma")}
        | {"CDC of the clip's": row["CDC"] / floor["CDC"]}
        | {"colour's own": (row["warp error"] - gray_error) / (most["warp error"] - gray_error)}
        | {"beyond": (row["warp error"] - floor["warp error"]) / (most["warp error"] - floor["warp error"])}
        for way, row in found.items()
    ]


def _color_each(clip: Path, result: Path) -> None:
    film, strategy = read_film(clip), ImageColorizer().strategy
    strategy.load()
    painter = Painter(film, strategy)
    frames = FrameReader(film, Cut(), painter.shown_size).read()

    def join(frame: Frame) -> tuple[Moment, Planes]:
        ab = painter.predict(frame.shown)
        return frame.moment, color_luma(frame.luma, ab, frame.shown, film.tags.code)

    encode_piece(map(join, frames), result, film, CODECS["ffv1"], None)


def _rgb(path: Path) -> Iterator[np.ndarray]:
    with av.open(str(path)) as film:
        for frame in film.decode(video=0):
            yield frame.to_ndarray(format="rgb24")


def figures(
    frames: Callable[[], Iterator[np.ndarray]], truth: Callable[[], Iterator[np.ndarray]]
) -> dict[str, float]:
    """Return the figures of one way to colour a clip."""
    warps, psnrs, areas, colorfulness, chroma = [], [], [], [], []
    histograms: list[np.ndarray] = []
    flow = _Flow()
    last: tuple[np.ndarray, np.ndarray] | None = None
    for frame, true in zip(frames(), truth(), strict=True):
        histograms.append(_histogram(frame))
        psnrs.append(cv2.PSNR(frame, true))
        areas.append(_area_under_curve(frame, true))
        colorfulness.append(_colorfulness(frame))
        chroma.append(_chroma(frame))
        if last is not None and (error := flow.warp_error(*last, frame, true)) is not None:
            warps.append(error)
        last = frame, true
    return {
        "warp error": 1e4 * float(np.mean(warps)),
        "CDC": 1e3 * _cdc(histograms),
        "colourfulness": float(np.mean(colorfulness)),
        "chroma": float(np.mean(chroma)),
        "AuC": float(np.mean(areas)),
        "PSNR": float(np.mean(psnrs)),
    }


class _Flow:
    """The warp error of Lai et al. 2018: the mean square that flow does not explain, occlusions left out."""

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def warp_error(
        self, last: np.ndarray, last_true: np.ndarray, frame: np.ndarray, true: np.ndarray
    ) -> float | None:
        """Return the error from one frame to the next, by the flow of the true ones; None at a cut."""
        gray = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (last_true, true)]
        forth = self._dis.calc(gray[0], gray[1], None)
        back = self._dis.calc(gray[1], gray[0], None)
        height, width = gray[0].shape
        columns, rows = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        place = columns + forth[..., 0], rows + forth[..., 1]
        returned = forth + cv2.remap(back, *place, cv2.INTER_LINEAR)
        seen = (returned**2).sum(-1) < 0.01 * ((forth**2).sum(-1) + (back**2).sum(-1)) + 0.5
        seen &= (place[0] >= 0) & (place[0] < width) & (place[1] >= 0) & (place[1] < height)
        if seen.mean() < 0.3:
            return None
        warped = cv2.remap(frame.astype(np.float32) / 255, *place, cv2.INTER_LINEAR)
        return float((((warped - last.astype(np.float32) / 255) ** 2).sum(-1))[seen].mean())


def _cdc(histograms: list[np.ndarray]) -> float:
    """Return the colour distribution consistency of Liu et al. 2021, cuts and all."""
    found = [
        np.mean([_divergence(one, other) for one, other in zip(histograms, histograms[way:], strict=False)])
        for way in DISTANCES
    ]
    return float(np.mean(found))


def _histogram(frame: np.ndarray) -> np.ndarray:
    """Return how often each level occurs: float64 (3, 256)."""
    counts = [np.bincount(frame[..., channel].ravel(), minlength=BINS) for channel in range(3)]
    return np.stack(counts) / frame[..., 0].size


def _divergence(one: np.ndarray, other: np.ndarray) -> float:
    """Return the Jensen-Shannon divergence of histograms, the mean of the channels."""
    middle = (one + other) / 2
    return float(np.mean((_relative_entropy(one, middle) + _relative_entropy(other, middle)) / 2))


def _relative_entropy(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.where(one > 0, one * np.log(np.maximum(one, 1e-12) / np.maximum(other, 1e-12)), 0).sum(axis=1)


def _area_under_curve(frame: np.ndarray, true: np.ndarray) -> float:
    """Return the mean over 0 to 150 of the share of pixels within each distance in ab, in % (AuC)."""
    one, other = (rgb_to_lab(picture[::4, ::4].copy())[..., 1:] for picture in (frame, true))
    distances = np.linalg.norm(one - other, axis=-1)
    return 100 * float(np.mean([(distances <= limit).mean() for limit in range(LARGEST_ERROR + 1)]))


def _chroma(frame: np.ndarray) -> float:
    """Return the mean of how far colours are from gray, in ab."""
    return float(np.linalg.norm(rgb_to_lab(frame[::4, ::4].copy())[..., 1:], axis=-1).mean())


def _colorfulness(frame: np.ndarray) -> float:
    """Return the measure of Hasler and Süsstrunk 2003."""
    red, green, blue = cv2.split(frame.astype(np.float32))
    one, other = red - green, (red + green) / 2 - blue
    return float(np.hypot(one.std(), other.std()) + 0.3 * np.hypot(one.mean(), other.mean()))


if __name__ == "__main__":
    main(sys.argv[1:])
