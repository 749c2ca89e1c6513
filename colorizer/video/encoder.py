"""Encodes coloured frames, some seconds of film to a file, each of which stands alone."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import av
import cv2
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from colorizer.errors import ColorizerError, DamagedFilm, DiskFull, OutputError
from colorizer.process.cpus import available_cpus
from colorizer.process.files import MAKE_ROOM, NO_ROOM
from colorizer.video.film import Film, file_url
from colorizer.video.pieces import Moment

Planes = tuple[np.ndarray, np.ndarray, np.ndarray]  # Y, uint8 (h, w), Cb and Cr, half as high and wide
NONSENSE = (av.InvalidDataError, av.ArgumentError, av.PatchWelcomeError)  # FFmpeg's words for what is damaged
QUIET = 24  # FFmpeg's own messages are for its developers; ours say what a user needs
TRACK_HEADER, MATRIX_AT = b"tkhd", {0: 44, 1: 56}  # ISO/IEC 14496-12: where its matrix is, by its version

# x264 looks so few frames ahead as cost little quality: each that it holds takes seven bytes a pixel.
FEW_FRAMES = "rc-lookahead=6:bframes=1"
# With its code for AVX-512, x264's macroblock tree comes out otherwise at each run (core 165), so that a film
# that was stopped would not end in the bytes of one that was not. OpenCV knows whether that code would run.
AVX_512F = 13  # CV_CPU_AVX_512F in its cvdef.h; its Python has no name for it
SAME_BYTES = ":asm=avx2" if cv2.checkHardwareSupport(AVX_512F) else ""


@dataclass(frozen=True)
class Codec:
    """How films are encoded: FFmpeg's encoder and options, and the crf that looks like the original.

    worst_crf: the largest that the encoder takes; crf is None where nothing is lost. container: of the
    pieces. takes_odd: whether a side may be odd with chroma at half the size. least: pixels of a side; with
    fewer, x265 gives up and SVT-AV1 may hang.
    """

    encoder: str
    crf: int | None
    worst_crf: int
    options: dict[str, str]
    container: str = "mp4"
    takes_odd: bool = True
    least: int = 1


CODECS = {
    "h264": Codec(
        "libx264", 18, 51, {"preset": "veryfast", "x264-params": FEW_FRAMES + SAME_BYTES}, takes_odd=False
    ),
    "hevc": Codec(
        "libx265", 20, 51, {"preset": "veryfast", "x265-params": "log-level=0"}, takes_odd=False, least=16
    ),
    "vp9": Codec("libvpx-vp9", 24, 63, {"b": "0", "deadline": "good", "cpu-used": "5", "row-mt": "1"}),
    "av1": Codec("libsvtav1", 28, 63, {"preset": "9"}, least=64),
    "ffv1": Codec("ffv1", None, 0, {"level": "3", "slicecrc": "1"}, container="matroska"),
}


def encode_piece(
    frames: Iterable[tuple[Moment, Planes]], path: Path, film: Film, codec: Codec, crf: int | None
) -> list[Moment]:
    """Encode frames, (moment, planes), to a file of their own; returns the moments.

    The planes are Y, Cb and Cr at half the width and height (rounded up), in the film's own colour code.
    Raises OutputError, or DamagedFilm where picture or times make no sense.
    """
    try:
        moments = _encode(frames, path, film, codec, crf)
    except av.FFmpegError as error:
        raise refused(error) from error
    if film.matrix:
        _write_matrix(path, film.matrix)
    return moments


def refused(error: av.FFmpegError) -> ColorizerError:
    """Return what it means that FFmpeg does not write: it is the disk's fault, or the film's."""
    if error.errno in NO_ROOM:
        return DiskFull(f"There is no room left for the result. {MAKE_ROOM}")
    if isinstance(error, NONSENSE):
        return DamagedFilm(
            f"The film is damaged: no file can hold its picture, tracks or times ({error.strerror})."
        )
    return OutputError(f"The result cannot be written: {error.strerror}.")


def _encode(
    frames: Iterable[tuple[Moment, Planes]], path: Path, film: Film, codec: Codec, crf: int | None
) -> list[Moment]:
    moments = []
    with av.open(file_url(path), "w", format=codec.container) as container:
        stream: VideoStream | None = None
        for moment, planes in frames:
            if stream is None:
                options = _options(codec, crf)
                stream = cast(VideoStream, container.add_stream(codec.encoder, film.rate, options))
                _describe(stream.codec_context, film, codec, planes)
            moments.append(moment)
            container.mux(stream.encode(_frame(moment.time, planes, film, stream.codec_context.pix_fmt)))
        if stream is not None:
            container.mux(stream.encode(None))
    return moments


def _options(codec: Codec, crf: int | None) -> dict[str, str]:
    return (
        codec.options
        if codec.crf is None
        else {**codec.options, "crf": str(codec.crf if crf is None else crf)}
    )


def _describe(context: VideoCodecContext, film: Film, codec: Codec, planes: Planes) -> None:
    height, width = planes[0].shape
    odd = (height % 2 or width % 2) and not codec.takes_odd
    context.width, context.height = width, height
    context.pix_fmt = "yuv444p" if odd else "yuv420p"
    context.time_base = film.time_base
    context.framerate = film.rate
    context.sample_aspect_ratio = film.pixel_aspect
    context.color_range, context.colorspace = film.tags.range, film.tags.matrix
    context.color_primaries, context.color_trc = film.tags.primaries, film.tags.transfer
    context.thread_type = "AUTO"
    context.thread_count = available_cpus()


def _frame(time: int, planes: Planes, film: Film, format: str | None) -> VideoFrame:
    height, width = planes[0].shape
    frame = VideoFrame(width, height, "yuv420p")
    for plane, samples in zip(frame.planes, planes, strict=True):
        rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
        rows[: samples.shape[0], : samples.shape[1]] = samples
    if format != "yuv420p":
        frame = frame.reformat(format=format, interpolation="BILINEAR")
    frame.pts, frame.time_base = time, film.time_base
    frame.color_range, frame.colorspace = film.tags.range, film.tags.matrix
    return frame


def _write_matrix(path: Path, matrix: bytes) -> None:
    """Set the display matrix of the only track of an mp4 or mov file, which PyAV cannot."""
    data = bytearray(path.read_bytes())
    header = data.rindex(TRACK_HEADER)  # the index is at the end; the last track header is the only one
    at = header + MATRIX_AT[data[header + 4]]
    data[at : at + 36] = struct.pack(">9i", *struct.unpack("=9i", matrix))
    path.write_bytes(data)
