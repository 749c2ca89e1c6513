"""Small films, made on the spot with PyAV."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import cv2
import numpy as np
from photos import color_scene

RATE = 25
SCENE = (480, 320)


@dataclass
class Clip:
    """A film to be made: a window that pans over a scene, one pixel a frame."""

    width: int = 96
    height: int = 64
    frames: int = 12
    codec: str = "libx264"
    format: str = "yuv420p"
    options: dict = field(default_factory=lambda: {"crf": "12"})
    time_base: Fraction = Fraction(1, 12800)
    times: Sequence[int] | None = None
    context: dict = field(default_factory=dict)
    audio: Sequence[str] = ()
    subtitles: Sequence[str] = ()
    metadata: dict = field(default_factory=dict)
    pictures: Iterable[np.ndarray] | None = None

    def write(self, path: Path, container: str | None = None) -> Path:
        with av.open(str(path), "w", format=container) as file:
            video = file.add_stream(self.codec, rate=RATE, options=dict(self.options))
            video.codec_context.width, video.codec_context.height = self.width, self.height
            video.codec_context.pix_fmt, video.codec_context.time_base = self.format, self.time_base
            for name, value in self.context.items():
                setattr(video.codec_context, name, value)
            sounds = [file.add_stream(codec, rate=48_000, layout="mono") for codec in self.audio]
            texts = [file.add_mux_stream(codec, time_base=Fraction(1, 1000)) for codec in self.subtitles]
            file.metadata.update(self.metadata)
            for text in texts:
                self._write_subtitle(file, text)
            times = self.times or [n * 512 for n in range(self.frames)]
            for time, picture in zip(
                times, self.pictures or pan(self.width, self.height, len(times)), strict=False
            ):
                frame = av.VideoFrame.from_ndarray(picture, "rgb24" if picture.ndim == 3 else "gray")
                frame = frame.reformat(format=self.format, dst_colorspace=self.context.get("colorspace"))
                frame.pts, frame.time_base = time, self.time_base
                file.mux(video.encode(frame))
            for sound in sounds:
                self._write_sound(file, sound, len(times))
            file.mux(video.encode(None))
            for sound in sounds:
                file.mux(sound.encode(None))
        return path

    def _write_sound(self, file, sound, frames):
        samples = 48_000 * frames // RATE
        tone = (8000 * np.sin(np.arange(samples) * (0.02 + 0.01 * sound.index))).astype(np.int16)
        size = sound.codec_context.frame_size or 1024
        for start in range(0, samples - size + 1, size):
            frame = av.AudioFrame.from_ndarray(tone[None, start : start + size], "s16", "mono")
            frame.sample_rate, frame.pts, frame.time_base = 48_000, start, Fraction(1, 48_000)
            file.mux(sound.encode(frame))

    def _write_subtitle(self, file, stream):
        packet = av.Packet(b"Hello")
        packet.stream, packet.time_base = stream, Fraction(1, 1000)
        packet.pts = packet.dts = 40
        packet.duration = 200
        file.mux_one(packet)


def sound_only(path):
    """A song, in a film's container."""
    with av.open(str(path), "w") as file:
        sound = file.add_stream("aac", rate=48_000, layout="mono")
        Clip()._write_sound(file, sound, 25)
        file.mux(sound.encode(None))
    return path


def streamed(source, path):
    """A film as a browser's MediaRecorder writes it: without duration and cues, since it cannot seek."""
    with av.open(str(source)) as film, path.open("wb") as file:

        class Pipe:
            write = file.write

        with av.open(Pipe(), "w", format="webm", options={"live": "1"}) as live:
            stream = live.add_stream_from_template(film.streams.video[0])
            for packet in film.demux(video=0):
                if packet.size:
                    packet.stream = stream
                    live.mux(packet)
    return path


def encrypted(path):
    """A film under Common Encryption (ISO/IEC 23001-7), as DRM has it."""
    clear = Clip(audio=("aac",)).write(path.with_suffix(".clear.mp4"))
    key = dict.fromkeys(("encryption_key", "encryption_kid"), "00112233445566778899aabbccddeeff")
    options = {"encryption_scheme": "cenc-aes-ctr", **key}
    with av.open(str(clear)) as film, av.open(str(path), "w", format="mp4", options=options) as file:
        copies = {track.index: file.add_stream_from_template(track) for track in film.streams}
        for packet in film.demux():
            if packet.size:
                packet.stream = copies[packet.stream.index]
                file.mux(packet)
    clear.unlink()
    return path


@cache
def large_scene():
    """A detailed picture, gray, uint8."""
    y, x = np.mgrid[0 : SCENE[1], 0 : SCENE[0]].astype(np.float32)
    scene = cv2.resize(color_scene(), SCENE, interpolation=cv2.INTER_CUBIC)
    texture = 18 * np.sin(x / 7) * np.cos(y / 9) + 10 * np.sin((x + 2 * y) / 13)
    return cv2.add(cv2.cvtColor(scene, cv2.COLOR_RGB2GRAY), texture.astype(np.int8), dtype=cv2.CV_8U)


def pan(width, height, frames, step=1, top=0):
    """Windows of the scene that move right by `step` pixels a frame: gray, uint8 (h, w)."""
    scene = large_scene()
    scale = max(1.0, (height + top) / scene.shape[0], (width + frames * step) / scene.shape[1])
    if scale > 1:
        scene = cv2.resize(scene, None, fx=scale, fy=scale)
    return [scene[top : top + height, n * step : n * step + width].copy() for n in range(frames)]


def decoded(path, format):
    """The frames of a film, as arrays of one of FFmpeg's formats."""
    with av.open(str(path)) as file:
        return [frame.to_ndarray(format=format) for frame in file.decode(video=0)]


def times(path):
    """The exact time of each frame, in seconds."""
    with av.open(str(path)) as file:
        return [frame.pts * frame.time_base for frame in file.decode(video=0)]


def packets(path, kind):
    """(time, bytes) of each packet of the tracks of one kind."""
    with av.open(str(path)) as file:
        tracks = [stream for stream in file.streams if stream.type == kind]
        return [(p.stream.index, p.pts * p.time_base, bytes(p)) for p in file.demux(tracks) if p.size]


def video_stream_bytes(path):
    """The encoded picture of a film, packet by packet."""
    return [data for _, _, data in packets(path, "video")]
