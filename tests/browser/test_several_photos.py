"""Several photos: a list with each one's state, downloads one by one or as one zip."""

import base64
import io
import zipfile

from PIL import Image
from playwright.sync_api import expect
from visit import EXAMPLES

PHOTO = (EXAMPLES / "china-before.jpg").read_bytes()


def states(visit):
    return visit.page.locator("#photos .state").all_inner_texts()


def test_one_bad_file_does_not_stop_the_others(visit):
    page = visit.page
    visit.choose(("a.jpg", PHOTO), ("notes.jpg", b"Dear diary"), ("b.jpg", PHOTO))
    assert states(visit)[0] == states(visit)[2] == "Ready"
    assert states(visit)[1] == "This is not a photo that can be used here. What can I do?"
    visit.colorize()
    assert [state for state in states(visit) if state == "Done"] == ["Done", "Done"]
    assert visit.status() == "Done: 2 of 2 photos are in colour."
    names = [visit.download(f"#photos li:nth-child({row}) .help button").suggested_filename for row in (1, 3)]
    assert names == ["a-colorized.jpg", "b-colorized.jpg"]
    page.click("#photos li:nth-child(3) .open")
    assert page.inner_text("#name") == "b.jpg"


def test_a_photo_that_fails_does_not_stop_the_next(visit):
    visit.page.route("**/colorize", lambda route: route.fulfill(status=500, body="oh"), times=1)
    visit.choose(("a.jpg", PHOTO), ("b.jpg", PHOTO))
    visit.colorize()
    assert states(visit) == ["Something went wrong on our side. What can I do?", "Done"]
    assert visit.status() == "Done: 1 of 2 photos are in colour."
    visit.colorize()
    assert states(visit) == ["Done", "Done"], "Colorize tries those again that failed"


def test_cancel_keeps_what_is_done(visit):
    visit.hold()
    visit.page.route("**/colorize", lambda route: route.continue_(), times=1)
    visit.choose(("a.jpg", PHOTO), ("b.jpg", PHOTO))
    visit.page.click("#colorize")
    expect(visit.page.locator("#photos .state").first).to_have_text("Done")
    visit.page.click("#cancel")
    visit.finish()
    assert states(visit) == ["Done", "Ready"]


def test_all_in_one_zip(visit):
    names = ("grandma.jpg", "großmutter & opa.jpg", "grandma.jpg")
    visit.choose(*((name, PHOTO) for name in names))
    visit.colorize()
    asked = len(visit.requests)
    file = visit.download("#save-all")
    assert file.suggested_filename == "colorized-photos.zip"
    assert not any("/colorize" in url for url in visit.requests[asked:]), "the results are there already"
    with zipfile.ZipFile(file.path()) as archive:
        assert archive.testzip() is None
        assert [entry.filename for entry in archive.infolist()] == [
            "grandma-colorized.jpg",
            "großmutter & opa-colorized.jpg",
            "3-grandma-colorized.jpg",
        ]
        for entry in archive.infolist():
            assert entry.compress_type == zipfile.ZIP_STORED
            assert Image.open(io.BytesIO(archive.read(entry))).size == Image.open(io.BytesIO(PHOTO)).size


def test_the_zip_writer(visit, tmp_path):
    """Empty, binary and large contents, through Python's reader."""
    contents = {"empty": b"", "bytes": bytes(range(256)) * 3, "ünïcode ✓.bin": b"\x00" * 70_000}
    encoded = visit.page.evaluate(
        """async ([url, files]) => {
          const { zip } = await import(url);
          const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
          const blobs = files.map(([name, text]) => ({ name, blob: new Blob([bytesOf(text)]) }));
          const bytes = new Uint8Array(await (await zip(blobs)).arrayBuffer());
          return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
        }""",
        [zip_url(visit), [[name, base64.b64encode(data).decode()] for name, data in contents.items()]],
    )
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(encoded))) as archive:
        assert archive.testzip() is None
        assert {entry.filename: archive.read(entry) for entry in archive.infolist()} == contents
        assert archive.infolist()[0].date_time[0] >= 2024


def test_an_empty_zip(visit):
    script = "async (url) => [...new Uint8Array(await (await (await import(url)).zip([])).arrayBuffer())]"
    encoded = visit.page.evaluate(script, zip_url(visit))
    assert zipfile.ZipFile(io.BytesIO(bytes(encoded))).namelist() == []


def zip_url(visit):
    return next(url for url in visit.requests if url.endswith("/zip.js"))


def test_how_many_are_done_and_what_the_others_need(visit):
    page = visit.page
    page.route("**/colorize", lambda route: route.fulfill(status=500, body="oh"), times=1)
    visit.choose(("a.jpg", PHOTO), ("notes.jpg", b"Dear diary"), ("b.jpg", PHOTO))
    expect(page.locator("#summary")).to_have_text("0 of 3 in colour; 1 need you")
    visit.colorize()
    expect(page.locator("#summary")).to_have_text("1 of 3 in colour; 2 need you")
    assert page.locator("#progress").evaluate("(bar) => [bar.value, bar.max]") == [1, 3]
    page.get_by_role("button", name="Try again: a.jpg").click()
    expect(page.locator("#summary")).to_have_text("2 of 3 in colour; 1 need you")


def test_photos_are_added_at_any_time(visit):
    visit.choose(("a.jpg", PHOTO))
    visit.colorize()
    visit.choose(("b.jpg", PHOTO))
    expect(visit.page.locator("#photos li")).to_have_count(2)
    expect(visit.page.locator("#summary")).to_have_text("1 of 2 in colour")


def test_thumbnails_are_small_and_turn_to_colour(visit):
    visit.choose(("a.jpg", PHOTO), ("b.jpg", PHOTO))
    image = visit.page.locator("#photos img").first
    gray = image.get_attribute("src")
    assert max(image.evaluate("(image) => [image.naturalWidth, image.naturalHeight]")) <= 128
    visit.colorize()
    assert image.get_attribute("src") != gray


def test_a_folder_is_chosen_with_all_photos_in_it(visit, tmp_path):
    (tmp_path / "album" / "1931").mkdir(parents=True)
    for name in ("a.jpg", "1931/b.jpg"):
        (tmp_path / "album" / name).write_bytes(PHOTO)
    (tmp_path / "album" / "notes.txt").write_text("Dear diary")
    visit.page.set_input_files("#folder", tmp_path / "album")
    expect(visit.page.locator("#photos li")).to_have_count(2)


def test_a_folder_is_dropped_with_all_photos_in_it(visit, tmp_path):
    """By Chromium's own drag, since no script can make a folder that it drags."""
    (tmp_path / "album" / "1931").mkdir(parents=True)
    for name in ("a.jpg", "1931/b.jpg"):
        (tmp_path / "album" / name).write_bytes(PHOTO)
    (tmp_path / "album" / "notes.txt").write_text("Dear diary")
    (tmp_path / "beside.jpg").write_bytes(PHOTO)
    mouse = visit.context.new_cdp_session(visit.page)
    files = [str(tmp_path / name) for name in ("album", "beside.jpg")]
    data = {"items": [], "files": files, "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        mouse.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": data})
    names = visit.page.locator("#photos .open")
    expect(names).to_have_count(3)
    assert sorted(names.all_inner_texts()) == ["a.jpg", "b.jpg", "beside.jpg"]
