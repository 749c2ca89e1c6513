"""Results for others: a picture of before and after, a short film, the clipboard, with a mark if wanted."""

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect


@pytest.fixture
def sharing(colored):
    colored.page.click("#sharing summary")
    return colored


def picture_of(visit):
    return visit.picture("#comparison")


def test_before_and_after_in_one_picture(sharing):
    picture = picture_of(sharing)
    assert picture.size == (2 * 512 + 8, 512)
    pixels = np.asarray(picture.convert("RGB")).astype(int)
    chroma = np.ptp(pixels, axis=2)
    assert chroma[:, :500].mean() < 2
    assert chroma[:, 530:].mean() > 10


def test_the_mark_is_visible_in_the_picture(sharing):
    plain = np.asarray(picture_of(sharing).convert("L")).astype(int)
    sharing.page.check("#mark")
    marked = np.asarray(picture_of(sharing).convert("L")).astype(int)
    change = np.abs(plain - marked)
    assert change[440:, 520:].max() > 80
    assert change[:400].max() < 20


def test_a_short_film(sharing):
    file = sharing.download("#film")
    assert file.suggested_filename == "camera-before-before-after.webm"
    data = file.path().read_bytes()
    assert data.startswith(b"\x1a\x45\xdf\xa3"), "EBML, as every WebM file"
    assert len(data) > 20_000


def test_copy_to_the_clipboard(sharing):
    page = sharing.page
    sharing.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click("#copy")
    expect(page.locator("#status")).to_have_text("Copied.")
    kind, data = page.evaluate("""async () => {
      const [item] = await navigator.clipboard.read();
      return [item.types[0], [...new Uint8Array(await (await item.getType("image/png")).arrayBuffer())]];
    }""")
    assert kind == "image/png"
    assert Image.open(io.BytesIO(bytes(data))).size == (512, 512)
