"""Compare before and after, zoom, full screen, unsure places, several networks side by side."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

ACROSS = """() => {
  const [pan, view] = [".pan", ".view"].map((each) => document.querySelector(each).getBoundingClientRect());
  const cut = Number(document.getElementById("viewer").style.getPropertyValue("--cut"));
  return { seen: cut / pan.width, middle: (view.x + view.width / 2 - pan.x) / pan.width, width: pan.width };
}"""


def split(page):
    return float(page.input_value("#split"))


def across(page):
    """Where, as shares of the photo's width, the divider and the middle of the frame are."""
    return page.evaluate(ACROSS)


def test_the_slider_by_keyboard(colored):
    page = colored.page
    assert page.get_attribute("#split", "type") == "range"
    page.focus("#split")
    page.keyboard.press("Home")
    assert across(page)["seen"] == 0
    page.keyboard.press("End")
    assert across(page)["seen"] == pytest.approx(1)
    page.keyboard.press("ArrowLeft")
    assert split(page) == 99
    assert page.evaluate("document.getElementById('split').ariaValueText") == "1% in colour"


def drag(page, start, end, selector=".pan"):
    """Drag from one share of the photo's width to another."""
    box = page.locator(selector).bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * start, y)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * end, y, steps=4)
    page.mouse.up()


def test_the_slider_by_mouse_on_the_photo(colored):
    drag(colored.page, 0.5, 0.2)
    assert split(colored.page) == pytest.approx(20, abs=1)
    colored.page.mouse.move(600, 300)
    assert split(colored.page) == pytest.approx(20, abs=1)


def test_the_slider_by_touch(new_visit):
    visit = new_visit(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}).open()
    visit.choose_example()
    visit.colorize()
    box = visit.page.locator(".pan").bounding_box()
    visit.page.touchscreen.tap(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    assert split(visit.page) == pytest.approx(75, abs=1)


def test_zoom_keeps_the_middle_and_a_drag_moves_the_photo(colored):
    page = colored.page
    whole = across(page)["width"]
    expect(page.locator("#zoom-out")).to_be_disabled()
    for _ in range(3):
        page.click("#zoom-in")
    assert across(page)["width"] == pytest.approx(whole * 1.5**3, rel=0.01)
    assert across(page)["middle"] == pytest.approx(0.5, abs=0.01)
    assert re.fullmatch(r"Zoom \d+%", colored.status())
    page.focus(".view")
    page.keyboard.press("ArrowRight")
    assert across(page)["middle"] > 0.51
    before, position = across(page)["middle"], split(page)
    drag(page, 0.3, 0.4, ".view")
    assert across(page)["middle"] < before - 0.02
    assert split(page) == position, "the divider stays while the photo moves"
    for _ in range(3):
        page.click("#zoom-out")
    expect(page.locator("#zoom-out")).to_be_disabled()


def test_the_wheel_zooms_about_the_pointer(colored):
    page = colored.page
    box = page.locator(".pan").bounding_box()
    place = [box["x"] + box["width"] / 4, box["y"] + box["height"] / 4]
    page.mouse.move(*place)
    page.mouse.wheel(0, -400)
    page.wait_for_function("() => document.getElementById('viewer').matches('.zoomed')")
    zoomed = page.locator(".pan").bounding_box()
    assert zoomed["width"] > 1.5 * box["width"]
    assert (place[0] - zoomed["x"]) / zoomed["width"] == pytest.approx(0.25, abs=0.01)


def test_a_panorama_is_seen_in_its_own_pixels_in_a_frame_that_uses_the_screen(visit):
    gray = np.random.default_rng(0).integers(0, 256, (25, 200), np.uint8)
    file = io.BytesIO()
    Image.fromarray(gray).resize((8000, 1000)).save(file, "JPEG", quality=60)
    visit.choose(("panorama.jpg", file.getvalue()))
    page = visit.page
    view = page.locator(".view").bounding_box()
    page.mouse.dblclick(view["x"] + view["width"] / 2, view["y"] + view["height"] / 2)
    expect(page.locator("#zoom-whole")).to_have_text("100%")
    assert across(page)["width"] == pytest.approx(8000)
    assert view["height"] > 0.7 * page.viewport_size["height"]
    assert view["width"] > 0.6 * page.viewport_size["width"]
    page.click("#zoom-whole")
    assert across(page)["width"] == pytest.approx(view["width"])


def test_two_fingers_zoom(new_visit):
    visit = new_visit(has_touch=True, is_mobile=True, viewport={"width": 390, "height": 844}).open()
    visit.choose_example()
    page = visit.page
    box = page.locator(".view").bounding_box()
    middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
    touch = visit.context.new_cdp_session(page)

    def fingers(kind, apart):
        points = [{"x": middle[0] + side * apart, "y": middle[1], "id": side} for side in (-1, 1)]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points if apart else []})

    whole = across(page)["width"]
    fingers("touchStart", 40)
    for apart in (60, 80, 100, 120):
        fingers("touchMove", apart)
    fingers("touchEnd", 0)
    assert across(page)["width"] == pytest.approx(3 * whole, rel=0.1)
    assert across(page)["middle"] == pytest.approx(0.5, abs=0.02)


def test_before_is_seen_while_the_key_or_button_is_held(colored):
    page = colored.page
    after = page.locator(".after")
    page.keyboard.down("b")
    expect(after).to_be_hidden()
    page.keyboard.up("b")
    expect(after).to_be_visible()
    page.click("#correct")
    box = page.locator("#before").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    expect(after).to_be_hidden()
    page.mouse.up()
    expect(after).to_be_visible()


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
    expect(page.locator("#veil-legend")).to_have_text(re.compile(r"^veiled: \d+% sure; clear: \d+%$"))
    change = np.abs(pixels_of(page) - without).max(axis=2)
    assert (change > 40).mean() > 0.02
    assert (change < 10).mean() > 0.02


def pixels_of(page):
    screenshot = Image.open(io.BytesIO(page.locator(".pan").screenshot()))
    return np.asarray(screenshot.convert("RGB")).astype(int)


def test_only_networks_that_are_installed_are_offered(visit):
    page = visit.page
    visit.choose_example()
    page.click("#networks summary")
    expect(page.locator("#strategy-colornet")).to_be_checked()
    expect(page.locator("#strategies li")).to_have_count(2)
    page.uncheck("#strategy-colornet")
    expect(page.locator("#colorize")).to_be_disabled()


def test_two_networks_stand_beside_the_original_and_move_together(visit):
    page = visit.page
    visit.choose_example("china")
    page.click("#networks summary")
    page.check("#strategy-zeruniverse")
    visit.colorize()
    captions = page.locator("#frames figcaption").all_inner_texts()
    assert [caption.split()[0] for caption in captions] == ["Original", "colornet,", "neural-colorization"]
    tops = [view.bounding_box()["y"] for view in page.locator(".view").all()]
    assert max(tops) - min(tops) < 1
    page.click("#zoom-in")
    drag(page, 0.5, 0.4, "#frame-colornet .view")
    places = page.locator(".pan").evaluate_all("(pans) => pans.map((pan) => getComputedStyle(pan).translate)")
    places = [float(place.split("px")[0]) for place in places]
    assert places[0] < 0
    assert places == pytest.approx([places[0]] * 3)
    names = [colored_file(visit, number) for number in (0, 1)]
    assert names == ["china-before-colorized-colornet.jpg", "china-before-colorized-zeruniverse.jpg"]


def colored_file(visit, number):
    return visit.download(f"#frames figcaption button >> nth={number}").suggested_filename
