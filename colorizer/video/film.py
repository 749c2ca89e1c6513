"""What a film is, found from its content before it is coloured: picture, time, turn, colour code, tracks."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import av
from av.container import InputContainer
from av.packet import Packet
from av.sidedata.sidedata import SideData
from av.stream import Disposition, Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from colorizer.color.plane_code import PlaneCode
from colorizer.errors import BadField, ColorizerError, DamagedFilm, NotAFilm, UnsupportedFilm

if TYPE_CHECKING:
    AnyPacket = Packet[Any]

MAX_PIXELS = 36_000_000  # a frame of 8K has 33 million
HIGH_RESOLUTION = (
    720  # lines; a film that does not say is BT.709 from here on, BT.601 below, as players take it
)
BT709, BT601_625, BT601_525, BT2020, BT2020_CONSTANT = 1, 5, 6, 9, 10  # matrices, ISO/IEC 23091-2
LUMA_OF_MATRIX = {
    BT709: (0.2126, 0.0722),
    BT601_625: (0.299, 0.114),
    BT601_525: (0.299, 0.114),
    BT2020: (0.2627, 0.0593),
    BT2020_CONSTANT: (0.2627, 0.0593),
}
PQ, HLG = 16, 18  # transfer curves of high dynamic range
LIMITED, FULL = 1, 2  # FFmpeg's numbers of the ranges
# Lists of other files (HLS, DASH, concat) are no films: they would let a film's giver read our files.
GUARDS = {
    "protocol_whitelist": "file",
    "format_whitelist": "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,asf,flv,ogg,dv,mxf,"
    "nut,rm,ivf,h264,hevc,m4v,yuv4mpegpipe",
}
FAIRPLAY = "drmi"
MOST_TRIED = 1000  # packets, until a frame must have come
TIMES_WITHOUT_MEANING = {"mpeg", "mpegts"}  # their clocks start anywhere


@dataclass(frozen=True)
class ColorTags:
    """The numbers of ISO/IEC 23091-2 that say what a film's bytes mean; 2 is "unspecified"."""

    range: int
    matrix: int
    primaries: int
    transfer: int

    @property
    def code(self) -> PlaneCode:
        """What the bytes of the planes mean."""
        red, blue = LUMA_OF_MATRIX[self.matrix]
        return PlaneCode(red, blue) if self.range == FULL else PlaneCode(red, blue, 16, 235, 224)


@dataclass(frozen=True)
class Film:
    """A film that can be coloured.

    stream: which of the file's pictures it is. width, height: of the frames as they are
    stored. time_base: seconds a tick. rate: frames a second, about. pixel_aspect: width of a pixel over its
    height. matrix: 36 bytes, the container's display matrix, or None. turn: degrees, counterclockwise, that
    bring a stored frame upright. duration: seconds, or None where the file does not say. frames: about how
    many there are, or None. first_tick: the time of the file's own start.
    """

    path: Path
    format: str
    stream: int
    width: int
    height: int
    time_base: Fraction
    rate: Fraction
    pixel_aspect: Fraction
    tags: ColorTags
    matrix: bytes | None
    turn: int
    duration: float | None
    frames: int | None
    first_tick: int

    @property
    def says_its_end(self) -> bool:
        """Whether the duration is written down; a stream's is only guessed from the times at its end."""
        return self.format not in TIMES_WITHOUT_MEANING

    @property
    def shape_shown(self) -> tuple[int, int]:
        """(width, height) as a person sees the film: pixels made square, upright."""
        width, height = max(1, round(self.width * self.pixel_aspect)), self.height
        return (height, width) if self.turn % 180 else (width, height)


@dataclass(frozen=True)
class Cut:
    """The part of a film that is wanted: from `start` up to `end`, seconds; None is the film's own."""

    start: Fraction | None = None
    end: Fraction | None = None

    def holds(self, seconds: Fraction) -> bool:
        """Tell whether a moment of the film is within."""
        return (self.start is None or self.start <= seconds) and (self.end is None or seconds < self.end)


WHOLE = Cut()


def read_film(path: Path) -> Film:
    """Find out what a film is, by opening it and decoding its first frame.

    Raises NotAFilm, DamagedFilm or UnsupportedFilm.
    """
    with opened(path) as container:
        stream = _picture(container)
        frame = _first_frame(container, stream)
        tags = _tags(frame)
        return Film(
            path=path,
            format=container.format.name,
            stream=container.streams.video.index(stream),
            width=stream.width,
            height=stream.height,
            time_base=stream.time_base or Fraction(1, 1000),
            rate=_rate(stream),
            pixel_aspect=stream.sample_aspect_ratio or Fraction(1),
            tags=tags,
            matrix=_matrix(frame),
            turn=round(frame.rotation / 90) * 90 % 360,
            duration=_duration(container, stream),
            frames=_frame_count(container, stream),
            first_tick=_first_tick(container, stream),
        )


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """Open a film's file; its content decides what it is, not its name. Raises NotAFilm."""
    if os.path.exists(path) and not os.path.isfile(path):  # a pipe, which could be read but once
        raise NotAFilm("A film is a file; this is a folder, a pipe or a device.")
    try:
        container = av.open(file_url(path), "r", options=GUARDS, metadata_errors="replace")
    except (av.FFmpegError, OSError, ValueError) as error:
        raise NotAFilm(_why_not_opened(path, error)) from error
    with container:
        yield container


def file_url(path: Path) -> str:
    """Return a file's name for FFmpeg, to which what is before a colon, as in "12:30.mp4", is a protocol."""
    return f"file:{path}"


def no_frame(cut: Cut) -> ColorizerError:
    """Return what it means that there is no frame: the film is damaged, or the part is beyond it."""
    if cut == WHOLE:
        return DamagedFilm("There is no frame in this film that can be decoded.")
    return BadField("There is no frame in the part of the film that is wanted.")


def read_packets(container: InputContainer, tracks: Sequence[Stream]) -> Iterator["AnyPacket"]:
    """Yield what a file holds of some tracks, and an empty packet of each at the end.

    Raises av.FFmpegError at a place that cannot be read.
    """
    try:
        yield from container.demux(tracks)
    except IndexError:  # PyAV's, at the end of a file whose beginning did not announce all of its tracks
        return


def _why_not_opened(path: Path, error: Exception) -> str:
    if isinstance(error, OSError) and not isinstance(error, av.InvalidDataError) and not path.is_file():
        return f"The file cannot be read: {error.strerror}."
    return "This is not a film that we can read, or its beginning or index is missing."


def _picture(container: InputContainer) -> VideoStream:
    """Return the first stream of moving pictures; the cover of a song is none."""
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        raise NotAFilm("There is no moving picture in this file, only sound or text.")
    stream = streams[0]
    if stream.codec_context is None:
        raise UnsupportedFilm("We know no decoder for the picture of this film.")
    if stream.codec_tag == FAIRPLAY:
        raise _encrypted()
    if stream.width * stream.height > MAX_PIXELS:
        raise UnsupportedFilm(
            f"A frame has {stream.width}x{stream.height} pixels; at most {MAX_PIXELS:,} are taken."
        )
    return stream


def _first_frame(container: InputContainer, stream: VideoStream) -> VideoFrame:
    with suppress(av.FFmpegError):
        for packet in islice(read_packets(container, [stream]), MOST_TRIED):
            if packet.has_sidedata("encryption_info"):  # of Common Encryption, ISO/IEC 23001-7
                raise _encrypted()
            with suppress(av.FFmpegError):
                if frames := packet.decode():
                    return frames[0]
    raise DamagedFilm("No frame of this film can be decoded; the file is damaged or empty.")


def _encrypted() -> UnsupportedFilm:
    return UnsupportedFilm("The film is encrypted (DRM); only its owner's player can show it.")


def _tags(frame: VideoFrame) -> ColorTags:
    if frame.color_trc in (PQ, HLG):
        raise UnsupportedFilm(
            "The film has a high dynamic range (HDR), which we cannot keep. Convert it to SDR (BT.709) first."
        )
    whole = frame.color_range == FULL or frame.format.name.startswith(("yuvj", "gray"))
    matrix = frame.colorspace
    if matrix not in LUMA_OF_MATRIX:
        matrix = BT709 if frame.height >= HIGH_RESOLUTION else BT601_525
    return ColorTags(FULL if whole else LIMITED, matrix, frame.color_primaries, frame.color_trc)


def _matrix(frame: VideoFrame) -> bytes | None:
    """Return the display matrix, nine 32-bit numbers in the machine's byte order."""
    data = frame.side_data.get("DISPLAYMATRIX")
    return bytes(cast(SideData, data)) if data else None


def _rate(stream: VideoStream) -> Fraction:
    return stream.average_rate or stream.guessed_rate or Fraction(25)


def _duration(container: InputContainer, stream: VideoStream) -> float | None:
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else None


def _frame_count(container: InputContainer, stream: VideoStream) -> int | None:
    duration = _duration(container, stream)
    return stream.frames or (round(duration * _rate(stream)) if duration else None)


def _first_tick(container: InputContainer, stream: VideoStream) -> int:
    if container.format.name not in TIMES_WITHOUT_MEANING or not container.start_time:
        return 0
    return round(Fraction(container.start_time, av.time_base) / (stream.time_base or 1))
