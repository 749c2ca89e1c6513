"""The first load: light, quick on a slow line, in the visitor's language, and fit to be installed."""

import math

import pytest
from playwright.sync_api import expect
from visit import PHONE

from colorizer.http.languages import load_languages

OVER_THE_WIRE = 120_000  # bytes
LATENCY, BYTES_A_SECOND = 0.4, 50_000  # of a slow 3G line
CONNECTIONS = 6  # that browsers open to one HTTP/1.1 server
READY_SECONDS = 5


def test_the_first_load_is_light(new_visit):
    visit = new_visit()
    network = visit.context.new_cdp_session(visit.page)
    network.send("Network.enable")
    weights = []
    network.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    visit.open()
    visit.page.wait_for_load_state("networkidle")
    assert len(weights) > 30
    assert sum(weights) <= OVER_THE_WIRE


def test_the_page_is_ready_soon_on_a_slow_line(new_visit):
    """By arithmetic, since a busy machine has times of its own: round trips, and all bytes in a row."""
    visit = new_visit().open()
    needed = visit.page.evaluate("""() => performance.getEntriesByType("resource")
      .filter(({ name }) => /[.]js$|[.]css$|words|limits|strategies/.test(name))
      .map(({ transferSize }) => transferSize)""")
    html = visit.page.evaluate("performance.getEntriesByType('navigation')[0].transferSize")
    round_trips = 2 + math.ceil(len(needed) / CONNECTIONS)  # to connect, for the HTML, for all that it names
    asked = [url.rsplit("/", 1)[1] for url in visit.requests]
    assert len(needed) > 30
    assert asked.count("limits") == asked.count("strategies") == 1, "the scripts take what the page asked for"
    assert round_trips * LATENCY + (html + sum(needed)) / BYTES_A_SECOND < READY_SECONDS


@pytest.mark.parametrize(
    ("locale", "language", "button"),
    [
        ("de-AT", "de", "Einfärben"),
        ("fr-FR", "fr", "Coloriser"),
        ("es-MX", "es", "Colorear"),
        ("ja-JP", "ja", "カラー化する"),
        ("zh-CN", "zh-Hans", "上色"),
        ("nl-NL", "en", "Colorize"),
    ],
)
def test_the_page_speaks_the_visitors_language(new_visit, locale, language, button):
    visit = new_visit(locale=locale).open()
    assert visit.page.get_attribute("html", "lang") == language
    visit.choose_example()
    expect(visit.page.locator("#colorize")).to_have_text(button)
    visit.colorize()
    expect(visit.page.locator("#confidence")).to_contain_text(load_languages()[language].words["own-network"])


def test_another_language_can_be_chosen_and_nothing_is_lost(colored):
    page = colored.page
    page.select_option("#language", "de")
    expect(page.locator("#download")).to_have_text("Speichern")
    expect(page.locator("#download")).to_be_visible()
    expect(page.locator("#status")).to_have_text("Willkommen zurück: Ihre Fotos sind noch da.")
    page.click("#tab-faq")
    expect(page.locator("#faq-files summary")).to_have_text("Welche Fotos kann ich nehmen?")


def test_a_problem_is_said_in_the_visitors_language(new_visit):
    visit = new_visit(locale="de", **PHONE).open()
    visit.choose(("notes.jpg", b"Dear diary"))
    assert visit.failure().startswith("Dieses Foto kann hier nicht benutzt werden.")
    expect(visit.page.locator("#failure")).to_be_in_viewport()


def test_no_button_is_dead_at_first_sight(visit):
    buttons = visit.page.locator("button:visible, select:visible")
    assert buttons.count() > 5
    assert buttons.evaluate_all("(all) => all.filter(({ disabled }) => disabled).length") == 0


def test_the_hero_turns_to_colour_unless_motion_is_unwelcome(new_visit):
    def animation(**options):
        hero = new_visit(**options).open().page.locator("#hero img").nth(1)
        return hero.evaluate("(image) => getComputedStyle(image).animationName")

    assert animation() == "reveal"
    assert animation(reduced_motion="reduce") == "none"
