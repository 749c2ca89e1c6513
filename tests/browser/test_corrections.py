"""Correct a colour: by click, drag and keyboard, with suggestions, undo and a list."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from visit import EXAMPLES

RECORD = """() => {
  const real = window.fetch;
  window.sent = [];
  window.fetch = (url, options) => {
    if (options?.body) sent.push(Object.fromEntries(options.body));
    return real(url, options);
  };
}"""


@pytest.fixture
def correcting(colored):
    colored.page.click("#correct")
    return colored


def click_photo(visit, x=0.6, y=0.6):
    box = visit.page.locator(".pan").bounding_box()
    visit.page.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])


def pick(visit, color):
    """Choose with the colour picker and wait for the photo in its new colours."""
    with visit.page.expect_response("**/colorize"):
        visit.page.locator("#spot-color").fill(color)
    expect(visit.page.locator("#status")).to_have_text("The corrected colours are there.")


def place(visit, spot="Spot 1"):
    marker = visit.page.locator(f".spot[aria-label^='{spot}']")
    return [float(marker.evaluate(f"(spot) => parseFloat(spot.style.{side})")) for side in ("left", "top")]


def blueness(visit):
    """How blue the corrected place is."""
    visit.page.click("#finish")
    patch = np.asarray(visit.picture().convert("RGB")).astype(int)[300:315, 300:315]
    visit.page.click("#correct")
    return (patch[..., 2] - patch[..., 0]).mean()


def test_a_click_and_a_colour_recolour_the_place(correcting):
    before = blueness(correcting)
    click_photo(correcting)
    expect(correcting.page.locator(".spot")).to_have_count(1)
    pick(correcting, "#2040d0")
    assert blueness(correcting) > before + 20
    with correcting.page.expect_response("**/colorize"):
        correcting.page.click("#undo")
    expect(correcting.page.locator("#status")).to_have_text("The corrected colours are there.")
    assert blueness(correcting) == pytest.approx(before, abs=1)


def test_the_palette_offers_what_the_network_finds_likely(correcting):
    page = correcting.page
    with page.expect_response("**/suggestions") as asked:
        click_photo(correcting)
    colors = [each["color"] for each in asked.value.json()["colors"]]
    swatches = page.locator("#suggested .swatch")
    expect(swatches).to_have_count(len(colors))
    name = swatches.nth(1).inner_text()
    expect(page.locator("#status")).to_contain_text(re.compile(rf"^{len(colors)} likely colours: .*{name}"))
    with page.expect_response("**/colorize"):
        swatches.nth(1).click()
    assert page.input_value("#spot-color") == colors[1]
    expect(page.locator("#spot-list li")).to_contain_text([f"Spot 1, {name}"])
    expect(page.locator("#status")).to_have_text("The corrected colours are there.")


def test_a_place_that_is_black_as_night_offers_one_colour_and_says_why(visit):
    night = io.BytesIO()
    with Image.open(EXAMPLES / "camera-before.jpg") as photo:
        photo.paste(0, (0, photo.height // 2, photo.width // 2, photo.height))
        photo.save(night, "JPEG")
    visit.choose(("night.jpg", night.getvalue()))
    visit.colorize()
    visit.page.click("#correct")
    click_photo(visit, 0.2, 0.8)
    expect(visit.page.locator("#status")).to_contain_text("can show hardly any colour")
    expect(visit.page.locator("#suggested .swatch")).to_have_count(1)


def test_spots_are_placed_moved_and_removed_by_keyboard(correcting):
    page = correcting.page
    assert page.evaluate("document.activeElement.id") == "spot-add"
    page.keyboard.press("Enter")
    assert place(correcting) == pytest.approx([50, 50], abs=0.2)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    assert place(correcting) == pytest.approx([51, 49], abs=0.2)
    page.click("#undo")
    assert place(correcting) == pytest.approx([50, 50], abs=0.2)
    page.focus(".spot")
    page.keyboard.press("Delete")
    expect(page.locator(".spot")).to_have_count(0)
    expect(page.locator("#spot-list li")).to_have_count(0)


def test_a_spot_is_dragged_and_coloured_where_it_rests(correcting):
    click_photo(correcting, 0.3, 0.3)
    pick(correcting, "#20a040")
    page = correcting.page
    sent = []
    page.on("request", lambda request: sent.append(request.url) if "/colorize" in request.url else None)
    spot, box = page.locator(".spot").bounding_box(), page.locator(".pan").bounding_box()
    page.mouse.move(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2)
    page.clock.install(time=0)
    page.clock.pause_at(1000)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"], steps=8)
    page.mouse.up()
    assert place(correcting) == pytest.approx([70, 50], abs=1)
    with page.expect_response("**/colorize"):
        page.clock.run_for(200)
    assert len(sent) == 1


def test_several_spots_are_listed_and_one_is_removed(correcting):
    click_photo(correcting, 0.3, 0.3)
    pick(correcting, "#20a040")
    click_photo(correcting, 0.7, 0.7)
    pick(correcting, "#a02040")
    rows = correcting.page.locator("#spot-list li")
    expect(rows).to_contain_text(["Spot 1, green", "Spot 2, dark red"])
    rows.first.get_by_label("Remove").click()
    expect(rows).to_contain_text(["Spot 1, dark red"])


def test_corrections_are_in_what_the_server_makes_for_a_download(correcting):
    before = blueness(correcting)
    click_photo(correcting)
    pick(correcting, "#2040d0")
    corrected = blueness(correcting)
    assert corrected > before + 20
    correcting.page.locator("#format").evaluate("(menu) => { menu.value = 'png'; }")
    assert blueness(correcting) == pytest.approx(corrected, abs=3)


def test_whichever_network_paints_takes_corrections(visit):
    page = visit.page
    visit.choose_example("china")
    page.click("#networks summary")
    page.uncheck("#strategy-colornet")
    page.check("#strategy-zeruniverse")
    visit.colorize()
    page.click("#correct")
    click_photo(visit)
    expect(page.locator("#suggested .swatch").first).to_be_visible()
    page.evaluate(RECORD)
    pick(visit, "#2040d0")
    assert '"color":"#2040d0"' in page.evaluate("sent.at(-1).hints")
    assert page.evaluate("sent.at(-1).strategy") == "zeruniverse"


def test_reach_and_keep_are_sent(correcting):
    page = correcting.page
    click_photo(correcting)
    pick(correcting, "#2040d0")
    page.evaluate(RECORD)
    with page.expect_response("**/colorize"):
        page.locator("#reach").fill("2")
    assert '"reach":4' in page.evaluate("sent.at(-1).hints")
    with page.expect_response("**/colorize"):
        page.check("#keep")
    assert '"keep":true' in page.evaluate("sent.at(-1).hints")
    expect(page.locator("#spot-list li")).to_contain_text(["Spot 1, kept as it is"])


@pytest.mark.parametrize(("x", "outward"), [(0.3, 1), (0.7, -1)])
def test_the_ring_is_pulled_for_reach(correcting, x, outward):
    """Its handle is on the side where there is room."""
    page = correcting.page
    click_photo(correcting, x, 0.5)
    ring = page.locator(".ring").bounding_box()
    rem = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)")
    middle = [ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2]
    page.mouse.move(middle[0] + outward * ring["width"] / 2, middle[1])
    page.mouse.down()
    page.mouse.move(middle[0] + outward * (ring["width"] / 2 + rem), middle[1], steps=4)
    page.mouse.up()
    assert float(page.input_value("#reach")) == pytest.approx(1, abs=0.1), "a doubling"
    assert page.locator(".ring").bounding_box()["width"] == pytest.approx(ring["width"] + 2 * rem, abs=2)
    expect(page.locator(".spot")).to_have_count(1)
    page.click("#undo")
    assert float(page.input_value("#reach")) == 0, "one pull is one step"
    page.mouse.click(middle[0], middle[1] + ring["height"] / 4)
    expect(page.locator(".spot")).to_have_count(2)


def test_a_colour_is_tried_out_before_it_is_chosen(correcting):
    page = correcting.page
    click_photo(correcting)
    swatch = page.locator("#suggested .swatch").nth(2)
    with page.expect_response("**/colorize"):
        swatch.hover()
    expect(page.locator(".preview")).to_be_visible()
    assert page.input_value("#spot-color") == "#808080"
    page.hover("#finish")
    expect(page.locator(".preview")).to_be_hidden()


def test_a_colour_is_picked_from_the_photo(correcting):
    page = correcting.page
    shown = np.asarray(Image.open(io.BytesIO(page.locator(".pan").screenshot())).convert("RGB")).astype(int)
    wanted = shown[int(0.2 * shown.shape[0]), int(0.5 * shown.shape[1])]
    click_photo(correcting)
    page.click("#dropper")
    click_photo(correcting, 0.5, 0.2)
    expect(page.locator("#spot-color")).not_to_have_value("#808080")
    color = page.input_value("#spot-color")
    picked = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)])
    assert np.abs(picked - wanted).max() < 24
    expect(page.locator(".spot")).to_have_count(1)


def test_another_photo_gives_its_colours_and_takes_them_back(colored):
    page, before = colored.page, np.asarray(colored.picture().convert("RGB")).mean(axis=(0, 1))
    blue = io.BytesIO()
    with Image.open(EXAMPLES / "camera-after.jpg") as photo:
        red, green, more = photo.split()
        bluer = red.point(lambda level: 0.6 * level), green, more.point(lambda level: 1.6 * level)
        Image.merge("RGB", bluer).save(blue, "PNG")
    chooser = page.get_by_label("Take another photo's colours")
    expect(chooser).to_be_visible()
    with page.expect_response("**/colorize"):
        chooser.set_input_files({"name": "blue.png", "mimeType": "image/png", "buffer": blue.getvalue()})
    expect(page.locator("#status")).to_have_text("The corrected colours are there.")
    red, _, blue = np.asarray(colored.picture().convert("RGB")).mean(axis=(0, 1)) - before
    assert blue - red > 5
    with page.expect_response("**/colorize"):
        page.click("#no-reference")
    expect(page.locator("#status")).to_have_text("The corrected colours are there.")
    assert np.asarray(colored.picture().convert("RGB")).mean(axis=(0, 1)) == pytest.approx(before, abs=0.5)


def test_presets_have_names(correcting):
    page = correcting.page
    click_photo(correcting)
    page.click("#presets summary")
    expect(page.locator("#skin button")).to_have_count(10)
    with page.expect_response("**/colorize"):
        page.get_by_role("button", name="Skin tone 4").click()
    assert page.input_value("#spot-color") == "#eadaba"
    expect(page.locator("#things button").first).to_have_text("khaki")
    expect(page.locator("#things button").last).to_have_text("wood brown")


def test_tab_leads_from_the_spot_to_its_colours(correcting):
    page = correcting.page
    page.keyboard.press("Enter")
    expect(page.locator("#suggested .swatch").first).to_be_visible()
    expect(page.locator(".spot")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#suggested .swatch").first).to_be_focused()


def test_the_brush_gives_its_colour_to_what_it_paints(correcting):
    page = correcting.page
    before = blueness(correcting)
    page.click("#brush")
    page.locator("#spot-color").fill("#2040d0")
    box = page.locator(".pan").bounding_box()
    page.evaluate(RECORD)
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.6 * box["height"])
    page.mouse.down()
    with page.expect_response("**/colorize"):
        page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.6 * box["height"], steps=6)
        page.mouse.up()
    assert page.evaluate("sent.at(-1).mask.type") == "image/png"
    expect(page.locator("#spot-list li")).to_have_count(1)
    expect(page.locator("#status")).to_have_text("The corrected colours are there.")
    assert blueness(correcting) > before + 20
    page.click("#undo")
    expect(page.locator("#spot-list li")).to_have_count(0)
    click_photo(correcting)
    pick(correcting, "#d02020")
    page.click("#brush")
    expect(page.locator("#spot-color")).to_have_value("#d02020")  # as the spot that was selected


def test_another_colouring_is_chosen_and_taken_back(colored):
    page = colored.page
    page.click("#variants")
    expect(page.locator(".variant").nth(1)).to_be_visible()
    assert page.locator(".variant").count() <= 4
    before = blueness_of(colored.picture())
    with page.expect_response("**/colorize"):
        page.locator(".variant").nth(1).click()
    expect(page.locator("#status")).to_have_text("The corrected colours are there.")
    chosen = colored.picture()
    page.click("#undo")
    expect(page.locator("#status")).to_have_text("The corrected colours are there.")
    assert blueness_of(colored.picture()) == before
    assert blueness_of(chosen) != before


def test_a_reference_in_black_and_white_is_not_sent(colored):
    page = colored.page
    asked = len(colored.requests)
    page.set_input_files("#reference", EXAMPLES / "china-before.jpg")
    expect(page.locator("#status")).to_have_text("That photo has no colours to take.")
    expect(page.locator("#no-reference")).to_be_hidden()
    assert page.input_value("#reference") == ""
    assert not any("/colorize" in url for url in colored.requests[asked:])


def blueness_of(picture):
    pixels = np.asarray(picture.convert("RGB")).astype(int)
    return (pixels[..., 2] - pixels[..., 0]).mean()
