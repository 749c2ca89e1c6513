"""Compare before and after, zoom, full screen, unsure places, several networks side by side."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

EDGE = "() => getComputedStyle(document.querySelector('.after')).clipPath"


def split(page):
    return float(page.input_value("#split"))


def test_the_slider_by_keyboard(colored):
    page = colored.page
    assert page.get_attribute("#split", "type") == "range"
    page.focus("#split")
    page.keyboard.press("Home")
    assert page.evaluate(EDGE) == "inset(0px 0px 0px 0%)"
    page.keyboard.press("End")
    assert page.evaluate(EDGE) == "inset(0px 0px 0px 100%)"
    page.keyboard.press("ArrowLeft")
    assert split(page) == 99
    assert page.evaluate("document.getElementById('split').ariaValueText") == "1 % in colour"


def test_the_slider_by_mouse_on_the_photo(colored):
    page = colored.page
    box = page.locator(".view").bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * 0.5, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.2, y)
    page.mouse.up()
    page.mouse.move(box["x"] + box["width"] * 0.9, y)
    assert split(page) == pytest.approx(20, abs=1)


def test_the_slider_by_touch(new_visit):
    visit = new_visit(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}).open()
    visit.choose_example()
    visit.colorize()
    box = visit.page.locator(".view").bounding_box()
    visit.page.touchscreen.tap(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    assert split(visit.page) == pytest.approx(75, abs=1)


def test_zoom_keeps_the_middle_and_can_be_scrolled(colored):
    page = colored.page
    expect(page.locator("#zoom-out")).to_be_disabled()
    for _ in range(3):
        page.click("#zoom-in")
    middle = "(view) => (view.scrollLeft + view.clientWidth / 2) / view.scrollWidth"
    assert page.locator(".view").evaluate(middle) == pytest.approx(0.5, abs=0.01)
    page.focus(".view")
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    assert page.locator(".view").evaluate(middle) > 0.51
    for _ in range(3):
        page.click("#zoom-out")
    expect(page.locator("#zoom-out")).to_be_disabled()


def test_full_screen(colored):
    page = colored.page
    page.click("#fullscreen")
    page.wait_for_function("() => document.fullscreenElement?.id === 'viewer'")
    page.click("#fullscreen")
    page.wait_for_function("() => !document.fullscreenElement")


def test_confidence_in_words_and_number(colored):
    text = colored.page.inner_text("#confidence")
    assert text.split(" (")[0] in ("Very sure", "Fairly sure", "Not very sure")
    assert "%)" in text


def test_the_veil_hides_colour_only_where_the_network_is_unsure(colored):
    page = colored.page
    page.locator("#split").fill("0")
    without = pixels_of(page)
    page.get_by_label("Veil the places").check()
    expect(page.locator(".veil")).to_be_visible()
    change = np.abs(pixels_of(page) - without).max(axis=2)
    assert (change > 40).mean() > 0.02
    assert (change < 10).mean() > 0.02


def pixels_of(page):
    screenshot = Image.open(io.BytesIO(page.locator(".view").screenshot()))
    return np.asarray(screenshot.convert("RGB")).astype(int)


def test_networks_that_are_not_installed_are_greyed_with_their_command(visit):
    page = visit.page
    visit.choose_example()
    page.click("#networks summary")
    expect(page.locator("#strategy-colornet")).to_be_checked()
    expect(page.locator("#strategy-richzhang")).to_be_disabled()
    expect(page.locator("li", has=page.locator("#strategy-richzhang"))).to_contain_text(
        "image-colorizer fetch richzhang"
    )
    page.uncheck("#strategy-colornet")
    expect(page.locator("#colorize")).to_be_disabled()


def test_two_networks_stand_beside_the_original_and_move_together(visit):
    page = visit.page
    visit.choose_example("coffee")
    page.click("#networks summary")
    page.check("#strategy-zeruniverse")
    visit.colorize()
    captions = page.locator("#frames figcaption").all_inner_texts()
    assert [caption.split()[0] for caption in captions] == ["Original", "colornet,", "neural-colorization"]
    tops = [view.bounding_box()["y"] for view in page.locator(".view").all()]
    assert max(tops) - min(tops) < 1
    page.focus("#split")
    page.keyboard.press("End")
    edges = page.locator(".colored .after").evaluate_all(
        "(layers) => layers.map((layer) => getComputedStyle(layer).clipPath)"
    )
    assert edges == ["inset(0px 0px 0px 100%)"] * 2
    page.click("#zoom-in")
    page.locator(".view").first.evaluate("(view) => view.scrollTo(5, 7)")
    page.wait_for_timeout(100)
    places = page.locator(".view").evaluate_all("(views) => views.map((v) => [v.scrollLeft, v.scrollTop])")
    assert places == [[5, 7]] * 3
    names = [colored_file(visit, number) for number in (0, 1)]
    assert names == ["coffee-before-colorized-colornet.jpg", "coffee-before-colorized-zeruniverse.jpg"]


def colored_file(visit, number):
    return visit.download(f"#frames figcaption button >> nth={number}").suggested_filename
