"""Colours one photo of a run, from its file to the files of its results; what the child processes do.

What is valid is kept, what is stale is made again, and nothing that somebody else made is replaced.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from colorizer.album.outcome import Outcome, Result
from colorizer.album.places import identity
from colorizer.album.recipe import Recipe
from colorizer.album.result_format import is_result, needs_png
from colorizer.album.result_names import COMPARISON, Job
from colorizer.album.sidecar import write_sidecar
from colorizer.album.validity import Verdict, judge
from colorizer.color.hints import Hint
from colorizer.color.reference import Reference
from colorizer.errors import ColorizerError, DiskFull, OutputError, PhotoError, StoreGone
from colorizer.options import FORMATS, Look
from colorizer.photo.formats import WRITTEN
from colorizer.photo.record import Record
from colorizer.photo.sources import Source
from colorizer.pipeline import ImageColorizer
from colorizer.results import Colorized, ColorizedPhoto
from colorizer.stages import record_of

SHEET_SUFFIX = WRITTEN["jpeg"].suffix
HOPELESS = (DiskFull, StoreGone)  # for every other photo too
MADE_AGAIN = (Verdict.STALE, Verdict.DAMAGED)
KEPT = {
    Verdict.FOREIGN: "{path} is not one of our results, so it is kept. Name another place with --output.",
    Verdict.CHANGED: "{path} was changed since it was made, or made by an older version, so it is kept."
    " --force colours the photo again.",
}


def load(recipe: Recipe) -> None:
    """Load the networks, so that the first photo takes no longer than the next; raises WeightsError."""
    for colorizer in _colorizers(recipe).values():
        colorizer.load()
        _reference(recipe, colorizer)


def color_source(recipe: Recipe, source: Source, hints: Sequence[Hint] = ()) -> Colorized:
    """Colour one photo in memory, by the one strategy; raises what `ImageColorizer.colorize` raises."""
    (colorizer,) = _colorizers(recipe).values()
    look = _look_for(recipe.look, source) if isinstance(source, bytes) else recipe.look
    if recipe.all_pages:
        return _color_pages(recipe, colorizer, cast(bytes, source))
    return colorizer.colorize(
        source,
        format=look.format or FORMATS[0],
        quality=look.quality,
        saturation=look.saturation,
        hints=hints,
        reference=_reference(recipe, colorizer),
    )


def color_file(recipe: Recipe, job: Job) -> Outcome:
    """Colour one photo into its files, where that is not done yet; a problem is told, never raised."""
    try:
        return _Coloring(recipe, job).run()
    except ColorizerError as error:
        return Outcome(job.photo, "failed", problem=str(error), fatal=isinstance(error, HOPELESS))
    except Exception as error:  # whatever one photo brings up, the others are still to be coloured
        return Outcome(job.photo, "failed", problem=f"Unexpected {type(error).__name__}: {error}")


@dataclass(frozen=True)
class _Due:
    """One file that there is to be: made by a strategy, or (None) the picture that compares several."""

    path: Path
    record: Record
    strategy: str | None


class _Coloring:
    """What becomes of one photo."""

    def __init__(self, recipe: Recipe, job: Job) -> None:
        self._recipe, self._job = recipe, job
        self._photo = job.data if job.data is not None else recipe.source.read(job.photo, recipe.limits)
        self._look = _look_for(recipe.look, self._photo)
        self._source = hashlib.sha256(self._photo).hexdigest()
        self._seen = Outcome(job.photo, "done before", source=self._source)

    def run(self) -> Outcome:
        if self._job.from_folder and is_result(self._photo):
            return Outcome(self._job.photo, "left out")
        for due in self._dues():
            stamp = self._recipe.target.stamp(due.path)
            verdict = self._judge(due) if stamp else Verdict.MISSING
            if verdict is Verdict.VALID and not self._recipe.force:
                self._add(Result(due.path, due.strategy, stamp=stamp or ""))
            else:
                self._check_place(due.path, verdict)
                result = Result(due.path, due.strategy) if self._recipe.dry_run else self._make(due)
                self._add(result, state="colorized", again=self._seen.again or verdict in MADE_AGAIN)
            if self._recipe.sidecars and not self._recipe.dry_run:
                write_sidecar(self._recipe.target, due.path, due.record)
        return self._seen

    def _add(self, result: Result, **changes: Any) -> None:
        self._seen = replace(self._seen, results=(*self._seen.results, result), **changes)

    def _dues(self) -> Iterator[_Due]:
        strategies = {name: each.strategy for name, each in _colorizers(self._recipe).items()}
        several = len(strategies) > 1
        suffix = WRITTEN[self._look.format or FORMATS[0]].suffix
        records = {}
        for name, strategy in strategies.items():
            records[name] = record_of(
                self._source, strategy, self._look, hints=self._job.hints, **self._recipe.options
            )
            yield _Due(self._job.result(suffix, name if several else None), records[name], name)
        if several:
            yield _Due(self._job.result(SHEET_SUFFIX, COMPARISON), _joint_record(records.values()), None)

    def _judge(self, due: _Due) -> Verdict:
        target, limits = self._recipe.target, self._recipe.limits
        try:
            return judge(target.read(due.path, limits), due.record, limits)
        except PhotoError:  # no file, or one that cannot be read
            return Verdict.FOREIGN

    def _check_place(self, path: Path, verdict: Verdict) -> None:
        """Raise OutputError where the file that is there must be kept."""
        if verdict is Verdict.CHANGED and self._recipe.force:
            return
        if verdict is not Verdict.MISSING and identity(path) in self._recipe.originals:
            verdict = Verdict.FOREIGN
        if verdict in KEPT:
            raise OutputError(KEPT[verdict].format(path=path))

    def _make(self, due: _Due) -> Result:
        if due.strategy is None:
            from colorizer.album.contact_sheet import contact_sheet  # Pillow's fonts, for few

            made = self._seen.results
            files = {each.strategy: self._recipe.target.read(each.path) for each in made if each.strategy}
            stamp = self._recipe.target.write(due.path, contact_sheet(self._photo, files, due.record))
            return Result(due.path, stamp=stamp)
        colored = self._colorize(due.strategy)
        stamp = self._recipe.target.write(due.path, colored.data)
        frames = 1 if self._recipe.all_pages else colored.frames  # more: only the first was coloured
        self._seen = replace(self._seen, already_colored=colored.already_colored, frames=frames)
        return Result(due.path, due.strategy, colored.confidence, colored.scene, stamp)

    def _colorize(self, strategy: str) -> ColorizedPhoto:
        look, colorizer = self._look, _colorizers(self._recipe)[strategy]
        if self._recipe.all_pages:
            return _color_pages(self._recipe, colorizer, self._photo)
        return colorizer.colorize(
            self._photo,
            format=look.format or FORMATS[0],
            quality=look.quality,
            saturation=look.saturation,
            hints=self._job.hints,
            reference=_reference(self._recipe, colorizer),
        )


def _color_pages(recipe: Recipe, colorizer: ImageColorizer, photo: bytes) -> ColorizedPhoto:
    reference = _reference(recipe, colorizer)
    return colorizer.colorize_pages(photo, saturation=recipe.look.saturation, reference=reference)


@cache
def _colorizers(recipe: Recipe) -> dict[str, ImageColorizer]:
    """Return the strategies by name, not loaded yet."""
    return {
        name: ImageColorizer(name, device=recipe.device, models_dir=recipe.models_dir, limits=recipe.limits)
        for name in recipe.strategies
    }


@cache
def _reference(recipe: Recipe, colorizer: ImageColorizer) -> Reference | None:
    return None if recipe.reference is None else colorizer.reference(recipe.reference)


def _look_for(look: Look, photo: bytes) -> Look:
    """Return the look of this photo's result, with its format."""
    return look if look.format else replace(look, format="png" if needs_png(photo) else "jpeg")


def _joint_record(records: Iterable[Record]) -> Record:
    """Return the record of a picture that is made of several results of one photo."""
    first, *others = records
    return replace(
        first,
        strategy=" and ".join(record.strategy for record in (first, *others)),
        network=" and ".join(record.network for record in (first, *others)),
    )
