"""Reload, Upload New, undo, failures: nothing that a visitor gave or did is lost, until they say so."""

import re

import pytest
from playwright.sync_api import Error, expect
from test_corrections import click_photo, pick
from visit import EXAMPLES

PHOTO = EXAMPLES / "china-before.jpg"
BACKDATE = """async () => {
  const opening = indexedDB.open("image-colorizer");
  await new Promise((resolve) => { opening.onsuccess = resolve; });
  const store = opening.result.transaction("photos", "readwrite").objectStore("photos");
  const all = store.getAll();
  await new Promise((resolve) => { all.onsuccess = resolve; });
  for (const record of all.result) store.put({ ...record, at: Date.now() - 25 * 3600 * 1000 });
  opening.result.close();
}"""


def reload(visit):
    visit.count_kept()
    visit.page.reload()
    visit.page.locator("#strategies li").first.wait_for(state="attached")


def test_a_reload_keeps_photos_results_and_spots(colored):
    page = colored.page
    page.click("#correct")
    click_photo(colored)
    pick(colored, "#2040d0")
    page.click("#finish")
    before = colored.download().path().read_bytes()
    reload(colored)
    expect(page.locator("#download")).to_be_visible()
    assert colored.status() == "Welcome back: your photos are still here."
    asked = len(colored.requests)
    assert colored.download().path().read_bytes() == before
    assert not any("/colorize" in url for url in colored.requests[asked:])
    page.click("#correct")
    expect(page.locator(".spot")).to_have_count(1)
    page.click("#undo")
    expect(page.locator(".spot")).to_have_attribute(
        "aria-label", "Spot 1, no colour yet: arrow keys move it, Delete removes it"
    )


def test_a_turn_is_kept_although_another_photo_was_chosen_meanwhile(visit):
    page = visit.page
    visit.choose(("a.jpg", PHOTO.read_bytes()), ("b.jpg", PHOTO.read_bytes()))
    page.click("#photos li:nth-child(1) .open")
    lying = visit.shown_size()
    visit.slow_the_first_turn()
    page.click("#rotate")
    page.click("#photos li:nth-child(2) .open")
    visit.wait_for_the_slow_turn()
    reload(visit)
    page.click("#photos li:nth-child(1) .open")
    expect(page.locator("#name")).to_have_text("a.jpg")
    assert visit.shown_size() == lying[::-1]


def test_back_brings_the_visit_back(colored):
    colored.count_kept()
    colored.page.goto("about:blank")
    colored.page.go_back()
    expect(colored.page.locator("#download")).to_be_visible()


def test_a_crash_loses_nothing(colored):
    colored.count_kept()
    with pytest.raises(Error, match="crash"):
        colored.page.goto("chrome://crash")
    page = colored.context.new_page()
    page.goto(colored.origin)
    expect(page.locator("#download")).to_be_visible()
    expect(page.locator("#status")).to_have_text("Welcome back: your photos are still here.")


def test_upload_new_keeps_what_is_there(colored):
    page = colored.page
    page.click("#new")
    expect(page.locator("#welcome")).to_be_visible()
    page.click("#photos .open")
    expect(page.locator("#download")).to_be_visible()


def test_forget_everything_forgets_it(colored):
    page = colored.page
    assert colored.count_kept() == 1
    expect(page.locator("#kept")).to_contain_text("Kept in this browser for a day.")
    page.click("#forget")
    expect(page.locator("#welcome")).to_be_visible()
    expect(page.locator("#list")).to_be_hidden()
    expect(page.locator("#status")).to_have_text("Everything is forgotten.")
    assert colored.count_kept() == 0
    reload(colored)
    expect(page.locator("#welcome")).to_be_visible()


@pytest.mark.parametrize("button", ["#forget", "#photos [aria-label^=Remove]"])
def test_what_is_forgotten_while_it_is_coloured_does_not_come_back(visit, button):
    visit.choose(PHOTO)
    visit.page.click("#new")
    visit.page.click("#photos .open")
    visit.hold()
    visit.page.click("#colorize")
    visit.page.evaluate("(button) => document.querySelector(button).click()", button)
    visit.let_through()
    visit.finish()
    assert visit.count_kept() == 0


def test_a_day_later_it_is_gone(colored):
    colored.page.evaluate(BACKDATE)
    reload(colored)
    expect(colored.page.locator("#welcome")).to_be_visible()
    assert colored.count_kept() == 0


def test_a_browser_without_room_says_so_and_colours_all_the_same(visit):
    browser = visit.context.new_cdp_session(visit.page)
    browser.send("Storage.overrideQuotaForOrigin", {"origin": visit.origin, "quotaSize": 20_000})
    visit.choose_example()
    expect(visit.page.locator("#kept")).to_contain_text("This browser has no room to keep it all: download")
    visit.colorize()
    assert visit.picture().size == (512, 512)
    browser.send("Storage.overrideQuotaForOrigin", {"origin": visit.origin})
    visit.page.click("#new")
    visit.page.click("#photos .open")
    expect(visit.page.locator("#kept")).to_contain_text("Kept in this browser for a day.")


def test_one_photo_is_removed(visit):
    visit.choose(PHOTO, EXAMPLES / "grace_hopper-before.jpg")
    visit.page.get_by_label("Remove grace_hopper-before.jpg").click()
    expect(visit.page.locator("#name")).to_have_text("china-before.jpg")
    assert visit.count_kept() == 1


def test_undo_and_redo_by_keyboard(colored):
    page = colored.page
    page.locator("#saturation").fill("0.5")
    page.click("#correct")
    click_photo(colored)
    pick(colored, "#2040d0")
    color = "document.getElementById('spot-color').value"
    page.keyboard.press("Control+z")
    assert page.evaluate(color) == "#808080"
    page.keyboard.press("Control+Shift+z")
    assert page.evaluate(color) == "#2040d0"
    for _ in range(3):
        page.keyboard.press("Control+z")
    expect(page.locator(".spot")).to_have_count(0)
    assert page.input_value("#saturation") == "1"
    expect(page.locator("#undo")).to_be_disabled()


def test_escape_leaves_one_thing_at_a_time(colored):
    page = colored.page
    page.click("#correct")
    click_photo(colored)
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#correction")).to_be_hidden()
    expect(page.locator("#download")).to_be_visible()
    expect(page.locator("#status")).to_have_text("The corrections stay in the photo.")


def test_a_correction_that_failed_can_be_tried_again(colored):
    page = colored.page
    page.click("#correct")
    page.route(re.compile("/colorize|/suggestions"), lambda route: route.abort())
    with page.expect_request("**/suggestions"):
        click_photo(colored)
    page.locator("#spot-color").fill("#2040d0")
    expect(page.locator("#failure")).to_contain_text("could not be reached")
    page.unroute_all()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#status")).to_have_text("The corrected colours are there.")
    expect(page.locator("#failure")).to_be_hidden()
    expect(page.locator("#suggested .swatch").first).to_be_visible()


def test_download_waits_for_the_colours_under_way(colored):
    page = colored.page
    page.click("#correct")
    click_photo(colored)
    colored.hold()
    with page.expect_request("**/colorize"):
        page.locator("#spot-color").fill("#2040d0")
    asked = len(colored.requests)
    page.click("#finish")
    with page.expect_download() as waiting:
        page.click("#download")
        expect(page.locator("#status")).to_have_text("Preparing the file …")
        colored.let_through()
    expect(page.locator("#status")).to_have_text("")
    assert not any("/colorize" in url for url in colored.requests[asked:]), "it takes what was under way"
    assert colored.download().path().read_bytes() == waiting.value.path().read_bytes()


def test_drag_never_sets_a_spot(colored):
    page = colored.page
    page.click("#correct")
    page.click("#zoom-in")
    box = page.locator(".view").bounding_box()
    page.mouse.move(box["x"] + 200, box["y"] + 200)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 240, steps=3)
    page.mouse.up()
    expect(page.locator(".spot")).to_have_count(0)
