"""Upload, colorize, download: by mouse, by keyboard, by drop, by paste, by example."""

import base64
import io

import numpy as np
import skimage.data
from PIL import Image
from visit import EXAMPLES

PHOTO = EXAMPLES / "camera-before.jpg"
GIVE = """([how, name, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const data = new DataTransfer();
  data.items.add(new File([bytes], name, { type: "image/jpeg" }));
  const event = how === "paste"
    ? new ClipboardEvent("paste", { clipboardData: data, bubbles: true })
    : new DragEvent(how, { dataTransfer: data, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
  return event.defaultPrevented;
}"""


def give(page, how, name="grandma.jpg"):
    return page.evaluate(GIVE, [how, name, base64.b64encode(PHOTO.read_bytes()).decode()])


def pixels(picture):
    return np.asarray(picture.convert("RGB")).astype(int)


def small_chroma(image):
    """R - G and B - G of a few large pixels, so that the browser's scaling does not count, nor the edge."""
    reduced = np.asarray(image.convert("RGB").resize((34, 34), Image.Resampling.BOX), float)
    return (reduced[..., [0, 2]] - reduced[..., [1]])[1:-1, 1:-1]


def is_colored(picture):
    return np.ptp(pixels(picture), axis=2).mean() > 5


def test_a_photo_comes_back_in_colour_under_its_own_name(visit):
    page = visit.page
    assert page.title() == page.inner_text("h1") == "Image Colorizer"
    assert page.get_attribute("#file", "accept") == "image/*"
    visit.choose(("grandma.jpg", PHOTO.read_bytes()))
    assert visit.status() == "Ready. Press Colorize."
    assert page.locator("#download").is_hidden(), "nothing is coloured unasked"
    visit.colorize()
    assert visit.download().suggested_filename == "grandma-colorized.jpg"
    result = visit.picture()
    assert (result.format, result.size) == ("JPEG", (512, 512))
    assert is_colored(result)
    assert visit.status() == ""


def test_download_as_png_is_made_by_the_server(colored):
    colored.page.select_option("#format", "png")
    assert colored.download().suggested_filename == "camera-before-colorized.png"
    assert colored.picture().format == "PNG"


def test_upload_new_starts_over(colored):
    page = colored.page
    page.click("#new")
    assert page.locator("#welcome").is_visible()
    assert page.locator("#viewer").is_hidden()
    assert page.locator("#colorize").is_disabled()
    assert page.evaluate("document.activeElement.id") == "choose"
    colored.choose_example("china")
    assert page.inner_text("#name") == "china-before.jpg"


def test_the_whole_path_by_keyboard(visit):
    page = visit.page
    page.on("filechooser", lambda chooser: chooser.set_files(PHOTO))
    for _ in range(10):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "choose":
            break
    page.keyboard.press("Enter")
    page.locator("#colorize:enabled").wait_for()
    assert page.evaluate("document.activeElement.id") == "colorize"
    page.keyboard.press("Enter")
    visit.finish()
    assert page.evaluate("document.activeElement.id") == "download"
    with page.expect_download():
        page.keyboard.press("Enter")


def test_the_path_is_announced(visit):
    page = visit.page
    assert page.get_attribute("#status", "role") == "status"
    page.evaluate("""() => {
      window.said = [];
      new MutationObserver(() => said.push(document.getElementById("status").textContent))
        .observe(document.getElementById("status"), { childList: true });
    }""")
    visit.choose_example()
    visit.colorize()
    assert page.evaluate("said") == [
        "Opening …",
        "Ready. Press Colorize.",
        "Colouring …",
        "Done. Move the slider to compare.",
    ]


def test_drop(visit):
    page = visit.page
    assert give(page, "dragover"), "or the browser would open the file"
    assert "dropping" in page.get_attribute("body", "class")
    give(page, "drop")
    page.locator("#colorize:enabled").wait_for()
    assert page.inner_text("#name") == "grandma.jpg"
    assert "dropping" not in page.get_attribute("body", "class")


def test_paste(visit):
    give(visit.page, "paste", "image.png")
    visit.page.locator("#colorize:enabled").wait_for()
    visit.colorize()
    assert is_colored(visit.picture())


def test_an_example_can_be_tried(visit):
    visit.page.click(".example[name=china]")
    visit.page.locator("#colorize:enabled").wait_for()
    visit.colorize()
    assert visit.download().suggested_filename == "china-colorized.jpg"


def test_a_photo_on_its_side_is_rotated_before_colouring(visit):
    before = Image.open(io.BytesIO((EXAMPLES / "china-before.jpg").read_bytes()))
    visit.choose_example("china")
    visit.page.click("#rotate")
    visit.colorize()
    assert visit.page.locator("#rotate").is_hidden()
    result = pixels(visit.picture())
    assert result.shape[:2] == (before.width, before.height)
    turned = np.rot90(np.asarray(before.convert("L")).astype(int), -1)
    assert np.abs(result @ [0.299, 0.587, 0.114] - turned).mean() < 4


def test_a_turn_that_is_overtaken_by_the_next_is_not_shown(visit):
    visit.choose_example("china")
    lying = visit.shown_size()
    visit.slow_the_first_turn()
    visit.page.locator("#rotate").evaluate("(rotate) => { rotate.click(); rotate.click(); }")
    visit.page.locator("#colorize:enabled").wait_for()
    visit.wait_for_the_slow_turn()
    assert visit.shown_size() == lying


def test_four_turns_give_the_file_as_it_was(visit):
    visit.choose_example("china")
    for _ in range(4):
        visit.page.click("#rotate")
        visit.page.locator("#colorize:enabled").wait_for()
    visit.colorize()
    turned = visit.download().path().read_bytes()
    visit.page.click("#new")
    visit.choose_example("china")
    visit.colorize()
    assert visit.download().path().read_bytes() == turned


def test_cancel(visit):
    page = visit.page
    visit.choose_example()
    visit.hold()
    page.click("#colorize")
    assert page.evaluate("document.activeElement.id") == "cancel"
    page.click("#cancel")
    visit.finish()
    assert visit.status() == "Stopped."
    visit.let_go()
    visit.colorize()
    assert page.locator("#download").is_visible()


def test_upload_new_during_work_cancels_it(visit):
    visit.choose_example()
    visit.hold()
    visit.page.click("#colorize")
    visit.page.click("#new")
    visit.finish()
    assert visit.page.locator("#welcome").is_visible()
    visit.let_go()
    visit.page.click("#photos .open")
    visit.colorize()
    assert visit.page.locator("#download").is_visible()


def test_a_colour_photo_is_said_to_be_one_before_it_is_sent(visit):
    file = io.BytesIO()
    Image.fromarray(skimage.data.astronaut()).save(file, "JPEG")
    visit.choose(("astronaut.jpg", file.getvalue()))
    assert "in colour already" in visit.page.inner_text("#note")
    assert visit.page.locator("#colorize").is_enabled()


def test_a_sepia_print_is_not_said_to_be_in_colour(visit):
    gray = np.asarray(Image.open(io.BytesIO(PHOTO.read_bytes())), float)[..., None] / 255
    sepia = np.uint8(255 * gray ** np.array([0.8, 1.0, 1.4]))
    file = io.BytesIO()
    Image.fromarray(sepia).save(file, "JPEG")
    visit.choose(("sepia.jpg", file.getvalue()))
    assert visit.page.inner_text("#note") == ""
    visit.colorize()
    assert visit.page.inner_text("#note") == ""


def test_the_photo_does_not_move_when_the_result_arrives(visit):
    page = visit.page
    visit.choose_example("china")
    page.evaluate("""() => {
      window.shift = 0;
      const onStage = ({ node }) => document.getElementById("stage").contains(node);
      new PerformanceObserver((list) => list.getEntries().forEach(({ sources, value }) => {
        if (sources.some(onStage)) shift += value;
      })).observe({ type: "layout-shift" });
    }""")
    visit.colorize()
    page.wait_for_timeout(300)
    assert page.evaluate("shift") == 0


def test_saturation_shows_at_once_what_the_server_will_send(colored):
    page = colored.page
    asked = len(colored.requests)
    for saturation, filter_ in (("0.5", "saturate(0.5)"), ("1.5", "saturate(1.5)")):
        page.locator("#saturation").fill(saturation)
        assert (
            page.locator(".after").evaluate("(layer) => getComputedStyle(layer).filter").startswith(filter_)
        )
        page.locator("#split").fill("0")
        shown = Image.open(io.BytesIO(page.locator(".pan").screenshot()))
        sent = colored.picture()
        error = np.abs(small_chroma(shown) - small_chroma(sent)).mean()
        assert error < 0.2 * np.abs(small_chroma(sent)).mean()
    assert sum("/colorize" in url for url in colored.requests[asked:]) == 2


def test_warmth_shows_at_once_what_the_server_will_send(colored):
    page = colored.page
    page.locator("#split").fill("0")
    page.locator("#warmth").fill("0.8")
    shown = Image.open(io.BytesIO(page.locator(".pan").screenshot()))
    sent = colored.picture()
    error = np.abs(small_chroma(shown) - small_chroma(sent)).mean()
    assert error < 0.15 * np.abs(small_chroma(sent)).mean()


def test_phones_get_a_share_sheet(new_visit):
    visit = new_visit()
    visit.page.add_init_script("""
      navigator.canShare = () => true;
      navigator.share = async ({ files }) => { window.shared = files[0].name; };
    """)
    visit.open()
    visit.choose_example()
    visit.colorize()
    visit.page.click("#share")
    visit.page.wait_for_function("() => window.shared")
    assert visit.page.evaluate("shared") == "camera-before-colorized.jpg"
