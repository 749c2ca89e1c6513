"""What came of an archive, as one HTML file that needs no network: counts, and what to look at first."""

import base64
import heapq
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from html import escape
from string import Template

from PIL import Image

from colorizer.album.outcome import Outcome, Result
from colorizer.album.places import Place
from colorizer.errors import ColorizerError

LEAST_SURE, THUMBNAIL_SIDE = 40, 240
COMPARED, COMPARISON_SIDE = 12, 960
STEPS = 10
PAGE = Template("""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Archive in colour</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
table { border-collapse: collapse } td, th { padding: .2rem .8rem; text-align: left; vertical-align: top }
figure { display: inline-block; margin: .5rem; max-width: 100% } img { max-width: 100% }
figcaption { font-size: .8rem; overflow-wrap: anywhere }
.bar { background: #b5651d; height: 1rem }
</style>
<h1>Archive in colour</h1>
<h2>Photos</h2><table>$counts</table>
<h2>How sure the network was</h2>
<p>Of what this run coloured; what had been done before is not asked again.</p>$histograms
<h2>Scenes</h2><table>$scenes</table>
$comparisons
<h2>Look at these first: where it was least sure</h2>$thumbnails
</html>
""")


class Report:
    """Gathers what became of photos; small, however many there are."""

    def __init__(self) -> None:
        self._states: Counter[str] = Counter()
        self._scenes: Counter[str] = Counter()
        self._steps: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._least_sure, self._compared = _LeastSure(LEAST_SURE), _LeastSure(COMPARED)

    def noted(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """Yield the outcomes, of which the report is to tell."""
        for outcome in outcomes:
            self._states[outcome.state] += 1
            for result in outcome.results:
                self._note(result)
            self._note_comparison(outcome)
            yield outcome

    def page(self, place: Place) -> str:
        """Return the HTML; place: where the results lie."""
        return PAGE.substitute(
            counts=_rows(self._states.most_common()),
            histograms="".join(_histogram(name, steps) for name, steps in self._steps.items()),
            scenes=_rows(self._scenes.most_common()),
            comparisons=_comparisons(place, self._compared),
            thumbnails="".join(_figure(place, each, THUMBNAIL_SIDE) for each in self._least_sure),
        )

    def _note(self, result: Result) -> None:
        if result.scene:
            self._scenes[result.scene[0]] += 1
        if result.confidence is None:
            return
        step = min(int(result.confidence * STEPS), STEPS - 1)
        self._steps[result.strategy or ""][step] += 1
        self._least_sure.add(result.confidence, result)

    def _note_comparison(self, outcome: Outcome) -> None:
        confidences = [result.confidence for result in outcome.results if result.confidence is not None]
        for result in outcome.results:
            if result.strategy is None and confidences:
                self._compared.add(min(confidences), result)


class _LeastSure:
    """So many results, of all that were added those of the least confidence, from there upwards."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._heap: list[tuple[float, str, Result]] = []  # the surest on top

    def __iter__(self) -> Iterator[Result]:
        return (result for _, _, result in sorted(self._heap, reverse=True))

    def add(self, confidence: float, result: Result) -> None:
        heapq.heappush(self._heap, (-confidence, str(result.path), result))
        if len(self._heap) > self._most:
            heapq.heappop(self._heap)


def _rows(pairs: Iterable[tuple[str, object]]) -> str:
    return "".join(f"<tr><td>{escape(name)}<td>{escape(str(value))}" for name, value in pairs)


def _histogram(strategy: str, steps: Counter[int]) -> str:
    most = max(steps.values())
    rows = (
        f"<tr><td>{step / STEPS:.1f} to {(step + 1) / STEPS:.1f}<td>{steps[step]}"
        f'<td><div class="bar" style="width: {20 * steps[step] / most:.1f}rem"></div>'
        for step in range(STEPS)
    )
    return f"<h3>{escape(strategy)}</h3><table>{''.join(rows)}</table>"


def _comparisons(place: Place, results: Iterable[Result]) -> str:
    figures = "".join(_figure(place, result, COMPARISON_SIDE) for result in results)
    return f"<h2>Strategies side by side: where one was least sure</h2>{figures}" if figures else ""


def _figure(place: Place, result: Result, side: int) -> str:
    sure = "" if result.confidence is None else f" ({result.confidence:.2f})"
    caption = escape(f"{result.path}{sure}")
    return f"<figure>{_thumbnail(place, result, side)}<figcaption>{caption}</figcaption></figure>"


def _thumbnail(place: Place, result: Result, side: int) -> str:
    try:
        with Image.open(io.BytesIO(place.read(result.path))) as picture:
            small = picture.convert("RGB")
    except (ColorizerError, OSError):  # gone meanwhile, or changed
        return "<p>It cannot be shown.</p>"
    small.thumbnail((side, side))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=80)
    return f'<img alt="" src="data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}">'
