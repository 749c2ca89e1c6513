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

LEAST_SURE, THUMBNAIL_SIDE, STEPS = 40, 240, 10
PAGE = Template("""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Archive in colour</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem; padding: 0 1rem }
table { border-collapse: collapse } td, th { padding: .2rem .8rem; text-align: left; vertical-align: top }
figure { display: inline-block; margin: .5rem; width: 240px } img { max-width: 100% }
figcaption { font-size: .8rem; overflow-wrap: anywhere }
.bar { background: #b5651d; height: 1rem }
</style>
<h1>Archive in colour</h1>
<h2>Photos</h2><table>$counts</table>
<h2>How sure the network was</h2>
<p>Of what this run coloured; what had been done before is not asked again.</p>$histograms
<h2>Scenes</h2><table>$scenes</table>
<h2>Look at these first: where it was least sure</h2>$thumbnails
</html>
""")


class Report:
    """Gathers what became of photos; small, however many there are."""

    def __init__(self) -> None:
        self._states: Counter[str] = Counter()
        self._scenes: Counter[str] = Counter()
        self._steps: defaultdict[str, Counter[int]] = defaultdict(Counter)
        self._least_sure: list[tuple[float, str, Result]] = []  # a heap, the surest on top

    def noted(self, outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
        """Yield the outcomes, of which the report is to tell."""
        for outcome in outcomes:
            self._states[outcome.state] += 1
            for result in outcome.results:
                self._note(result)
            yield outcome

    def page(self, place: Place) -> str:
        """Return the HTML; place: where the results lie."""
        surest_last = sorted(self._least_sure, reverse=True)
        return PAGE.substitute(
            counts=_rows(self._states.most_common()),
            histograms="".join(_histogram(name, steps) for name, steps in self._steps.items()),
            scenes=_rows(self._scenes.most_common()),
            thumbnails="".join(_figure(place, result) for _, _, result in surest_last),
        )

    def _note(self, result: Result) -> None:
        if result.scene:
            self._scenes[result.scene[0]] += 1
        if result.confidence is None:
            return
        step = min(int(result.confidence * STEPS), STEPS - 1)
        self._steps[result.strategy or ""][step] += 1
        heapq.heappush(self._least_sure, (-result.confidence, str(result.path), result))
        if len(self._least_sure) > LEAST_SURE:
            heapq.heappop(self._least_sure)


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


def _figure(place: Place, result: Result) -> str:
    caption = escape(f"{result.path} ({result.confidence:.2f})")
    return f"<figure>{_thumbnail(place, result)}<figcaption>{caption}</figcaption></figure>"


def _thumbnail(place: Place, result: Result) -> str:
    try:
        with Image.open(io.BytesIO(place.read(result.path))) as picture:
            small = picture.convert("RGB")
    except (ColorizerError, OSError):  # gone meanwhile, or changed
        return "<p>It cannot be shown.</p>"
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    file = io.BytesIO()
    small.save(file, "JPEG", quality=80)
    return f'<img alt="" src="data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}">'
