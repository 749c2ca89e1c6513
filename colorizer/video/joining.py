"""Joins the coloured pieces, and copies the film's sound, subtitles, chapters and tags, into the result."""

import heapq
import io
import os
import struct
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import av
from av.container import InputContainer, OutputContainer
from av.packet import Packet
from av.stream import Disposition, Stream

from colorizer.errors import BadField, NotAFilm
from colorizer.photo.metadata import NOTE
from colorizer.video.clock import Clock
from colorizer.video.encoder import NONSENSE, Codec, refused
from colorizer.video.film import Cut, Film, file_url, opened, read_packets
from colorizer.video.pieces import Piece

if TYPE_CHECKING:
    from av.container.core import Chapter  # PyAV has these for type checkers only

    AnyPacket = Packet[Any]

COPIED = ("audio", "subtitle", "attachment")
ABOUT_THE_FILE = {"major_brand", "minor_version", "compatible_brands", "encoder", "duration"}
INDEX_FIRST = {"movflags": "+faststart"}  # a player can begin before it has all of the file
CONTAINERS = {".mp4": "mp4", ".mov": "mov", ".mkv": "matroska", ".webm": "webm"}  # by the ending of a name
OUR_NOTE = NOTE.partition(",")[0]
XMP_BOX = UUID("be7acfcb-97a9-42e8-9c71-999491e3afac")  # Adobe, XMP specification, part 3
XMP = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType='
    '"{source_type}"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
)
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/algorithmicallyEnhanced"


@dataclass(frozen=True)
class Joining:
    """What becomes of pieces: the film they are of, their container, the note that we leave, and the cut."""

    film: Film
    container: str
    note: str
    cut: Cut

    def write(self, pieces: Sequence[Piece], path: Path) -> int:
        """Write the pieces' picture, and the film's other tracks without encoding them anew.

        Returns how many packets of these were left out, since they are damaged. Raises OutputError where the
        file cannot be written, DamagedFilm where the film's tracks make no sense.
        """
        left_out = 0
        indexed = self.container in ("mp4", "mov")
        try:
            with ExitStack() as stack:
                source = stack.enter_context(opened(self.film.path))
                template = stack.enter_context(av.open(file_url(pieces[0].path)))
                options = self._options() if indexed else {}
                result = stack.enter_context(
                    av.open(file_url(path), "w", format=self.container, options=options)
                )
                picture = result.add_stream_from_template(template.streams.video[0], opaque=True)
                self._describe(picture, source)
                copies = {track.index: _add(result, track) for track in _kept(source, self.container)}
                self._label(result, source)
                tracks = _picture_packets(pieces, picture, self.film), self._copied_packets(source, copies)
                for _, packet in heapq.merge(*map(_timed, tracks), key=lambda item: item[0]):
                    try:
                        result.mux_one(packet)
                    except NONSENSE:
                        left_out += 1
            if indexed:
                _append_xmp(path)
        except av.FFmpegError as error:
            raise refused(error) from error
        return left_out

    def _options(self) -> dict[str, str]:
        """Return how an mp4 or mov file is written: with the film's own clock, so that nothing is rounded."""
        return {**INDEX_FIRST, "movie_timescale": str(self.film.time_base.denominator)}

    def _describe(self, picture: Stream, source: InputContainer) -> None:
        original = source.streams.video[self.film.stream]
        picture.time_base = self.film.time_base
        picture.metadata.update({k: v for k, v in original.metadata.items() if k not in ABOUT_THE_FILE})
        picture.disposition = Disposition.default

    def _label(self, result: OutputContainer, source: InputContainer) -> None:
        """Keep the film's tags and chapters, and add our note."""
        tags = {name: text for name, text in source.metadata.items() if name.lower() not in ABOUT_THE_FILE}
        comment = next((name for name in tags if name.lower() == "comment"), "comment")
        tags[comment] = f"{tags[comment]}\n{self.note}" if tags.get(comment) else self.note
        result.metadata.update({**tags, "DIGITAL_SOURCE_TYPE": SOURCE_TYPE})
        chapters = [moved for chapter in source.chapters() if (moved := self._moved(chapter))]
        if chapters:
            result.set_chapters(chapters)

    def _moved(self, chapter: "Chapter") -> "Chapter | None":
        """Return a chapter as it is in the cut; None where it is outside."""
        base, offset = chapter["time_base"] or Fraction(1, 1000), self.cut.start or 0
        start, end = (chapter[side] * base - offset for side in ("start", "end"))
        if end <= 0 or (self.cut.end is not None and start >= self.cut.end - offset):
            return None
        return {**chapter, "start": max(0, round(start / base)), "end": round(end / base)}

    def _copied_packets(self, source: InputContainer, copies: dict[int, Stream]) -> Iterator["AnyPacket"]:
        """Yield the packets of the other tracks within the cut, in the film's order, up to what is broken."""
        tracks = [source.streams[index] for index in copies if source.streams[index].type != "attachment"]
        shift = self.cut.start or self.film.first_tick * self.film.time_base
        clocks = {track.index: Clock(self.film, track.time_base or Fraction(1, 1000)) for track in tracks}
        with suppress(av.FFmpegError):
            for packet in read_packets(source, tracks) if tracks else ():
                if packet.dts is None:
                    continue
                time = clocks[packet.stream.index].time(packet.dts, packet.duration or 1)
                if self.cut.holds(time * packet.time_base):
                    ahead = 0 if packet.pts is None else max(0, packet.pts - packet.dts)
                    packet.dts = time - round(shift / packet.time_base)
                    packet.pts = packet.dts + ahead
                    packet.stream = copies[packet.stream.index]
                    yield packet


def usual_suffix(film: Film, codec: Codec) -> str:
    """Return the ending of a result's name: the film's own kind where that is mp4, mov or Matroska, else mp4.

    Matroska holds any track; so it takes the place of mp4 where that would lose one.
    """
    own = film.path.suffix.lower()
    if codec.container == "matroska":
        return ".mkv"
    if own in (".mp4", ".mov", ".mkv") and CONTAINERS[own] in film.format.split(","):
        return own
    return ".mkv" if len(lost_tracks(film, ".mkv")) < len(lost_tracks(film, ".mp4")) else ".mp4"


def lost_tracks(film: Film, suffix: str) -> list[str]:
    """Return the kinds of the film's tracks ("audio", "subtitle", "attachment") that a result cannot hold."""
    with opened(film.path) as source:
        return [track.type for track in _tracks(source) if not _fits(track, CONTAINERS[suffix])]


def check_container(film: Film, suffix: str, codec: Codec) -> None:
    """Raise BadField where files of this ending are none of ours, or the codec is none for it or the film."""
    if film.matrix and codec.container == "matroska":
        raise BadField("The film is turned when it is shown, which we cannot note with this codec.")
    if min(film.width, film.height) < codec.least:
        raise BadField(
            f"Frames have {film.width}x{film.height} pixels; this codec takes {codec.least} or more a side."
        )
    if suffix not in CONTAINERS:
        raise BadField(f"A film becomes {', '.join(CONTAINERS)}; {suffix or 'no ending'} is none of them.")
    with av.open(io.BytesIO(), "w", format=CONTAINERS[suffix]) as trial:
        try:
            trial.add_stream(codec.encoder, rate=25)
        except ValueError as error:
            raise BadField(f"A {suffix} file cannot hold this codec; choose another of the two.") from error


def is_result(path: Path) -> bool:
    """Tell whether a file is a film that we coloured: its note says so."""
    try:
        with opened(path) as container:
            return any(OUR_NOTE in text for text in container.metadata.values())
    except NotAFilm:
        return False


def _tracks(source: InputContainer) -> list[Stream]:
    return [stream for stream in source.streams if stream.type in COPIED]


def _kept(source: InputContainer, container: str) -> list[Stream]:
    return [track for track in _tracks(source) if _fits(track, container)]


def _fits(track: Stream, container: str) -> bool:
    """Tell whether a container can hold a track, which its head alone says where the track is damaged."""
    if track.type == "attachment" and container != "matroska":
        return False
    try:
        with av.open(io.BytesIO(), "w", format=container) as trial:
            _add(trial, track)
            trial.start_encoding()
    except (ValueError, av.FFmpegError):
        return False
    return True


def _add(result: OutputContainer, track: Stream) -> Stream:
    """Add a copy of a track."""
    copy: Stream = result.add_stream_from_template(track)
    copy.metadata.update(track.metadata)
    copy.disposition = track.disposition
    return copy


def _picture_packets(pieces: Sequence[Piece], picture: Stream, film: Film) -> Iterator["AnyPacket"]:
    """Yield the picture's packets as they were encoded, with the film's own times.

    The encoder's order of decoding stays. The n-th packet is decoded at the time of the n-th frame, less the
    delay that reordering needs.
    """
    ranks = [_ranks(piece) for piece in pieces]
    delay = max(at - rank for order in ranks for at, rank in enumerate(order))
    times = [time for piece in pieces for time in piece.times]
    usual = max(1, round(1 / film.rate / film.time_base))
    decoding = chain((times[0] - usual * early for early in range(delay, 0, -1)), times)
    for piece, order in zip(pieces, ranks, strict=True):
        with closing(_packets(piece)) as packets:
            for packet, rank in zip(packets, order, strict=True):
                packet.stream, packet.time_base = picture, film.time_base
                packet.pts, packet.dts, packet.duration = piece.times[rank], next(decoding), usual
                yield packet


def _packets(piece: Piece) -> Generator["AnyPacket"]:
    """Yield a piece's packets in the order of decoding."""
    with av.open(file_url(piece.path)) as container:
        yield from (packet for packet in container.demux(video=0) if packet.size)


def _ranks(piece: Piece) -> list[int]:
    """Return at which place each packet, in the order of decoding, is shown."""
    shown = [packet.pts or 0 for packet in _packets(piece)]
    places = {pts: rank for rank, pts in enumerate(sorted(shown))}
    return [places[pts] for pts in shown]


def _timed(packets: Iterable["AnyPacket"]) -> Iterator[tuple[Fraction, "AnyPacket"]]:
    for packet in packets:
        yield (packet.dts or 0) * packet.time_base, packet


def _append_xmp(path: Path) -> None:
    """Say in XMP, in a box at the file's end, that a program made the colours."""
    packet = XMP_BOX.bytes + XMP.format(source_type=SOURCE_TYPE).encode()
    with path.open("ab") as file:
        file.write(struct.pack(">I4s", 8 + len(packet), b"uuid") + packet)
        file.flush()
        os.fsync(file.fileno())
