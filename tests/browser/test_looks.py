"""Accessible, readable and whole at every size; every state is also photographed into screenshots/."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect
from visit import PHONE

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

LIGHTS = {
    "dark": {"color_scheme": "dark"},
    "forced colours": {"color_scheme": "light", "forced_colors": "active"},
    "light": {"color_scheme": "light", "forced_colors": "none"},
}


def states(visit):
    """Go through the page's states, naming each."""
    page = visit.page
    yield "1-welcome"
    visit.choose(("notes.jpg", b"Dear diary"))
    yield "2-failure"
    visit.choose_example()
    yield "3-ready"
    visit.hold()
    page.click("#colorize")
    yield "4-working"
    page.click("#cancel")
    visit.finish()
    visit.let_go()
    visit.colorize()
    yield "5-result"
    page.check("#veil")
    yield "6-veiled"
    page.uncheck("#veil")
    page.click("#correct")
    page.click("#spot-add")
    page.locator(".swatch").first.wait_for()
    page.click("#presets summary")
    yield "7-correcting"
    page.click("#brush")
    yield "7-painting"
    page.click("#finish")
    page.click("#sharing summary")
    page.click("#variants")
    page.locator("#variant-list button").first.wait_for()
    yield "7-choosing"
    visit.choose_example("china")
    visit.choose(("notes.jpg", b"Dear diary"), ("other.jpg", b"Dear diary"))
    page.click("#networks summary")
    page.check("#strategy-zeruniverse")
    visit.colorize()
    yield "8-several"
    page.click("#tab-faq")
    page.evaluate("document.querySelectorAll('details').forEach((entry) => { entry.open = true; })")
    yield "9-faq"
    page.click("#tab-about")
    yield "10-about"


def test_axe_finds_nothing_in_any_state(new_visit):
    visit = new_visit(reduced_motion="reduce").open()
    visit.page.evaluate(AXE_SCRIPT)  # once, since it is large
    found = []
    for state in states(visit):
        visit.screenshot(state)
        for light, media in LIGHTS.items():
            visit.page.emulate_media(**media)
            found += violations(visit.page, f"{state}, {light}")
    assert found == []


def violations(page, state):
    rules = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
    answer = page.evaluate("(rules) => axe.run(rules)", rules)
    return [
        f"{state}: {violation['help']}: {node['html']} {node['failureSummary']}"
        for violation in answer["violations"]
        for node in violation["nodes"]
    ]


def test_a_phone_in_the_dark(new_visit):
    visit = new_visit(**PHONE, color_scheme="dark").open()
    for state in states(visit):
        visit.screenshot(f"phone-{state}")
        assert sideways(visit.page) == 0, state
        assert too_small(visit.page) == [], state


TARGETS = "button:visible, select:visible, summary:visible, label.button:visible, [role=tab]"


SIDES = """(all) => all.map((each) => {
  const round = each.matches(".spot"); // it is touched in a circle beyond it
  const beyond = parseFloat(getComputedStyle(each, "::before").width);
  return [round ? beyond : Math.min(each.offsetWidth, each.offsetHeight), each.textContent];
})"""


def sideways(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


def too_small(page):
    return [control for control in page.locator(TARGETS).evaluate_all(SIDES) if control[0] < 44]


@pytest.mark.parametrize("width", [320, 640, 3840])
def test_no_sideways_scroll_from_320_pixels_to_4k(new_visit, width):
    """640 is what 1280 becomes at 200 % zoom."""
    visit = new_visit(viewport={"width": width, "height": 700}, reduced_motion="reduce").open()
    visit.choose_example("china")
    visit.colorize()
    assert sideways(visit.page) == 0
    visit.screenshot(f"width-{width}")
    assert too_small(visit.page) == []
    for tab in ("faq", "about"):
        visit.page.click(f"#tab-{tab}")
        assert sideways(visit.page) == 0


def test_colours_are_shown_where_a_visitor_has_few(new_visit):
    """Forced colours replace all others but those of photo, divider, spots and swatches."""
    visit = new_visit(forced_colors="active").open()
    visit.choose_example()
    visit.colorize()
    page = visit.page
    assert kept_colors(page, ".after") == kept_colors(page, ".divider", "::before") == {"none"}
    page.click("#correct")
    page.click("#spot-add")
    expect(page.locator("#suggested .swatch").first).to_be_visible()
    assert kept_colors(page, ".spot, .ring, .chip") == {"none"}


def kept_colors(page, selector, part=None):
    every = "(all, part) => all.map((each) => getComputedStyle(each, part).forcedColorAdjust)"
    return set(page.locator(selector).evaluate_all(every, part))


def test_dark_mode_is_dark(new_visit):
    light = "() => getComputedStyle(document.body).backgroundColor"
    brightness = [
        sum(int(part) for part in new_visit(color_scheme=scheme).open().page.evaluate(light)[4:-1].split(","))
        for scheme in ("light", "dark")
    ]
    assert brightness[0] > 3 * 200
    assert brightness[1] < 3 * 50


def test_the_animation_rests_where_motion_is_unwelcome(new_visit):
    def animation(**options):
        visit = new_visit(**options).open()
        visit.choose_example()
        visit.hold()
        visit.page.click("#colorize")
        return visit.page.locator(".pan").evaluate("(pan) => getComputedStyle(pan, '::after').animationName")

    assert animation() == "wash"
    assert animation(reduced_motion="reduce") == "none"
