"""Colour a black-and-white photo: the library's face, which the page, the API and the command line call too.

    from image_colorizer import ImageColorizer
    result = ImageColorizer("colornet").colorize(open("grandma.jpg", "rb").read())
    open("grandma-colorized.jpg", "wb").write(result.data)

The photo is decoded; its lightness, made small, is shown to the network; the ab that the network predicts is
enlarged along the photo's edges and joined with the untouched lightness; the result is encoded.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from colorizer.color.chroma import color_pixels, lightness_shown
from colorizer.color.hints import Hint, check_hints, parse_hints, rasterise_hints
from colorizer.color.jpeg_planes import color_luma
from colorizer.color.lab import lab_to_hex, lightness_of
from colorizer.color.tint import is_colored
from colorizer.errors import BadField, HintsUnsupported, NotAPhoto
from colorizer.photo.image_io import (
    DEFAULT_LIMITS,
    MEDIA_TYPES,
    Limits,
    Photo,
    check_sides,
    photo_of_array,
    read_photo,
    write_jpeg_planes,
    write_photo,
)
from colorizer.photo.metadata import NOTE, Metadata
from colorizer.photo.pixels import to_8_bit
from colorizer.process.memory import give_back, use_one_pool
from colorizer.strategies.base import Prediction, Strategy
from colorizer.strategies.registry import create_strategy

DEFAULT_STRATEGY = "colornet"
LARGE = 4_000_000  # samples from which memory counts more than a millisecond
ARRAY = "array"  # what a photo that came in as an array becomes
STAGES = ("decode", "network", "chroma", "encode")
Colored = np.ndarray | tuple[np.ndarray, np.ndarray, np.ndarray]  # RGB(A) pixels, or Y, Cb and Cr planes


@dataclass(frozen=True)
class ColorizedPhoto:
    """A coloured photo and what is known about it.

    data, media_type: the encoded photo, where bytes came in. array: RGB (h, w, 3), or RGBA where the array
    that came in had alpha, of its dtype. width, height: in pixels, upright. confidence: 0 to 1, or None.
    confidence_map: float32 (h, w) on the network's grid, 0 to 1, or None. scene: (name, share) or None.
    already_colored: whether the photo was in colour before. timings: milliseconds of each stage and in total.
    """

    width: int
    height: int
    strategy: str
    data: bytes | None = None
    media_type: str | None = None
    array: np.ndarray | None = None
    confidence: float | None = None
    confidence_map: np.ndarray | None = None
    scene: tuple[str, float] | None = None
    already_colored: bool = False
    timings: dict[str, float] = field(default_factory=dict)


class ImageColorizer:
    """Colours photos with one strategy; safe to call from several threads."""

    def __init__(
        self,
        strategy: str | Strategy = DEFAULT_STRATEGY,
        *,
        device: str = "cpu",
        models_dir: Path | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        """Choose a strategy by name (or bring one) without loading it.

        device: "cpu" or "cuda". models_dir: where fetched weights are kept. limits: what photos are accepted.
        Raises UnknownStrategy.
        """
        if isinstance(strategy, str):
            strategy = create_strategy(strategy, models_dir, device)
        self.strategy = strategy
        self.limits = limits

    def load(self) -> None:
        """Load and verify the network now, so that the first photo takes no longer than the next.

        Raises WeightsNotInstalled, WeightsDamaged or DeviceUnavailable.
        """
        use_one_pool()
        self.strategy.load()
        self.colorize(_any_jpeg())  # makes the tables and takes the memory that every photo needs
        give_back()

    def colorize(
        self,
        photo: bytes | np.ndarray,
        *,
        hints: Iterable[Mapping | Hint] = (),
        format: str = "jpeg",
        quality: int = 92,
        saturation: float = 1.0,
    ) -> ColorizedPhoto:
        """Colour one photo.

        photo: the bytes of a jpg, png, WebP or TIFF file; or an array, gray (h, w), RGB (h, w, 3) or RGBA
        (h, w, 4), uint8 or uint16, whose result is an array too.
        hints: {"x", "y", "color"} in pixels of the upright photo; only the colour's a and b are used.
        format: "jpeg", "png" or "webp". quality: 1 to 100, of jpeg and webp. saturation: 0 to 2, multiplies
        the predicted ab.
        Raises PhotoError where the photo cannot be read or held, OptionError where an option makes no
        sense, WeightsError where the network cannot be loaded.
        """
        _check_options(format, quality, saturation)
        hints = self._parse_hints(hints)
        target = ARRAY if isinstance(photo, np.ndarray) else format
        watch = _Stopwatch()
        with watch.stage("decode"):
            opened = self._open(photo, target)
            check_hints(hints, opened.width, opened.height)
        with watch.stage("network"):
            shown, prediction = self._predict(opened, hints)
        with watch.stage("chroma"):
            _make_room(opened)
            ab = prediction.ab * np.float32(saturation)
            colored = _join(opened, ab, shown, target)
        with watch.stage("encode"):
            _make_room(opened)
            note = NOTE.format(strategy=self.strategy.name)
            result = _encode(colored, target, quality, opened.metadata, note)
        return ColorizedPhoto(
            width=opened.width,
            height=opened.height,
            strategy=self.strategy.name,
            confidence=prediction.confidence,
            confidence_map=prediction.confidence_map,
            scene=prediction.scene,
            already_colored=opened.sample is not None and is_colored(opened.sample),
            timings=watch.timings(),
            **result,
        )

    def suggest(self, photo: bytes | np.ndarray, x: int, y: int) -> list[tuple[str, float]]:
        """Return likely colours at pixel (x, y) of the upright photo, likeliest first.

        Each is ("#rrggbb", share) and has the photo's lightness there. Raises SuggestionsUnsupported where
        the strategy has no distribution, BadField where the spot is outside the photo, and what `colorize`
        raises.
        """
        opened = self._open(photo, "jpeg")
        if not (0 <= x < opened.width and 0 <= y < opened.height):
            raise BadField(
                f"The spot ({x}, {y}) is outside the photo of {opened.width}x{opened.height} pixels."
            )
        self.strategy.load()
        shown = _shown(opened, self.strategy)
        column, row = int(x * shown.shape[1] / opened.width), int(y * shown.shape[0] / opened.height)
        lightness = float(lightness_of(opened.pixels[int(y) : int(y) + 1, int(x) : int(x) + 1])[0, 0])
        colors = self.strategy.suggest(shown, column, row)
        return [(lab_to_hex(lightness, a, b), share) for (a, b), share in colors]

    def _parse_hints(self, hints: Iterable[Mapping | Hint]) -> tuple[Hint, ...]:
        hints = parse_hints(hints)
        if hints and not self.strategy.takes_hints:
            raise HintsUnsupported(f"The strategy {self.strategy.name} takes no colour hints. Use colornet.")
        return hints

    def _open(self, photo: bytes | np.ndarray, target: str) -> Photo:
        if isinstance(photo, np.ndarray):
            return photo_of_array(photo, self.limits)
        if not isinstance(photo, bytes | bytearray | memoryview):
            raise NotAPhoto(f"A photo is bytes or an array; this is a {type(photo).__name__}.")
        opened = read_photo(bytes(photo), self.limits, for_jpeg=target == "jpeg")
        check_sides(opened.width, opened.height, target)
        return opened

    def _predict(self, photo: Photo, hints: tuple[Hint, ...]) -> tuple[np.ndarray, Prediction]:
        """Return the lightness that the network is shown, and what it says."""
        self.strategy.load()
        shown = _shown(photo, self.strategy)
        size = (photo.width, photo.height)
        drawn = rasterise_hints(hints, size, shown.shape[::-1]) if hints else None
        return shown, self.strategy.predict(shown, drawn)


def _check_options(format: str, quality: int, saturation: float) -> None:
    if format not in MEDIA_TYPES:
        raise BadField(f"The format {format!r} is unknown; there are: {', '.join(MEDIA_TYPES)}.")
    if isinstance(quality, bool) or not isinstance(quality, int) or not 1 <= quality <= 100:
        raise BadField(f"The quality is {quality!r}; a whole number from 1 to 100 is expected.")
    if isinstance(saturation, bool) or not isinstance(saturation, int | float) or not 0 <= saturation <= 2:
        raise BadField(f"The saturation is {saturation!r}; a number from 0 to 2 is expected.")


def _any_jpeg() -> bytes:
    return cv2.imencode(".jpg", np.zeros((32, 32), np.uint8))[1].tobytes()


def _make_room(photo: Photo) -> None:
    """Let go of what the last stage needed, where the next one needs much."""
    if photo.pixels.size >= LARGE:
        give_back()


def _shown(photo: Photo, strategy: Strategy) -> np.ndarray:
    """Return the photo's L* at the size at which the strategy wants to see it, float32 (h, w)."""
    return lightness_shown(photo.pixels, *strategy.network_size(photo.width, photo.height))


def _join(photo: Photo, ab: np.ndarray, shown: np.ndarray, target: str) -> Colored:
    """Join the photo's own lightness with the predicted ab, in the shape that the target is made from."""
    if target == "jpeg" and photo.is_plain_gray:
        luma = np.require(to_8_bit(photo.pixels), requirements="W")  # it is overwritten
        return color_luma(luma, ab, shown)
    pixels = color_pixels(photo.pixels, ab, shown)
    if photo.profile:
        pixels = photo.profile.from_srgb(pixels)
    return pixels if photo.alpha is None else np.dstack([pixels, photo.alpha])


def _encode(colored: Colored, target: str, quality: int, metadata: Metadata, note: str) -> dict:
    """Return the result's fields: an array, or the file's bytes and their media type."""
    if target == ARRAY:
        return {"array": colored}
    if isinstance(colored, tuple):
        data = write_jpeg_planes(colored, quality, metadata, note)
    else:
        data = write_photo(colored, target, quality, metadata, note)
    return {"data": data, "media_type": MEDIA_TYPES[target]}


class _Stopwatch:
    """Milliseconds of each stage; a stage that did not happen took none."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._stages = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self._stages[name] = 1000 * (time.perf_counter() - start)

    def timings(self) -> dict[str, float]:
        return {**self._stages, "total": 1000 * (time.perf_counter() - self._start)}
