"""`ImageColorizer`, which walks photos through the stages (`colorizer/stages.py`)."""

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypedDict, Unpack, cast, overload

import cv2
import numpy as np
from PIL import Image

from colorizer.color.hints import Hint, check_hints, parse_hints
from colorizer.color.lab import lab_to_hex, lightness_of, rgb_to_lab
from colorizer.color.reference import Reference
from colorizer.color.spreading import Guide
from colorizer.color.suggestions import told_apart
from colorizer.color.variants import Wish, find_variants
from colorizer.errors import BadField, BadReference, PhotoError
from colorizer.options import (
    DEFAULT_QUALITY,
    DEFAULT_SATURATION,
    DEFAULT_STRATEGY,
    DEFAULT_WARMTH,
    FORMATS,
    QUALITY,
    SATURATION,
    WARMTH,
    Look,
    check_choice,
)
from colorizer.photo.formats import WRITTEN
from colorizer.photo.image_io import Photo, add_page, read_pages
from colorizer.photo.limits import DEFAULT_LIMITS, Limits
from colorizer.photo.metadata import NOTE, Metadata
from colorizer.photo.pixels import to_8_bit
from colorizer.photo.record import seal
from colorizer.photo.sources import FileSource, Source, read_source, samples_as
from colorizer.photo.tiff_writing import TiffWriter
from colorizer.process.memory import give_back
from colorizer.results import Colorized, ColorizedArray, ColorizedImage, ColorizedPhoto, Variant
from colorizer.stages import (
    Colored,
    correct,
    encode,
    join,
    open_mask,
    open_photo,
    paint,
    predict,
    record_of,
    refer,
    show,
    spot_of,
    turned,
    with_record,
)
from colorizer.strategies.base import Prediction, Strategy
from colorizer.strategies.colornet import Colornet
from colorizer.strategies.registry import create_strategy

LARGE = 4_000_000  # samples from which memory counts more than a millisecond
THUMBNAIL_SIDE, THUMBNAIL_QUALITY = 512, 85  # of variants
STAGES = ("decode", "network", "chroma", "encode")  # that are timed


class Options(TypedDict, total=False):
    """What `ImageColorizer.colorize` may be asked for, by name."""

    hints: Iterable[Hint | Mapping[str, object]]
    format: str
    quality: int
    saturation: float
    turn: int
    warmth: float
    mask: bytes | np.ndarray | None
    reference: Source | Reference | None


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
        self._given = {"strategy": strategy, "device": device, "models_dir": models_dir, "limits": limits}
        if isinstance(strategy, str):
            strategy = create_strategy(strategy, models_dir, device)
        self._where = models_dir, device
        self.strategy = strategy
        self.limits = limits

    def __getstate__(self) -> dict[str, Any]:
        """Return what to pickle: how the strategy is named, not its network, which is loaded again."""
        return self._given

    def __setstate__(self, given: dict[str, Any]) -> None:
        self.__init__(**given)  # type: ignore[misc]

    def __repr__(self) -> str:
        return f"ImageColorizer({self.strategy.name!r})"

    def load(self) -> None:
        """Load and verify the network now, so that the first photo takes no longer than the next.

        Raises WeightsNotInstalled, WeightsDamaged or DeviceUnavailable.
        """
        self.strategy.load()
        self.colorize(_any_jpeg())  # makes the tables and takes the memory that every photo needs
        give_back()

    @overload
    def colorize(self, photo: FileSource, **options: Unpack[Options]) -> ColorizedPhoto: ...
    @overload
    def colorize(self, photo: np.ndarray, **options: Unpack[Options]) -> ColorizedArray: ...
    @overload
    def colorize(self, photo: Image.Image, **options: Unpack[Options]) -> ColorizedImage: ...

    def colorize(  # noqa: PLR0913  options, by name only
        self,
        photo: Source,
        *,
        hints: Iterable[Hint | Mapping[str, object]] = (),
        format: str = FORMATS[0],
        quality: int = DEFAULT_QUALITY,
        saturation: float = DEFAULT_SATURATION,
        turn: int = 0,
        warmth: float = DEFAULT_WARMTH,
        mask: bytes | np.ndarray | None = None,
        reference: Source | Reference | None = None,
    ) -> ColorizedPhoto | ColorizedArray | ColorizedImage:
        """Colour one photo, and give it back in the shape in which it came.

        photo: a jpg, png, WebP or TIFF file as bytes, as a path (str or pathlib.Path) or open in binary mode;
        an array, gray (h, w) or (h, w, 1), RGB (h, w, 3) or RGBA (h, w, 4), uint8, uint16, or float32 or
        float64 of 0 to 1; or an image of Pillow.
        hints: {"x", "y", "color"} in pixels of the upright photo; only the colour's a and b are used.
        "reach", 0.25 to 4, says how far each speaks; {"x", "y", "keep": True} stays as it is.
        format: of a file, "jpeg", "png", "webp" or "tiff". quality: 1 to 100, of jpeg and webp. saturation:
        0 to 2, multiplies the predicted ab. turn: degrees clockwise, 0, 90, 180 or 270, by which the upright
        photo is turned before anything else, so that hints are in pixels of the turned one. warmth: -1 to 1,
        of the light; 1 is that of D50 instead of D65. mask: what was painted over it, a png file as bytes or
        RGBA uint8 (h, w, 4), of the photo's proportions and any size; where alpha is over half, the pixel
        asks for its colour. reference: a photo in colour, in any shape that a photo may have, or what
        `reference` made of it; what is like something on it takes its colours.
        Raises PhotoError where the photo cannot be read or held, OptionError where an option makes no
        sense, WeightsError where the network cannot be loaded.
        """
        check_choice(format, FORMATS, "format")
        quality = QUALITY.check(quality, "quality")
        saturation = SATURATION.check(saturation, "saturation")
        warmth = WARMTH.check(warmth, "warmth")
        wanted = parse_hints(hints)
        target = _target(photo, format)
        watch = _Stopwatch()
        with watch.stage("decode"):
            referred = self._referred(reference)
            opened = turned(open_photo(photo, self.limits, target), turn)
            check_hints(wanted, opened.width, opened.height)
            brushed = open_mask(mask, opened)
        corrected = bool(wanted) or brushed is not None
        with watch.stage("network"):
            shown, prediction = self._see(opened, referred)
            guide = self._guide(opened, prediction) if corrected else None
        with watch.stage("chroma"):
            _make_room(opened)
            painted = paint(prediction, shown, saturation, warmth)
            change = correct(opened, painted, guide, wanted, brushed) if guide else None
            colored = join(opened, *painted, target, change)
        with watch.stage("encode"):
            _make_room(opened)
            asked = {"hints": wanted, "turn": turn, "warmth": warmth}
            asked["mask"] = b"" if brushed is None else brushed.tobytes()
            asked["reference"] = referred.digest if referred else ""
            metadata = self._recorded(opened.metadata, Look(format, quality, saturation), asked)
            finished = self._finish(colored, target, quality, metadata)
        known = self._what_is_known(opened, prediction, watch.timings())
        return _result(finished, photo, target, opened.metadata, known)

    def colorize_pages(
        self,
        photo: FileSource,
        *,
        saturation: float = DEFAULT_SATURATION,
        reference: Source | Reference | None = None,
    ) -> ColorizedPhoto:
        """Colour all pages of full size of a TIFF into one TIFF; of their pixels few are in memory at once.

        The options are those of `colorize`. What is known about the result is known of its first page, but
        for `frames`, the number of all. Raises UnsupportedPhoto where the file is no TIFF, TooManyPixels also
        where the pages have too many together, and what `colorize` raises.
        """
        look = Look("tiff", saturation=SATURATION.check(saturation, "saturation"))
        watch, data, file = _Stopwatch(), read_source(photo), TiffWriter()
        referred, note = self._referred(reference), NOTE.format(strategy=self.strategy.name)
        self.strategy.load()
        asked = {"all_pages": True, "reference": referred.digest if referred else ""}
        record = record_of(hashlib.sha256(data).hexdigest(), self.strategy, look, **asked)
        known, pixels = None, 0
        for page in read_pages(data, self.limits):
            pixels += page.width * page.height
            self.limits.check_all_pages(pixels)
            prediction, colored = self._color_page(page, look.saturation, referred)
            metadata = page.metadata if known else replace(page.metadata, record=record)
            known = known or self._what_is_known(page, prediction, {})
            add_page(file, colored, with_record(metadata, "tiff"), note)
            del page, colored  # the next one needs their place
        facts = vars(known) | {"timings": watch.timings()}
        return ColorizedPhoto(data=seal(file.finish()), media_type=WRITTEN["tiff"].media_type, **facts)

    def _color_page(
        self, page: Photo, saturation: float, referred: Reference | None
    ) -> tuple[Prediction, np.ndarray]:
        shown, prediction = self._see(page, referred)
        _make_room(page)
        painted = paint(prediction, shown, saturation)
        return prediction, cast(np.ndarray, join(page, *painted, "tiff"))

    def variants(self, photo: Source, **options: Unpack[Options]) -> list[Variant]:
        """Return two to four ways to colour a photo, which differ where colornet is unsure.

        The first is that of `colorize`. The options are those of `colorize`; corrections that are there
        already are part of each, and format and quality mean nothing. Raises what `colorize` raises.
        """
        look = [
            SATURATION.check(options.get("saturation", DEFAULT_SATURATION), "saturation"),
            WARMTH.check(options.get("warmth", DEFAULT_WARMTH), "warmth"),
        ]
        own = list(options.get("hints", ()))
        referred = self._referred(options.get("reference"))
        opened = turned(open_photo(photo, self.limits), options.get("turn", 0))
        check_hints(parse_hints(own), opened.width, opened.height)
        mask = open_mask(options.get("mask"), opened)
        shown, prediction = self._see(opened, referred)
        guide = self._guide(opened, prediction)
        painted = paint(prediction, shown, *look)
        settled = [spot_of(opened, hint).place for hint in parse_hints(own)]
        ways = [[], *find_variants(guide, painted, settled)]
        described = [[*own, *(_hint(opened, wish) for wish in way)] for way in ways]
        changes = [correct(opened, painted, guide, parse_hints(hints), mask) for hints in described]
        small = _thumbnail(opened)
        pictures = [join(small, *painted, change=change) for change in changes]
        return [
            Variant(hints, encode(picture, quality=THUMBNAIL_QUALITY, strategy=self.strategy.name))
            for hints, picture in zip(described, pictures, strict=True)
        ]

    def suggest(self, photo: Source, x: int, y: int) -> list[tuple[str, float]]:
        """Return likely colours at pixel (x, y) of the upright photo, likeliest first.

        Each is ("#rrggbb", share), has the photo's lightness there, and can be told from the others: so near
        black and white there may be one alone. Raises SuggestionsUnsupported where
        the strategy has no distribution, BadField where the spot is outside the photo, and what `colorize`
        raises.
        """
        opened = open_photo(photo, self.limits)
        if not (0 <= x < opened.width and 0 <= y < opened.height):
            raise BadField(
                f"The spot ({x}, {y}) is outside the photo of {opened.width}x{opened.height} pixels."
            )
        self.strategy.load()
        shown = show(opened, self.strategy)
        column, row = int(x * shown.shape[1] / opened.width), int(y * shown.shape[0] / opened.height)
        lightness = float(lightness_of(opened.pixels[int(y) : int(y) + 1, int(x) : int(x) + 1])[0, 0])
        colors = told_apart(self.strategy.suggest(shown, column, row), lightness)
        return [(lab_to_hex(lightness, a, b), share) for (a, b), share in colors]

    def reference(self, photo: Source) -> Reference:
        """Return what `colorize` takes from a photo in colour, to be used for many photos.

        Raises BadReference where the photo cannot be read, or is not in colour.
        """
        try:
            opened = open_photo(photo, self.limits, "array")  # with all its colours
        except PhotoError as error:
            raise BadReference(f"reference cannot be used. {error}") from error
        if opened.sample is None or not opened.already_colored:
            raise BadReference("reference must be a photo in colour; this one is black and white, or tinted.")
        digest = opened.metadata.source or hashlib.sha256(opened.pixels.tobytes()).hexdigest()
        return Reference(self._guide(opened), rgb_to_lab(opened.sample)[..., 1:], digest)

    def _referred(self, reference: Source | Reference | None) -> Reference | None:
        if reference is None or isinstance(reference, Reference):
            return reference
        return self.reference(reference)

    def _see(self, photo: Photo, referred: Reference | None) -> tuple[np.ndarray, Prediction]:
        """Return the L* that the network was shown, and what it said, with a reference's colours."""
        self.strategy.load()
        shown = show(photo, self.strategy)
        prediction = predict(photo, shown, self.strategy)
        if referred:
            prediction = refer(prediction, self._guide(photo, prediction), referred)
        return shown, prediction

    @cached_property
    def _colornet(self) -> Strategy:
        ours = isinstance(self.strategy, Colornet)
        return self.strategy if ours else create_strategy("colornet", *self._where)

    def _guide(self, photo: Photo, prediction: Prediction | None = None) -> Guide:
        """Return what tells the things on the photo apart: colornet does, whichever strategy paints."""
        if prediction is not None and prediction.guide is not None:
            return prediction.guide
        self._colornet.load()
        return cast(Guide, predict(photo, show(photo, self._colornet), self._colornet).guide)

    def _recorded(self, metadata: Metadata, look: Look, asked: Mapping[str, Any]) -> Metadata:
        if metadata.source is None:
            return metadata
        return replace(metadata, record=record_of(metadata.source, self.strategy, look, **asked))

    def _finish(self, colored: Colored, target: str, quality: int, metadata: Metadata) -> bytes | np.ndarray:
        if target in WRITTEN:
            return encode(colored, target, quality, metadata, self.strategy.name)
        return cast(np.ndarray, colored)  # planes are for jpegs only

    def _what_is_known(self, photo: Photo, prediction: Prediction, timings: dict[str, float]) -> Colorized:
        return Colorized(
            width=photo.width,
            height=photo.height,
            strategy=self.strategy.name,
            confidence=prediction.confidence,
            confidence_map=prediction.confidence_map,
            scene=prediction.scene,
            already_colored=photo.already_colored,
            frames=photo.frames,
            timings=timings,
        )


def _target(photo: Source, format: str) -> str:
    if isinstance(photo, np.ndarray):
        return "array"
    return "image" if isinstance(photo, Image.Image) else format


def _result(
    finished: bytes | np.ndarray, photo: Source, target: str, metadata: Metadata, known: Colorized
) -> ColorizedPhoto | ColorizedArray | ColorizedImage:
    facts = vars(known)
    if isinstance(finished, bytes):
        return ColorizedPhoto(data=finished, media_type=WRITTEN[target].media_type, **facts)
    if isinstance(photo, np.ndarray):
        return ColorizedArray(array=samples_as(finished, photo.dtype), **facts)
    image = Image.fromarray(to_8_bit(finished))
    if metadata.icc:
        image.info["icc_profile"] = metadata.icc
    return ColorizedImage(image=image, **facts)


def _hint(photo: Photo, wish: Wish) -> Mapping[str, object]:
    """Describe a wish as `parse_hints` takes it: its colour as it is at the photo's lightness there."""
    x, y = int(wish.place.x * photo.width), int(wish.place.y * photo.height)
    lightness = float(lightness_of(photo.pixels[y : y + 1, x : x + 1])[0, 0])
    return {"x": x, "y": y, "color": lab_to_hex(lightness, *wish.color)}


def _thumbnail(photo: Photo) -> Photo:
    scale = min(1, THUMBNAIL_SIDE / max(photo.width, photo.height))
    size = max(1, round(photo.width * scale)), max(1, round(photo.height * scale))
    pixels = cv2.resize(photo.pixels, size, interpolation=cv2.INTER_AREA)
    return Photo(pixels=pixels, sample=photo.sample)


def _any_jpeg() -> bytes:
    return cv2.imencode(".jpg", np.zeros((32, 32), np.uint8))[1].tobytes()


def _make_room(photo: Photo) -> None:
    """Let go of what the last stage needed, where the next one needs much."""
    if photo.pixels.size >= LARGE:
        give_back()


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
