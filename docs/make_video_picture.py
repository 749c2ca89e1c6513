"""Make the picture of docs/video.md, docs/pictures: `python docs/make_video_picture.py`.

Frames of a clip, made as benchmarks/video.py makes its own, but of photos that colornet never saw in training
(sources and terms: NOTICE), before and after its cuts: in black and white, as the command colours the clip,
and as the photos are.
"""

import tempfile
from pathlib import Path

import av
import numpy as np
from PIL import Image

from benchmarks.clips import made_clip, write_gray
from benchmarks.outlines import load
from colorizer.video.coloring import colorize_video

FILE = Path(__file__).parent / "pictures" / "film.jpg"
PHOTOS = ("china", "grace_hopper", "flower", "raccoon")
LINES, FRAMES = 240, 64
SHOWN = (8, 15, 16, 31, 32, 47, 48, 63)  # the last and the first frame of several shots
QUALITY = 80
GAP = 4


def main() -> None:
    """Write the picture."""
    truth = list(made_clip(LINES, FRAMES, [load(name) for name in PHOTOS]))
    with tempfile.TemporaryDirectory() as name:
        gray, colored = Path(name) / "gray.mp4", Path(name) / "colored.mp4"
        write_gray(iter(truth), gray, "libx264")
        colorize_video(gray, colored)
        rows = [frames(gray), frames(colored), truth]
    lines = [np.hstack([padded(row[number]) for number in SHOWN]) for row in rows]
    sheet = Image.fromarray(np.vstack(lines))
    sheet.thumbnail((1600, 1600))
    sheet.save(FILE, quality=QUALITY, optimize=True)


def frames(path: Path) -> list[np.ndarray]:
    """Return a film's frames, RGB."""
    with av.open(str(path)) as film:
        return [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]


def padded(picture: np.ndarray) -> np.ndarray:
    """Return a picture with a white edge."""
    return np.pad(picture, ((0, GAP), (0, GAP), (0, 0)), constant_values=255)


if __name__ == "__main__":
    main()
