"""What a file says beside its pixels survives Rotate and Make it smaller; other kinds are taken too."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from test_corrections import RECORD
from visit import EXAMPLES

ORIENTATION, DESCRIPTION, ARTIST = 0x0112, 0x010E, 0x013B
CAPTION = "Grandma at the sea, 1931"


def photo(width=600, height=400, *, orientation=1, noise=False):
    """A photo with a caption, a resolution, and the side on which it lies."""
    pixels = np.random.default_rng(0).integers(0, 256, (height, width), np.uint8)
    if not noise:
        pixels = np.tile(np.linspace(0, 255, width, dtype=np.uint8), (height, 1))
    exif = Image.Exif()
    exif[DESCRIPTION], exif[ORIENTATION], exif[ARTIST] = CAPTION, orientation, "Grandpa"
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95, exif=exif, dpi=(600, 600))
    return "grandma.jpg", file.getvalue()


def assert_says_the_same(result):
    exif = result.getexif()
    assert exif[DESCRIPTION].startswith(CAPTION)
    assert exif[ARTIST] == "Grandpa"
    assert exif.get(ORIENTATION, 1) == 1
    assert tuple(map(round, result.info["dpi"])) == (600, 600)


def test_rotate_keeps_it(visit):
    visit.choose(photo())
    visit.page.click("#rotate")
    expect(visit.page.locator("#status")).to_have_text("Rotated a quarter to the right.")
    visit.colorize()
    result = visit.picture()
    assert result.size == (400, 600)
    assert_says_the_same(result)


def test_make_it_smaller_keeps_it_and_turns_it_once(visit):
    visit.choose(photo(1600, 1000, orientation=6, noise=True))
    visit.page.click("#shrink")
    expect(visit.page.locator("#colorize")).to_be_enabled()
    visit.colorize()
    result = visit.picture()
    assert result.height > result.width
    assert_says_the_same(result)


def test_a_turn_that_is_overtaken_by_make_it_smaller_is_not_shown(visit):
    visit.choose(photo(1600, 1000, noise=True))
    visit.slow_the_first_turn()
    visit.page.evaluate("() => ['shrink', 'rotate'].forEach((id) => document.getElementById(id).click())")
    visit.wait_for_the_slow_turn()
    expect(visit.page.locator("#colorize")).to_be_enabled()
    width, height = visit.shown_size()
    assert width < height < 1600


def test_a_picture_that_only_the_browser_knows_is_sent_as_a_jpg(visit):
    file = io.BytesIO()
    with Image.open(EXAMPLES / "china-before.jpg") as picture:
        picture.convert("P").save(file, "GIF")
    visit.choose(("china.gif", file.getvalue()))
    visit.colorize()
    assert visit.download().suggested_filename == "china-colorized.jpg"


def test_a_tiff_is_shown_by_the_service_and_comes_back_whole(visit):
    """Chromium shows no TIFF; what the page shows is the service's own picture of it, without colour."""
    file = io.BytesIO()
    with Image.open(EXAMPLES / "china-before.jpg") as picture:
        picture.save(file, "TIFF", dpi=(600, 600))
        width = picture.width
    page = visit.page
    visit.choose(("scan.tif", file.getvalue()))
    expect(page.locator("#colorize")).to_be_enabled()
    assert page.locator(".pan img").first.evaluate("(image) => image.naturalWidth") == width
    assert page.inner_text("#note") == "", "it is not taken for a photo in colour"
    page.evaluate(RECORD)
    visit.colorize()
    assert page.evaluate("sent.at(-1).image.type") == "image/tiff", "the original goes to the service"
    assert visit.download().suggested_filename == "scan-colorized.jpg"
    assert tuple(map(round, visit.picture().info["dpi"])) == (600, 600)


def test_canvases_are_no_larger_than_safari_takes(visit):
    """What the browser draws anew, it draws at 16.8 megapixels at most; sides keep their ratio."""
    file = io.BytesIO()
    Image.new("L", (5000, 4000)).save(file, "PNG")
    drawing = next(url for url in visit.requests if url.endswith("/drawing.js"))
    width, height = visit.page.evaluate(
        """async ([url, text]) => {
          const { drawn } = await import(url);
          const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
          const bitmap = await createImageBitmap(await drawn(new Blob([bytes])));
          return [bitmap.width, bitmap.height];
        }""",
        [drawing, base64.b64encode(file.getvalue()).decode()],
    )
    assert width * height <= 2**24 + 5000
    assert width / height == pytest.approx(1.25, abs=0.001)
