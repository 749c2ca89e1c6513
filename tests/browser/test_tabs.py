"""Tabs with an address each; changing them loses nothing."""

import pytest
from playwright.sync_api import expect


def test_tabs_by_mouse_and_address(visit):
    page = visit.page
    visit.choose_example()
    page.get_by_role("tab", name="FAQ").click()
    assert page.url.endswith("/#faq")
    expect(page.get_by_role("tabpanel")).to_have_count(1)
    expect(page.get_by_role("tab", selected=True)).to_have_text("FAQ")
    page.go_back()
    expect(page.get_by_role("tab", selected=True)).to_have_text("Colorizer")
    assert page.inner_text("#name") == "camera-before.jpg", "nothing is lost"
    expect(page.locator("#colorize")).to_be_enabled()


def test_tabs_by_keyboard(visit):
    page = visit.page
    page.focus("#tab-colorizer")
    steps = [("ArrowRight", "FAQ"), ("End", "About"), ("ArrowRight", "Colorizer"), ("ArrowLeft", "About")]
    for key, name in steps:
        page.keyboard.press(key)
        expect(page.get_by_role("tab", selected=True)).to_have_text(name)
        assert page.evaluate("document.activeElement.textContent") == name


@pytest.mark.parametrize("code", ["busy", "not-ready", "internal-error"])
def test_a_problems_address_opens_its_entry(new_visit, code):
    page = new_visit().open(f"#faq-{code}").page
    entry = page.locator(f"details:has([id=faq-{code}]), details[id=faq-{code}]")
    expect(entry).to_have_attribute("open", "")
    expect(entry.locator("summary")).to_be_focused()
    expect(entry).to_be_in_viewport()


def test_about_names_the_version_and_says_that_colours_are_a_guess(new_visit):
    from colorizer import __version__

    about = new_visit().open("#about").page.locator("#panel-about")
    expect(about).to_contain_text("The colours are a guess, not history.")
    expect(about).to_contain_text(f"Image Colorizer {__version__},")
