"""Colours a film, from a file to a file: the stages of the work, side by side.

    FrameReader    decode, and make gray and small           (frames.py)
    find_shots     motion, cuts, keys                        (shots.py)
    _predicted     the network's colours of the keys
    steady_colors  the colours of all frames                 (steady.py)
    _joined        the frame's own luma with these colours
    encode_piece   some seconds at a time                    (encoder.py)

Each is a generator that takes what the one before it yields, in a thread of its own (ahead.py), so that a
film of two hours needs no more memory than one of ten seconds.
"""

import json
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from fractions import Fraction
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path

import numpy as np

from colorizer import __version__
from colorizer.color.jpeg_planes import color_luma
from colorizer.errors import BadField
from colorizer.options import (
    DEFAULT_SATURATION,
    DEFAULT_STRATEGY,
    DEFAULT_WARMTH,
    SATURATION,
    WARMTH,
    Number,
    check_choice,
)
from colorizer.photo.metadata import NOTE
from colorizer.strategies.base import Strategy
from colorizer.strategies.registry import create_strategy
from colorizer.video.ahead import ahead
from colorizer.video.encoder import CODECS, Planes, encode_piece
from colorizer.video.film import Cut, Film, no_frame, read_film
from colorizer.video.frames import Frame, FrameReader
from colorizer.video.joining import CONTAINERS, Joining, check_container, lost_tracks
from colorizer.video.pieces import Moment, Piece, Pieces, film_digest, pieces_for
from colorizer.video.prediction import Painter
from colorizer.video.shots import KEY_EVERY, find_shots
from colorizer.video.spots import TrackedHint, first_needed, track
from colorizer.video.steady import REACH, Glimpse, steady_colors
from colorizer.video.timed_hints import TimedHint

PIECE_FRAMES = 240
DIGITS = 16  # of a digest in a piece's name
PLACES = 2  # frames that wait between two stages; each place of each queue is 2 MB at 1080 lines
# What frames before a piece have a say in its colours; a multiple of KEY_EVERY, so that the first is a key.
HISTORY = -(-(REACH + 4 * KEY_EVERY) // KEY_EVERY) * KEY_EVERY
CUT_OFF = 1.0  # seconds that may be missing at the end before we speak of it
TIME = Number(0, 1e6)
NEUTRAL = 128
Tracks = Mapping[int, Sequence[TrackedHint]]  # by the number of the frame
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class FilmOptions:
    """How a film is coloured.

    codec: a key of `CODECS`; crf: its quality, smaller is better, None for the codec's own. start, end:
    seconds of the part that is wanted. saturation: 0 to 2, multiplies the predicted ab. warmth: -1 to 1, of
    the light. compare: before and after, side by side. hints: what a person says of spots, each followed
    through its shot.
    """

    codec: str = "h264"
    crf: int | None = None
    start: float | None = None
    end: float | None = None
    saturation: float = DEFAULT_SATURATION
    warmth: float = DEFAULT_WARMTH
    compare: bool = False
    hints: tuple[TimedHint, ...] = ()

    def check(self) -> None:
        """Raise BadField where an option makes no sense."""
        codec = CODECS[check_choice(self.codec, tuple(CODECS), "codec")]
        if self.crf is not None and (codec.crf is None or not 0 <= self.crf <= codec.worst_crf):
            best = "has none" if codec.crf is None else f"is from 0 to {codec.worst_crf}"
            raise BadField(f"The crf of {self.codec} {best}, so not {self.crf}.")
        SATURATION.check(self.saturation, "saturation")
        WARMTH.check(self.warmth, "warmth")
        for name in ("start", "end"):
            if getattr(self, name) is not None:
                TIME.check(getattr(self, name), name)
        if self.start is not None and self.end is not None and self.start >= self.end:
            raise BadField(f"The start, {self.start:g} s, is not before the end, {self.end:g} s.")

    @property
    def cut(self) -> Cut:
        """The part that is wanted, in the numbers that were meant."""
        return Cut(_exact(self.start), _exact(self.end))


@dataclass
class ColorizedFilm:
    """A coloured film and what is known about it.

    notes: sentences that its owner should hear; damages: those of them that tell of what is not in it;
    pieces: what it was joined from, while their files are there.
    """

    path: Path
    frames: int
    strategy: str
    notes: list[str]
    damages: list[str]
    pieces: list[Piece]


def colorize_video(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    strategy: str | Strategy = DEFAULT_STRATEGY,
    options: FilmOptions = FilmOptions(),
    progress: Progress = lambda done, total: None,
) -> ColorizedFilm:
    """Colour a film; what stands at `target` is replaced, whole, when all is done.

    Work that was stopped goes on where it stopped when it is asked for again. progress: called with the
    frames done and, where it is known, the frames in all; to cancel, it may raise Cancelled.
    Raises FilmError where the film cannot be read, OptionError where an option makes no sense, WeightsError
    where the network cannot be loaded, OutputError where the result cannot be written.
    """
    strategy = create_strategy(strategy) if isinstance(strategy, str) else strategy
    coloring = FilmColoring(read_film(Path(source)), Path(target), strategy, options)
    with pieces_for(coloring.target, coloring.codec.container) as pieces:
        return coloring.run(pieces, progress)


class FilmColoring:
    """One film, one order."""

    def __init__(self, film: Film, target: Path, strategy: Strategy, options: FilmOptions) -> None:
        """target: its ending says which container. Raises OptionError where an option makes no sense."""
        options.check()
        self.film, self.target, self.strategy, self.options = film, target, strategy, options
        self.codec = CODECS[options.codec]
        self.cut = options.cut
        self._suffix = target.suffix.lower()
        check_container(film, self._suffix, self.codec)

    def run(
        self, pieces: Pieces, progress: Progress, on_piece: Callable[[Piece], object] = lambda piece: None
    ) -> ColorizedFilm:
        """Colour the pieces that are not there yet, and join all; on_piece: is told of each new one.

        Takes and raises what `colorize_video` does.
        """
        self.strategy.load()
        options = self.options
        self.painter = Painter(self.film, self.strategy, options.saturation, options.warmth)
        self.reader = FrameReader(self.film, self.cut, self.painter.shown_size)
        self._order = self._all_but_hints()
        self._tracks = self._follow_hints(pieces)
        finished = self._color(pieces, progress, on_piece)
        if not finished:
            raise no_frame(self.cut)
        whole = pieces.folder / f"whole{self._suffix}"
        note = NOTE.format(strategy=self.strategy.name)
        left_out = Joining(self.film, CONTAINERS[self._suffix], note, self.cut).write(finished, whole)
        whole.replace(self.target)
        frames = sum(len(piece.times) for piece in finished)
        progress(frames, frames)
        damages = self._damages(finished, left_out)
        notes = [*damages, *self._losses()]
        return ColorizedFilm(self.target, frames, self.strategy.name, notes, damages, finished)

    def _all_but_hints(self) -> str:
        """Return all that every piece depends on."""
        order = {
            "film": film_digest(self.film.path),
            "strategy": self.strategy.name,
            "options": asdict(replace(self.options, hints=())),
            "version": __version__,
        }
        return json.dumps(order, sort_keys=True)

    def _name(self, number: int, tracks: Tracks) -> str:
        """Return the name of a piece, which changes with whatever the piece is made from.

        Of the hints only those count that a frame near enough has, to have a say in its colours.
        """
        start = number * PIECE_FRAMES
        near = range(start - HISTORY, start + PIECE_FRAMES + HISTORY)
        hints = [(frame, tracks[frame]) for frame in near if tracks.get(frame)]
        return f"{number:05}-{sha256(f'{self._order}{hints}'.encode()).hexdigest()[:DIGITS]}"

    def _color(self, pieces: Pieces, progress: Progress, on_piece: Callable[[Piece], object]) -> list[Piece]:
        """Colour and encode the pieces that are missing; returns all, up to the film's end."""
        found: list[Piece] = []
        while True:
            found += self._find(pieces, len(found), self._tracks)
            if found and len(found[-1].times) < PIECE_FRAMES:
                return found
            new = list(self._color_missing(found, pieces, progress, on_piece))
            if not new:
                return found
            found += new

    def _find(self, pieces: Pieces, number: int, tracks: Tracks) -> Iterator[Piece]:
        """Yield the pieces that are there, from one on up to the first that is missing."""
        while piece := pieces.find(self._name(number, tracks)):
            yield piece
            number += 1

    def _color_missing(
        self,
        found: Sequence[Piece],
        pieces: Pieces,
        progress: Progress,
        on_piece: Callable[[Piece], object],
    ) -> Iterator[Piece]:
        """Colour and encode piece after piece, from the first that is missing up to one that is not."""
        number, done = len(found), _moments(found)
        with closing(self._colored(done, progress)) as frames:
            for first in frames:
                some = chain([first], islice(frames, PIECE_FRAMES - 1))
                moments = encode_piece(some, pieces.draft(), self.film, self.codec, self.options.crf)
                piece = pieces.keep(self._name(number, self._tracks), moments)
                on_piece(piece)
                yield piece
                number += 1
                if pieces.find(self._name(number, self._tracks)):
                    return

    def _colored(self, done: Sequence[Moment], progress: Progress) -> Generator[tuple[Moment, Planes]]:
        """Yield (moment, planes) of every frame that is wanted after those that are done."""
        first = max(0, len(done) - HISTORY)
        frames = self.reader.read(first=first, seen=done[first:])
        glimpses = find_shots(ahead(frames, PLACES), self.painter.grid_size)
        colors = steady_colors(ahead(self._predicted(ahead(glimpses, PLACES)), PLACES))
        joined = ahead(self._joined(colors, len(done)), PLACES)
        for number, item in enumerate(joined, start=len(done)):
            progress(number, self._frames_in_all())
            yield item

    def _predicted(self, glimpses: Iterator[Glimpse]) -> Generator[Glimpse]:
        """Let the network colour the keys, and correct what a person said of them."""
        for glimpse in glimpses:
            if glimpse.is_key:
                hints = self._tracks.get(glimpse.frame.number, [])
                glimpse.ab = self.painter.predict(glimpse.steady_shown, hints)
            yield glimpse

    def _follow_hints(self, pieces: Pieces) -> Tracks:
        """Follow the hints through their shots, which takes a look at the film of its own.

        What pieces without hints have noted spares the look at what is long before.
        """
        hints, start = self.options.hints, self.options.start or 0.0
        if not hints:
            return {}
        known = _moments(self._find(pieces, 0, {}))
        first = first_needed(hints, self.film, known, start)
        reader = FrameReader(self.film, self.cut, self.painter.shown_size)
        frames = reader.read(first=first, seen=known[first : first + HISTORY])
        with closing(ahead(frames, PLACES)) as frames:
            return track(hints, self.film, find_shots(frames, self.painter.grid_size), self.cut)

    def _joined(
        self, colors: Generator[tuple[Frame, np.ndarray]], done: int
    ) -> Generator[tuple[Moment, Planes]]:
        """Join each frame's luma with its ab; the frames before `done` are only here for what they tell."""
        code = self.film.tags.code
        with closing(colors):
            for frame, ab in colors:
                if frame.number >= done:
                    before = frame.luma.copy() if self.options.compare else None
                    planes = color_luma(frame.luma, ab, frame.shown, code)
                    yield frame.moment, planes if before is None else _side_by_side(before, planes)

    def _frames_in_all(self) -> int | None:
        """Return how many frames there will be, about; None where the film does not say."""
        if self.film.duration is None or self.film.frames is None:
            return None
        end = self.film.duration if self.options.end is None else min(self.options.end, self.film.duration)
        seconds = max(0.0, end - (self.options.start or 0.0))
        return round(self.film.frames * seconds / self.film.duration)

    def _losses(self) -> list[str]:
        """Say what in the result would be more like the film, if something else were asked for."""
        notes = []
        if len(lost_tracks(self.film, ".mkv")) < len(lost_tracks(self.film, self._suffix)):
            notes.append("An .mkv file, named with --output, holds more of the film's tracks.")
        if not self.codec.takes_odd and (self.film.width % 2 or self.film.height % 2):
            notes.append(
                "The film has an odd side, so it is encoded as 4:4:4; --codec vp9 plays in more places."
            )
        return notes

    def _damages(self, finished: Sequence[Piece], left_out: int) -> list[str]:
        """Say what of the film is not in the result; left_out: packets of sound and subtitles."""
        lost = lost_tracks(self.film, self._suffix)
        notes = [f"A track ({kind}) is left out: a {self._suffix} file cannot hold it." for kind in lost]
        if self.reader.damaged_places:
            notes.append(f"The film is damaged in {self.reader.damaged_places} places, which were skipped.")
        if left_out:
            notes.append(f"Sound or subtitles are damaged in {left_out} places, which were left out.")
        if missing := self._missing_seconds(finished[-1].times[-1]):
            notes.append(
                f"The film is cut off: {missing:.1f} s of the {self.film.duration:.1f} s are missing."
            )
        return notes

    def _missing_seconds(self, last: int) -> float:
        """Return how much of what the film says it has is not there; 0 where little or nothing is missing.

        last: the time of the last frame, in ticks from the start of the cut.
        """
        if self.film.duration is None or not self.film.says_its_end or self.cut.end is not None:
            return 0.0
        missing = self.film.duration - float((self.cut.start or 0) + last * self.film.time_base)
        return missing if missing > CUT_OFF else 0.0


def _exact(seconds: float | None) -> Fraction | None:
    """Return the number that was meant: 0.4 is 2/5."""
    return None if seconds is None else Fraction(seconds).limit_denominator(1_000_000)


def _moments(pieces: Iterable[Piece]) -> list[Moment]:
    return [moment for piece in pieces for moment in piece.moments]


def _side_by_side(before: np.ndarray, planes: Planes) -> Planes:
    """Return the planes of a frame twice as wide: the film's own luma, and what became of it."""
    even = before.shape[1] // 2 * 2
    y, cb, cr = planes
    gray = np.full((cb.shape[0], even // 2), NEUTRAL, np.uint8)
    return np.hstack([before[:, :even], y]), np.hstack([gray, cb]), np.hstack([gray, cr])
