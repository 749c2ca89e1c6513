"""What runs in the process that colours one film (apart.py): an order comes in, lines of JSON go out.

It is given nothing but files, and the system takes it first where memory runs out: a film may be made to
break or to take over the program that decodes it.
"""

import json
import os
import resource
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from colorizer.errors import DiskFull, FilmError, FilmTooLong, OptionError, UnsupportedFilm, WeightsError
from colorizer.process.courtesy import give_way
from colorizer.process.own import set_up_process
from colorizer.strategies.registry import create_strategy
from colorizer.video.coloring import FilmColoring, FilmOptions
from colorizer.video.encoder import CODECS
from colorizer.video.film import Film, read_film
from colorizer.video.joining import usual_suffix
from colorizer.video.order import DONE, END, FILM, FRAMES, NO_ROOM, PIECE, PROBLEM, RESULT, Order
from colorizer.video.pieces import Piece, Pieces
from colorizer.video.preview import show_piece
from colorizer.video.spots import upright_size
from colorizer.video.timed_hints import parse_timed_hints

MOST_FRAMES = 60  # for each second that a film may have: slow motion is taken, a flood of frames is not
OUT_OF_MEMORY_SCORE = b"1000"  # this process goes first

Say = Callable[[str, Any], None]


def main() -> None:
    """Colour the film of the order on stdin, and say on stdout how it goes; end when stdin does."""
    orders, answers = os.fdopen(os.dup(0), "r"), os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not mix with the answers
    order = Order(**json.loads(orders.readline()))
    threading.Thread(target=_end_with, args=(orders,), daemon=True).start()
    _be_modest(order.niceness)
    set_up_process()

    def say(what: str, told: Any) -> None:
        answers.write(json.dumps({what: told}) + "\n")
        answers.flush()

    try:
        _color(order, say)
    except DiskFull:
        say(NO_ROOM, True)
    except (FilmError, OptionError, WeightsError) as error:
        say(PROBLEM, {"code": error.code, "detail": str(error)})


def _end_with(orders: IO[str]) -> None:
    """End when whoever gave the order is gone."""
    orders.read()
    os._exit(1)


def _be_modest(niceness: int) -> None:
    give_way(niceness)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a film is in nobody's way, nor in a dump of memory
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_bytes(OUT_OF_MEMORY_SCORE)


def _color(order: Order, say: Say) -> None:
    film = read_film(Path(order.source))
    _check(film, order)
    width, height = upright_size(film)
    say(FILM, {"width": width, "height": height, "seconds": film.duration})
    coloring = _coloring(film, order)
    sheet = Path(order.folder) / FRAMES

    def on_frame(done: int, total: int | None) -> None:
        if done > order.longest * MOST_FRAMES:
            raise _too_long(order)
        say(DONE, [done, total])

    def on_piece(piece: Piece) -> None:
        if piece.times[-1] * film.time_base > order.longest:
            raise _too_long(order)
        if not sheet.exists():
            sheet.write_bytes(show_piece(piece, film, order.strategy))
        say(PIECE, piece.path.stem)

    result = coloring.run(Pieces(order.pieces, coloring.codec.container), on_frame, on_piece)
    pieces = [piece.path.stem for piece in result.pieces]
    say(
        END,
        {"suffix": result.path.suffix, "frames": result.frames, "pieces": pieces, "damages": result.damages},
    )


def _coloring(film: Film, order: Order) -> FilmColoring:
    options = FilmOptions(
        saturation=order.saturation, warmth=order.warmth, hints=parse_timed_hints(order.hints)
    )
    target = Path(order.folder) / f"{RESULT}{usual_suffix(film, CODECS[options.codec])}"
    models_dir = Path(order.models_dir) if order.models_dir else None
    return FilmColoring(film, target, create_strategy(order.strategy, models_dir, order.device), options)


def _check(film: Film, order: Order) -> None:
    if film.duration and film.duration > order.longest:
        raise _too_long(order)
    if film.width * film.height > order.most_pixels:
        raise UnsupportedFilm(
            f"A frame has {film.width}x{film.height} pixels; at most {order.most_pixels:,} are taken here."
        )


def _too_long(order: Order) -> FilmTooLong:
    return FilmTooLong(
        f"The film is longer than the {order.longest:g} s that are taken, or has more than {MOST_FRAMES}"
        " frames for each of them. Cut it into parts."
    )
