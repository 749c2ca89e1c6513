"""The frames of a film in order: their time and their luma, gray whatever was tinted, progressive, 8 bit."""

import re
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import dropwhile, islice
from mmap import mmap
from typing import NamedTuple
from zlib import crc32

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from colorizer.color.chroma import shrink
from colorizer.color.jpeg_planes import darkening_of, gray_luma
from colorizer.color.plane_code import shown_lightness
from colorizer.process.cpus import available_cpus
from colorizer.video.clock import Clock
from colorizer.video.film import Cut, Film, opened, read_packets
from colorizer.video.pieces import Moment

NEUTRAL = 128
MOST_FAILURES = 8  # to read on, one after the other, until a film counts as cut off
PLANES_OF_LUMA = re.compile(r"gray(\d+le)?|yuv[ja]?4\d\dp(\d+le)?")  # formats whose first plane is luma
EARLIER = (0.5, 4.0, 15.0)  # seconds before a frame, to begin decoding there; containers find places roughly
MOST_EARLIER = 1000  # frames to decode until it must have come
GRAY_WITHIN = 4  # levels that chroma may stray from neutral in a black-and-white film: what codecs add


@dataclass
class Frame:
    """One frame.

    number: from 0. moment: its time and trace. luma: uint8 (h, w), gray in the levels of the film's code.
    shown: float32, smaller, the L* of the whole frame for the network and for finding motion.
    """

    number: int
    moment: Moment
    luma: np.ndarray
    shown: np.ndarray

    @property
    def time(self) -> int:
        """When it is shown, in the film's ticks."""
        return self.moment.time


class _Decoded(NamedTuple):
    """A frame as it was decoded, its time, and the state of what decoded it, on which later frames depend."""

    time: int
    state: int
    frame: VideoFrame


class FrameReader:
    """Reads the part of a film that is wanted, past whatever is broken.

    damaged_places: how many were skipped so far, since reading last began.
    """

    def __init__(self, film: Film, cut: Cut, shown_size: tuple[int, int]) -> None:
        """shown_size: (width, height) of each frame's small picture, which is stored as it is, unturned."""
        self.film, self.cut, self.shown_size = film, cut, shown_size
        self.damaged_places = 0
        self._start = round((cut.start or 0) / film.time_base)
        self._lightness = shown_lightness(film.tags.code)

    def read(
        self, *, first: int = 0, seen: Sequence[Moment] = (), only_keys: bool = False
    ) -> Generator[Frame]:
        """Yield the frames in order; numbers and times begin at the start of the cut.

        first: the number of the first frame to yield. seen: the moments from that one on, as an earlier run
        noted them: decoding begins shortly before them, where that is found to give the same frames, and else
        at the film's beginning. only_keys: only the frames that stand alone in the file, which is quick.
        """
        place = next((place for place in self._places(seen) if self._shows(place, seen)), None)
        self.damaged_places = 0
        decoding = self._wanted(place, only_keys)
        frames = islice(decoding, first, None) if place is None else _from(seen[0], decoding)
        for number, decoded in enumerate(frames, start=first):
            yield self._frame(number, decoded)

    def _places(self, seen: Sequence[Moment]) -> Iterator[int]:
        """Yield the ticks, as the file counts them, from which decoding may come upon what was seen."""
        for seconds in EARLIER if seen else ():
            place = seen[0].time + self._start - round(seconds / self.film.time_base)
            if place > 0:
                yield place + self.film.first_tick

    def _shows(self, place: int, seen: Sequence[Moment]) -> bool:
        """Tell whether decoding from there gives what was seen."""
        with closing(self._wanted(place)) as frames:
            found = _from(seen[0], islice(frames, MOST_EARLIER))
            moments = (self._frame(0, decoded).moment for decoded in found)
            try:
                return all(next(moments, None) == moment for moment in seen)
            except av.FFmpegError:  # the container cannot be searched
                return False

    def _frame(self, number: int, decoded: _Decoded) -> Frame:
        luma = _gray(decoded.frame, self.film)
        moment = Moment(decoded.time, crc32(luma.data, decoded.state))
        return Frame(number, moment, luma, self._lightness[shrink(luma, *self.shown_size)])

    def _wanted(self, place: int | None = None, only_keys: bool = False) -> Generator[_Decoded]:
        """Yield the frames within the cut; place: where to look for the key frame to begin at."""
        film, cut = self.film, self.cut
        with opened(film.path) as container:
            stream = container.streams.video[film.stream]
            stream.thread_type = "AUTO"
            stream.codec_context.thread_count = max(1, available_cpus() // 2)  # each holds frames
            if only_keys:
                stream.codec_context.skip_frame = "NONKEY"
            packets = self._packets(container, stream)
            if place is not None:
                container.seek(place, stream=stream)
                packets = dropwhile(lambda packet: not packet.is_keyframe, packets)
            deinterlacer = _Deinterlacer(stream)
            for time, frame in _timed(deinterlacer.progressive(self._decoded(packets, stream)), film):
                if cut.end is not None and time * film.time_base >= cut.end:
                    return
                if cut.holds(time * film.time_base):
                    state = 2 * stream.codec_context.reorder_depth + deinterlacer.is_on
                    yield _Decoded(time - self._start, state, frame)

    def _decoded(self, packets: Iterable["Packet[VideoStream]"], stream: VideoStream) -> Iterator[VideoFrame]:
        for packet in packets:
            yield from self._frames(stream, packet)
        yield from self._frames(stream, None)

    def _packets(self, container: InputContainer, stream: VideoStream) -> Iterator["Packet[VideoStream]"]:
        """Yield what the file holds; past a place that cannot be read, what comes after it."""
        failures = 0
        while failures < MOST_FAILURES:
            try:
                for packet in read_packets(container, [stream]):
                    if packet.size:
                        failures = 0
                        yield packet
            except av.FFmpegError:
                self.damaged_places += 1
                failures += 1
            else:
                return

    def _frames(self, stream: VideoStream, packet: "Packet[VideoStream] | None") -> list[VideoFrame]:
        try:
            return stream.decode(packet)
        except av.EOFError:
            return []
        except av.FFmpegError:
            self.damaged_places += 1
            return []


def _from(moment: Moment, frames: Iterable[_Decoded]) -> Iterator[_Decoded]:
    """Leave out the frames before a moment."""
    return dropwhile(lambda decoded: decoded.time < moment.time, frames)


class _Deinterlacer:
    """Makes whole frames of interlaced ones, one of each, at the same time.

    is_on: whether one has come; from then on every frame goes through the filter.
    """

    def __init__(self, stream: VideoStream) -> None:
        self._stream = stream
        self._graph: av.filter.Graph | None = None

    @property
    def is_on(self) -> bool:
        return self._graph is not None

    def progressive(self, frames: Iterable[VideoFrame]) -> Iterator[VideoFrame]:
        """Yield whole frames for those that come."""
        for frame in frames:
            if self._graph is None and not frame.interlaced_frame:
                yield frame
                continue
            self._graph = self._graph or _deinterlacer(self._stream)
            yield from _filtered(self._graph, frame, self._stream)
        if self._graph:
            yield from _filtered(self._graph, None, self._stream)


def _deinterlacer(stream: VideoStream) -> av.filter.Graph:
    graph = av.filter.Graph()
    graph.link_nodes(
        graph.add_buffer(template=stream),
        graph.add("bwdif", "mode=send_frame:deint=interlaced"),
        graph.add("buffersink"),
    ).configure()
    return graph


def _filtered(graph: av.filter.Graph, frame: VideoFrame | None, stream: VideoStream) -> Iterator[VideoFrame]:
    """Give the filter a frame, or the end, and take what it has ready."""
    time_base = stream.time_base or Fraction(1, 1000)
    graph.push(frame)
    while True:
        try:
            frame = graph.vpull()
        except (BlockingIOError, EOFError):
            return
        if frame.pts is not None and frame.time_base:
            frame.pts = round(frame.pts * frame.time_base / time_base)  # the filter counts in half ticks
            frame.time_base = time_base
        yield frame


def _timed(frames: Iterable[VideoFrame], film: Film) -> Iterator[tuple[int, VideoFrame]]:
    """Give every frame a time later than the one before, the film's own wherever that is so."""
    usual = max(1, round(1 / film.rate / film.time_base))
    clock = Clock(film, film.time_base)
    for frame in frames:
        yield clock.time(None if frame.pts is None else frame.pts - film.first_tick, usual), frame


def _gray(frame: VideoFrame, film: Film) -> np.ndarray:
    """Return the luma of a gray frame of the same L*: uint8 (h, w), a copy."""
    if not PLANES_OF_LUMA.fullmatch(frame.format.name):
        frame = frame.reformat(
            format="yuv444p", dst_colorspace=film.tags.matrix, dst_color_range=film.tags.range
        )
    if (frame.width, frame.height) != (film.width, film.height):
        frame = frame.reformat(film.width, film.height)
    luma = _copy_apart(_plane(frame, 0))
    return (
        gray_luma(luma, darkening_of(_half_rgb(frame, film), film.tags.code)) if _is_colored(frame) else luma
    )


def _copy_apart(luma: np.ndarray) -> np.ndarray:
    """Return a copy in memory of its own, which is the system's again as soon as the frame is done.

    Many frames wait, and among the small blocks of the heap they would leave holes of their size.
    """
    copy = np.frombuffer(mmap(-1, luma.size), np.uint8).reshape(luma.shape)
    copy[:] = luma
    return copy


def _plane(frame: VideoFrame, number: int) -> np.ndarray:
    """Return a plane's samples, rounded to 8 bits: uint8 (h, w)."""
    plane, bits = frame.planes[number], frame.format.components[number].bits
    dtype = np.dtype(np.uint8 if bits == 8 else "<u2")
    rows = np.frombuffer(memoryview(plane), dtype).reshape(-1, plane.line_size // dtype.itemsize)
    samples: np.ndarray = rows[: plane.height, : plane.width]
    return samples if bits == 8 else cv2.convertScaleAbs(samples, alpha=2.0 ** (8 - bits))


def _is_colored(frame: VideoFrame) -> bool:
    return any(_strays(_plane(frame, number)) for number in range(1, min(3, len(frame.planes))))


def _strays(chroma: np.ndarray) -> bool:
    low, high, *_ = cv2.minMaxLoc(chroma)
    return low < NEUTRAL - GRAY_WITHIN or high > NEUTRAL + GRAY_WITHIN


def _half_rgb(frame: VideoFrame, film: Film) -> np.ndarray:
    """Return a frame's colours at half its size, rounded up: uint8 (h / 2, w / 2, 3)."""
    half = frame.reformat(
        (frame.width + 1) // 2,
        (frame.height + 1) // 2,
        "rgb24",
        interpolation="AREA",
        src_colorspace=film.tags.matrix,
        src_color_range=film.tags.range,
    )
    return half.to_ndarray()
