"""Every failure ends in a sentence with a link to its FAQ entry, and the page is usable again."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from serving import serve
from visit import EXAMPLES, Visit


def problem(code, detail):
    return json.dumps(
        {"type": f"/#faq-{code}", "code": code, "title": "A title", "detail": detail, "id": "4711"}
    )


# What the service or something before it answers: status, headers, body; then the code and what is said.
ANSWERS = {
    "413": (413, {}, "<h1>Too large</h1>", "too-many-bytes", "The photo is too large."),
    "415": (415, {}, problem("not-a-photo", "It is a GIF."), "not-a-photo", "This is not a photo"),
    "422": (
        422,
        {},
        problem("damaged-photo", "The photo is truncated."),
        "damaged-photo",
        "The photo is damaged.",
    ),
    "429": (429, {"Retry-After": "7"}, "slow down", "too-many-requests", "Please try again in 7 s."),
    "500": (500, {}, problem("internal-error", "Oh."), "internal-error", "on our side. (4711)"),
    "502": (502, {}, "<h1>Bad gateway</h1>", "bad-reply", "The answer was not what we expected."),
    "503": (503, {"Retry-After": "2"}, problem("busy", "All busy."), "busy", "try again in 2 s."),
    "no JSON": (200, {}, "<h1>Sign in to the hotel's network</h1>", "bad-reply", "not what we expected."),
}


@pytest.fixture
def ready(visit):
    visit.choose_example()
    return visit


def assert_failed_kindly(visit, code, sentence):
    page = visit.page
    expect(page.locator("#failure")).to_contain_text(sentence)
    assert page.get_attribute("#failure", "role") == "alert"
    page.click("#failure a")
    expect(page.locator(f"details[open]:has([id=faq-{code}]), details[open][id=faq-{code}]")).to_be_visible()
    page.go_back()
    expect(page.locator("#colorize")).to_be_enabled()
    expect(page.locator("[data-idle]:disabled")).to_have_count(0)


@pytest.fixture(scope="module")
def answered(browser, server):
    """One visit for all answers: each is survived, so the next photo finds the page usable."""
    visit = Visit(browser, server).open()
    yield visit
    visit.close()


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_answers_that_are_no_photo(answered, answer):
    ready = answered
    ready.choose_example()
    status, headers, body, code, sentence = answer
    ready.page.route("**/colorize", lambda route: route.fulfill(status=status, headers=headers, body=body))
    ready.colorize()
    assert_failed_kindly(ready, code, sentence)
    ready.page.unroute("**/colorize")
    ready.colorize()
    assert ready.page.locator("#download").is_visible()
    assert ready.page.locator("#failure").is_hidden()


def test_offline(ready):
    ready.context.set_offline(True)
    ready.colorize()
    assert_failed_kindly(ready, "offline", "The service could not be reached.")
    ready.context.set_offline(False)
    ready.colorize()
    assert ready.page.locator("#download").is_visible()


def test_a_server_that_stops(browser, tmp_path):
    with serve(tmp_path) as server:
        visit = Visit(browser, server).open()
        visit.choose_example()
    visit.colorize()
    assert_failed_kindly(visit, "offline", "The service could not be reached.")
    visit.close()


def test_a_service_that_comes_late(new_visit):
    visit = new_visit()
    visit.page.route("**/api/**", lambda route: route.abort())
    visit.open()
    expect(visit.page.locator("#failure")).to_contain_text("could not be reached")
    visit.page.unroute("**/api/**")
    visit.choose_example()
    visit.colorize()
    assert visit.page.locator("#download").is_visible()


def test_a_text_file_named_jpg(visit):
    visit.choose(("<b>notes</b>.jpg", b"Dear diary"))
    assert visit.failure().startswith("This is not a photo that can be used here.")
    assert visit.page.locator("#colorize").is_disabled()
    assert not any("/colorize" in url for url in visit.requests)
    visit.choose_example()
    assert visit.page.locator("#failure").is_hidden()
    assert visit.page.locator("#colorize").is_enabled()


def test_a_damaged_photo_is_found_before_it_is_sent(visit):
    visit.choose(("damaged.jpg", b"\xff\xd8\xff\xe0" + bytes(2000)))
    assert visit.failure().startswith("The photo is damaged.")
    assert visit.page.locator("#colorize").is_disabled()


def large_photo():
    """A jpg of more than 1 MB, stored on its side: orientation 6 is a quarter clockwise."""
    noise = np.random.default_rng(0).integers(0, 256, (1000, 1600), np.uint8)
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "JPEG", quality=95, exif=exif)
    assert file.tell() > 1.2 * 2**20
    return file.getvalue()


def test_a_photo_over_the_limit_is_shrunk_if_the_visitor_agrees(visit):
    page = visit.page
    visit.choose(("large.jpg", large_photo()))
    assert re.search(r"This photo has 1\.\d MB; up to 1 MB", page.inner_text("#note"))
    assert page.locator("#colorize").is_disabled()
    page.click("#shrink")
    expect(page.locator("#colorize")).to_be_enabled()
    with page.expect_request("**/colorize") as sent:
        visit.colorize()
    size = int(sent.value.all_headers()["content-length"])
    assert 0.9 * 2**20 < size <= 2**20 + 4096, "the largest that fits, and the form around it"
    result = visit.picture()
    assert result.height / result.width == pytest.approx(1.6, abs=0.01), "upright"


def test_one_network_of_two_fails(visit):
    page = visit.page
    answer = {"status": 422, "body": problem("damaged-photo", "One of them could not.")}
    page.route("**/colorize", lambda route: route.fulfill(**answer), times=1)
    visit.choose(EXAMPLES / "china-before.jpg")
    page.click("#networks summary")
    page.check("#strategy-zeruniverse")
    visit.colorize()
    assert visit.failure().startswith("The photo is damaged.")
    assert page.locator("#download").is_visible()
