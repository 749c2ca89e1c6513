"""Clips to measure films with: made from sample photos with clear terms, or any film in colour."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np

from benchmarks.photos import color_photos
from colorizer.color.lab import gray_level_of

RATE = 25
SHAPES = {240: (426, 240), 480: (854, 480), 720: (1280, 720), 1080: (1920, 1080)}
SOUND = 48_000
PAN = 120  # frames that the camera takes from one side of a photo to the other, however short the shot
GRAIN = 2.0  # gray levels of noise, new in each frame, as film has


def made_clip(lines: int, frames: int, photos: Sequence[np.ndarray] = ()) -> Iterator[np.ndarray]:
    """Yield RGB frames, uint8 (h, w, 3): a camera that pans and zooms over one photo after another, RGB too;
    over the samples where none are given."""
    photos = photos or list(color_photos())
    each = -(-frames // len(photos))
    noise = np.random.default_rng(0)
    for number in range(frames):
        frame = _view(photos[number // each], SHAPES[lines], number % each / PAN, number // each)
        grain = noise.normal(0, GRAIN, frame.shape[:2]).astype(np.int8)
        yield cv2.add(frame, np.repeat(grain[..., None], 3, axis=2), dtype=cv2.CV_8U)


def _view(photo: np.ndarray, size: tuple[int, int], moment: float, shot: int) -> np.ndarray:
    """Return what the camera sees of a photo at a moment of its shot, 0 to 1."""
    width, height = size
    zoom = (1.0 + 0.35 * moment if shot % 2 else 1.25) * max(width / photo.shape[1], height / photo.shape[0])
    room = np.array([photo.shape[1] * zoom - width, photo.shape[0] * zoom - height])
    left, top = room * ((0.1 + 0.8 * moment) if shot % 2 == 0 else 0.5)
    place = np.array([[zoom, 0, -left], [0, zoom, -top]])
    return cv2.warpAffine(photo, place, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)


def film_frames(path: Path, lines: int, frames: int) -> Iterator[np.ndarray]:
    """Yield the first RGB frames of a film, uint8 (h, w, 3), of so many lines."""
    with av.open(str(path)) as film:
        for _, frame in zip(range(frames), film.decode(video=0), strict=False):
            width = round(frame.width * lines / frame.height / 2) * 2
            yield frame.reformat(width, lines, "rgb24", interpolation="AREA").to_ndarray()


def write_gray(pictures: Iterator[np.ndarray], path: Path, codec: str, *, sound: bool = False) -> None:
    """Write a clip in black and white, of the colours' own lightness; by "libx264" or "ffv1"."""
    with av.open(str(path), "w") as file:
        options = {"crf": "18", "preset": "veryfast"} if codec == "libx264" else {}
        video, tone = file.add_stream(codec, rate=RATE, options=options), None
        if sound:
            tone = file.add_stream("aac", rate=SOUND, layout="mono")
        for number, picture in enumerate(pictures):
            if number == 0:
                video.width, video.height = picture.shape[1::-1]
            gray = np.rint(16 + gray_level_of(picture) * (219 / 255)).astype(np.uint8)
            frame = av.VideoFrame.from_ndarray(_planes(gray), "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            file.mux(video.encode(frame))
            if tone:
                file.mux(tone.encode(_tone(number)))
        file.mux(video.encode(None))
        if tone:
            file.mux(tone.encode(None))


def _planes(gray: np.ndarray) -> np.ndarray:
    return np.vstack([gray, np.full((gray.shape[0] // 2, gray.shape[1]), 128, np.uint8)])


def _tone(number: int) -> av.AudioFrame:
    samples = SOUND // RATE
    wave = (4000 * np.sin(np.arange(samples) * 0.05)).astype(np.float32) / 32768
    frame = av.AudioFrame.from_ndarray(wave[np.newaxis], "fltp", "mono")
    frame.sample_rate, frame.pts, frame.time_base = SOUND, number * samples, Fraction(1, SOUND)
    return frame
