"""The photo is the stage: photo, palette and the next step are in view together, whatever the screen."""

import io

import pytest
from PIL import Image
from playwright.sync_api import expect
from visit import EXAMPLES

from colorizer.http.languages import load_languages

# 720x450 is what 1440x900 becomes at 200 % zoom, 640x360 what 1280x720 becomes.
SCREENS = ["1440x900", "1280x720", "844x390", "390x844", "640x360", "720x450"]
PORTRAIT = (600, 900)
LEAST_SHARE = 0.28  # of the screen that the frame of the photo has


@pytest.fixture(params=SCREENS)
def screen(request, new_visit):
    width, height = map(int, request.param.split("x"))
    visit = new_visit(viewport={"width": width, "height": height}, reduced_motion="reduce").open()
    visit.size = request.param
    return visit


def portrait():
    """A portrait photo of a kind that hides what stands below it."""
    file = io.BytesIO()
    with Image.open(EXAMPLES / "camera-before.jpg") as photo:
        photo.resize(PORTRAIT).save(file, "JPEG")
    return "portrait.jpg", file.getvalue()


def assert_in_view(visit, *selectors):
    screen = visit.page.viewport_size
    for selector in selectors:
        box = visit.page.locator(selector).first.bounding_box()
        assert box, selector
        assert box["x"] >= -1, selector
        assert box["y"] >= -1, selector
        assert box["x"] + box["width"] <= screen["width"] + 1, selector
        assert box["y"] + box["height"] <= screen["height"] + 1, selector
        expect(visit.page.locator(selector).first).to_be_in_viewport(ratio=0.99)


def frame_share(visit):
    box, screen = visit.page.locator(".view").bounding_box(), visit.page.viewport_size
    return box["width"] * box["height"] / screen["width"] / screen["height"]


def test_photo_palette_and_next_step_are_in_view(screen):
    page = screen.page
    screen.choose(portrait())
    assert_in_view(screen, ".pan", "#colorize", "#rotate")
    screen.colorize()
    assert_in_view(screen, ".pan", "#split", "#download", "#correct")
    screen.screenshot(f"{screen.size}-result")
    page.click("#correct")
    assert_in_view(screen, ".pan", "#spot-add", "#finish")
    page.click("#spot-add")
    expect(page.locator("#suggested .swatch").nth(1)).to_be_visible()
    assert_in_view(
        screen, ".pan", ".spot", "#suggested .swatch", "#suggested .swatch >> nth=1", "#undo", "#finish"
    )
    assert frame_share(screen) > LEAST_SHARE
    assert page.evaluate("document.documentElement.scrollHeight") == page.viewport_size["height"]
    screen.screenshot(f"{screen.size}-correcting")


def test_the_way_in_is_in_view_at_once(screen):
    assert_in_view(screen, "#choose")


@pytest.mark.parametrize("size", ["1280x720", "1440x900", "390x844"])
def test_correct_stands_beside_download_in_every_language(new_visit, size):
    width, height = map(int, size.split("x"))
    visit = new_visit(viewport={"width": width, "height": height}).open()
    visit.choose_example()
    visit.colorize()
    page = visit.page
    for language in page.locator("#language option").evaluate_all("(all) => all.map(({ value }) => value)"):
        page.select_option("#language", language)
        expect(page.locator("html")).to_have_attribute("lang", language)
        expect(page.locator("#download")).to_be_visible()
        assert page.locator("#correct").bounding_box()["y"] == page.locator("#download").bounding_box()["y"]
        for other_width in (320, 480, 600, 640, width):
            page.set_viewport_size({"width": other_width, "height": height})
            assert page.locator("header").bounding_box()["height"] < 64, f"one row at {other_width}"


LONGER = """(swatch, names) => names.filter((name) => {
  swatch.lastChild.textContent = name;
  return swatch.scrollWidth > swatch.clientWidth;
})"""


def test_every_colours_name_fits_its_swatch(new_visit):
    visit = new_visit(viewport={"width": 844, "height": 390}).open()
    visit.choose_example()
    visit.colorize()
    page = visit.page
    for tag, language in load_languages().items():
        page.select_option("#language", tag)
        expect(page.locator("html")).to_have_attribute("lang", tag)
        page.click("#correct")
        page.click("#spot-add")
        page.click("#presets summary")
        longer = page.locator("#things .swatch").first.evaluate(LONGER, [*language.colors.values()])
        assert longer == [], tag
