"""The main path in Firefox too: choose, colorize, correct, reload."""

import os

import pytest
from firefox import FIREFOX, firefox
from serving import serve
from visit import EXAMPLES

PHOTO = EXAMPLES / "china-before.jpg"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    if not FIREFOX.exists():
        if "CI" in os.environ:
            pytest.fail("CI must install Firefox")
        pytest.skip("there is no /usr/bin/firefox-esr")
    folder = tmp_path_factory.mktemp("firefox")
    profile = folder / "profile"
    profile.mkdir()
    with serve(folder) as server, firefox(profile) as browser:
        browser.address = f"http://127.0.0.1:{server.port}/"
        browser.open(browser.address)
        yield browser


def test_the_main_path(page):
    page.wait_for("document.querySelector('#strategies li')")
    page.choose("file", PHOTO)
    page.click("colorize")
    page.wait_for("document.querySelector('.colored .after img')?.naturalWidth === 560")
    assert page.wait_for("document.getElementById('confidence').textContent").startswith(
        ("Very", "Fairly", "Not")
    )
    page.click("correct")
    page.click("spot-add")
    swatch = "document.querySelector('#suggested .swatch')"
    page.wait_for(f"{swatch} && {swatch}.click() === undefined")
    page.wait_for("document.getElementById('status').textContent === 'The corrected colours are there.'")
    page.click("finish")
    page.open(page.address)
    page.wait_for("document.getElementById('status')?.textContent.startsWith('Welcome back')")
    page.click("correct")
    page.wait_for("document.querySelectorAll('.spot').length === 1")
