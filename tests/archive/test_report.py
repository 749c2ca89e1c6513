from pathlib import Path

from photos import encode, gray_scene

from colorizer.album.outcome import Outcome, Result
from colorizer.album.places import DISK
from colorizer.archive.report import LEAST_SURE, Report


def page_of(outcomes: list[Outcome]) -> str:
    report = Report()
    assert list(report.noted(outcomes)) == outcomes
    return report.page(DISK)


def colored(folder: Path, confidence: float) -> Outcome:
    path = folder / f"{confidence:.3f}.jpg"
    path.write_bytes(encode(gray_scene(), "JPEG"))
    return Outcome(path, "colorized", (Result(path, "colornet", confidence, ("portrait", 0.8)),))


def test_it_counts_and_sorts_by_how_sure_the_network_was(tmp_path):
    page = page_of([colored(tmp_path, 0.95), colored(tmp_path, 1.0), Outcome(Path("b"), "done before")])
    assert "<tr><td>colorized<td>2<tr><td>done before<td>1" in page
    assert "<td>0.9 to 1.0<td>2" in page
    assert "<h3>colornet</h3>" in page
    assert "<td>portrait<td>2" in page


def test_the_least_sure_come_first_and_only_forty_of_them(tmp_path):
    page = page_of([colored(tmp_path, number / 100) for number in range(LEAST_SURE + 20, 0, -1)])
    assert page.count("<figure>") == page.count("data:image/jpeg;base64,") == LEAST_SURE
    assert page.index("0.010.jpg") < page.index("0.020.jpg") < page.index("0.400.jpg")
    assert "0.410.jpg" not in page


def test_strategies_are_shown_side_by_side_and_only_where_there_are_several(tmp_path):
    def compared(name: str, *confidences: float) -> Outcome:
        sheet = tmp_path / f"{name}-side-by-side.jpg"
        sheet.write_bytes(encode(gray_scene(1200, 300), "JPEG"))
        results = [Result(tmp_path / name, each, sure) for each, sure in zip("ab", confidences, strict=True)]
        return Outcome(tmp_path / name, "colorized", (*results, Result(sheet)))

    page = page_of([compared("sure", 0.9, 0.8), compared("doubtful", 0.9, 0.1)])
    _, sheets = page.split("Strategies side by side")
    assert sheets.index("doubtful-side-by-side.jpg") < sheets.index("sure-side-by-side.jpg")
    assert sheets.count("data:image/jpeg;base64,") == 2
    assert "<h3>a</h3>" in page
    assert "<h3>b</h3>" in page
    assert "side by side" not in page_of([colored(tmp_path, 0.5)])


def test_it_needs_no_network_and_names_are_no_html(tmp_path):
    lost = Outcome(tmp_path / "a.jpg", "colorized", (Result(tmp_path / "<b>.jpg", "colornet", 0.5),))
    page = page_of([lost])
    assert "/&lt;b&gt;.jpg (0.50)" in page
    assert "It cannot be shown." in page
    assert [word for word in ("http:", "https:", "<script", "url(", "src=") if word in page] == []
