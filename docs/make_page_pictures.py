"""Photograph the page, docs/pictures/page-*.jpg; run `python docs/make_page_pictures.py` after each training.

It starts the service, drives Chromium as the tests of the page do, and shows the page's own examples.
"""

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path += [str(ROOT / "tests"), str(ROOT / "tests" / "browser")]

from serving import serve  # noqa: E402
from visit import PHONE, Visit, launch  # noqa: E402

FOLDER = ROOT / "docs" / "pictures"
QUALITY = 85
DESKTOP = {"viewport": {"width": 1200, "height": 780}, "reduced_motion": "reduce"}
SPOT, COLOR = (0.27, 0.31), "#a03030"  # the wall of the pagoda is red


def main() -> None:
    """Write the pictures."""
    with (
        tempfile.TemporaryDirectory() as folder,
        serve(Path(folder)) as server,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright)
        for name, options, prepare in (
            ("welcome", DESKTOP, lambda visit: None),
            ("result", DESKTOP, color),
            ("correction", PHONE | {"color_scheme": "dark", "device_scale_factor": 2}, correct),
        ):
            visit = Visit(browser, server, **options).open()
            prepare(visit)
            picture = Image.open(io.BytesIO(visit.page.screenshot())).convert("RGB")
            picture.save(FOLDER / f"page-{name}.jpg", quality=QUALITY, optimize=True)
            visit.close()


def color(visit: Visit, name: str = "camera") -> None:
    """Bring a coloured photo onto the page."""
    visit.choose_example(name)
    visit.colorize()


def correct(visit: Visit) -> None:
    """Correct one colour of it."""
    color(visit, "china")
    visit.page.click("#correct")
    box = visit.page.locator(".pan").bounding_box()
    visit.page.touchscreen.tap(box["x"] + SPOT[0] * box["width"], box["y"] + SPOT[1] * box["height"])
    with visit.page.expect_response("**/colorize"):
        visit.page.locator("#spot-color").fill(COLOR)
    expect(visit.page.locator("#status")).to_contain_text("corrected")
    visit.page.evaluate("scrollTo(0, 0)")


if __name__ == "__main__":
    main()
