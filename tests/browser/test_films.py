"""Films on the page: chosen, recorded, coloured by a worker, compared, corrected, kept through a reload."""

import base64
import io
import re
from contextlib import contextmanager

import av
import cv2
import numpy as np
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from films import Clip
from offices import Office
from PIL import Image
from playwright.sync_api import expect
from serving import serve
from test_corrections import click_photo
from test_layout import SCREENS, assert_in_view
from test_looks import LIGHTS, sideways, violations
from test_main_path import GIVE
from visit import EXAMPLES, PHONE, Visit

SIZE = (320, 240)
SHOT = 25  # frames; the clip has two of them
VIDEOS = """() => [...document.querySelectorAll("#frames video")].map(
  ({ currentTime, paused, duration }) => ({ currentTime, paused, duration }))"""
PLAY_AS_ONE = """() => {
  const [before, after] = document.querySelectorAll("#frames video");
  const apart = Math.abs(before.currentTime - after.currentTime);
  return !before.paused && before.currentTime > 0.4 && after.currentTime > 0.4 && apart < 0.15;
}"""
LOOP = "() => { for (const video of document.querySelectorAll('#frames video')) video.loop = true; }"
RESULT = re.compile(r"/jobs/[^/]+/result$")
RECORDING = """() => {
  const real = MediaRecorder.prototype.start;
  window.recordingSince = Infinity;
  MediaRecorder.prototype.start = function () {
    this.onstart = () => { recordingSince = Date.now(); };
    real.call(this);
  };
}"""
SENT = """() => {
  const real = XMLHttpRequest.prototype.send;
  window.sent = 0;
  XMLHttpRequest.prototype.send = function (body) { sent += 1; real.call(this, body); };
}"""


@contextmanager
def under_way(page):
    """Let every job be under way for the page, however quick the worker is."""
    page.route("**/jobs/*", still_running)
    yield
    page.unroute_all(behavior="wait")  # for answers that are on their way


def still_running(route):
    """Answer as the service did before the job was done."""
    if route.request.method != "GET":
        return route.continue_()
    response = route.fetch()
    return route.fulfill(response=response, json=response.json() | {"state": "running"})


def shot(name):
    """A window that pans over a gray photo."""
    photo = cv2.imread(str(EXAMPLES / f"{name}-before.jpg"), cv2.IMREAD_GRAYSCALE)
    photo = cv2.resize(photo, (400, 300))
    for n in range(SHOT):
        yield photo[n : n + SIZE[1], 2 * n : 2 * n + SIZE[0]]


def write_clip(path, names=("camera", "china"), **options):
    pictures = (picture for name in names for picture in shot(name))
    return Clip(*SIZE, frames=SHOT * len(names), pictures=pictures, audio=("aac",), **options).write(path)


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    return write_clip(tmp_path_factory.mktemp("clips") / "wedding.mp4")


@pytest.fixture(scope="module")
def office(tmp_path_factory, browser):
    office = Office(tmp_path_factory.mktemp("films"), None)
    yield office
    office.close()


@pytest.fixture(scope="module")
def film_server(office, tmp_path_factory):
    limits = {"COLORIZER_MAX_VIDEO_MB": "1", "COLORIZER_MAX_VIDEO_SECONDS": "30"}
    folder = tmp_path_factory.mktemp("filming")
    with serve(folder, COLORIZER_STORE_URL=office.settings.store_url, **limits) as server:
        yield server


@pytest.fixture
def new_film_visit(browser, film_server):
    visits = []

    def start(**options):
        visit = Visit(browser, film_server, **options).open()
        visits.append(visit)
        visit.page.locator("#film-ways").wait_for()
        return visit

    yield start
    for visit in visits:
        visit.close()


@pytest.fixture
def visit(new_film_visit):
    return new_film_visit()


@pytest.fixture
def working(office):
    if not office.workers:
        office.hire()


@pytest.fixture
def colored(visit, clip, working):
    return color(visit, clip)


def color(visit, *files):
    visit.choose(*files)
    visit.page.click("#colorize")
    expect(visit.page.locator("#download")).to_be_visible()
    return visit


def seek(page, time):
    """Go to a time by the slider, and wait until both films show it."""
    page.locator("#seek").evaluate(
        "(slider, time) => { slider.value = time; slider.dispatchEvent(new Event('input')); }", time
    )
    page.wait_for_function("""() => [...document.querySelectorAll("#frames video")].every(
      (video, _, [first]) => !video.seeking && Math.abs(video.currentTime - first.currentTime) < 0.001)""")
    page.wait_for_timeout(100)  # until it is painted


def seen(page):
    """The picture on the stage, as (height, width, 3)."""
    screenshot = Image.open(io.BytesIO(page.locator(".pan").screenshot()))
    return np.asarray(screenshot.convert("RGB")).astype(int)


def chroma(pixels):
    return np.ptp(pixels, axis=2).mean()


def blueness(page, time):
    """How blue the middle of the film is at a time."""
    seek(page, time)
    page.locator("#split").fill("0")
    height, width, _ = (pixels := seen(page)).shape
    middle = pixels[int(0.65 * height) : int(0.75 * height), int(0.45 * width) : int(0.55 * width)]
    return (middle[..., 2] - middle[..., 0]).mean()


def test_without_jobs_nothing_of_films_is_seen_or_loaded(new_visit, clip):
    visit = new_visit().open()
    page = visit.page
    expect(page.locator("#film-ways")).to_be_hidden()
    assert page.get_attribute("#file", "accept") == "image/*"
    visit.choose(clip)
    expect(page.locator("#failure")).to_contain_text("This is not a photo")
    assert not any("/film" in url for url in visit.requests)


def test_a_film_is_coloured_compared_and_downloaded(visit, clip, working):
    page = visit.page
    assert "video/*" in page.get_attribute("#file", "accept")
    expect(page.locator("#film-ways")).to_contain_text("up to 1 MB and 0.5 minutes")
    visit.choose(clip)
    expect(page.locator("#status")).to_have_text("Ready. Press Colorize.")
    expect(page.locator("#clock")).to_have_text("0:00 / 0:02")
    with under_way(page):
        page.click("#colorize")
        expect(page.locator("#status")).to_have_text("The film is being coloured. You can close this page.")
        expect(page.locator("#film-progress")).to_be_visible()
    expect(page.locator("#status")).to_have_text("wedding.mp4 is in colour.")
    pixels = seen(page)
    half = pixels.shape[1] // 2
    assert chroma(pixels[:, : half - 40]) < 3
    assert chroma(pixels[:, half + 40 :]) > 8
    file = visit.download()
    assert file.suggested_filename == "wedding-colorized.mp4"
    with av.open(str(file.path())) as film:
        assert sum(1 for _ in film.decode(video=0)) == 2 * SHOT
        assert len(film.streams.audio) == 1


def test_it_plays_pauses_and_seeks_by_keyboard_as_one(colored):
    page = colored.page
    page.evaluate(LOOP)
    page.focus(".view")
    page.keyboard.press(" ")
    page.wait_for_function(PLAY_AS_ONE)
    expect(page.locator("#play")).to_have_attribute("aria-label", "Pause")
    page.focus("#play")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#frames video')].every((video) => video.paused)"
    )
    page.focus("#seek")
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function(
        "() => [...document.querySelectorAll('#frames video')].every((video) => !video.seeking)"
    )
    before, after = page.evaluate(VIDEOS)
    assert before["currentTime"] == pytest.approx(0.12, abs=0.001)
    assert after["currentTime"] == pytest.approx(0.12, abs=0.001)


def test_a_film_of_which_no_still_can_be_taken_is_colored_all_the_same(visit, clip, working):
    """Browsers refuse a picture of a video that is being moved."""
    visit.page.evaluate("() => { window.createImageBitmap = () => Promise.reject(new Error()); }")
    color(visit, clip)


def test_a_shot_is_corrected_and_no_other(colored):
    page = colored.page
    first, second = blueness(page, 0.4), blueness(page, 1.6)
    page.click("#correct")
    click_photo(colored, 0.5, 0.7)
    expect(page.locator("#suggested .swatch").first).to_be_visible()
    correct(page, lambda: page.locator("#spot-color").fill("#2040d0"))
    expect(page.locator("#spot-list li")).to_contain_text(["Spot 1, blue · 0:01"])
    assert blueness(page, 1.6) > second + 20
    expect(page.locator(".spot")).to_have_count(1)
    assert blueness(page, 0.4) == pytest.approx(first, abs=4)
    expect(page.locator(".spot")).to_have_count(0)
    page.click("#spot-list button")
    expect(page.locator(".spot")).to_have_count(1)
    assert page.evaluate(VIDEOS)[1]["currentTime"] == pytest.approx(1.6, abs=0.01)
    correct(page, lambda: page.click("#undo"))
    page.click("#finish")  # or the spot would be in the picture
    assert blueness(page, 1.6) == pytest.approx(second, abs=4)


def correct(page, change):
    with under_way(page):
        change()
        expect(page.locator("#status")).to_have_text("Colouring again …")
    expect(page.locator("#status")).to_have_text("The corrected colours are there.")


def test_a_reload_finds_the_job_and_the_result_again(visit, clip, office, working):
    page = visit.page
    page.route("**/jobs/*", lambda route: route.abort())  # it takes longer than we wait
    visit.choose(clip)
    page.click("#colorize")
    expect(page.locator("#status")).to_contain_text("You can close this page")
    page.unroute("**/jobs/*")
    page.reload()
    expect(page.locator("#download")).to_be_visible()
    page.evaluate(SENT)
    page.reload()
    expect(page.locator("#download")).to_be_visible()
    page.wait_for_function("() => document.querySelectorAll('#frames video')[1]?.duration > 1")
    assert chroma(seen(page)[:, -100:]) > 8


def test_upload_and_job_are_cancelled_and_a_removed_film_leaves_the_server(visit, clip, working):
    page = visit.page
    page.route("**/api/v1/jobs", lambda route: None)  # the upload never ends
    visit.choose(clip)
    page.click("#colorize")
    page.click("#cancel")
    expect(page.locator("#status")).to_have_text("Stopped.")
    page.unroute("**/api/v1/jobs")
    with under_way(page):
        color_until_sent(visit)
        with page.expect_response(lambda response: response.request.method == "DELETE") as deleted:
            page.click("#cancel")
        assert deleted.value.status == 204
        expect(page.locator("#colorize")).to_be_visible()
    page.click("#colorize")
    expect(page.locator("#download")).to_be_visible()
    with page.expect_response(lambda response: response.request.method == "DELETE") as deleted:
        page.click("#forget")
    expect(page.locator("#welcome")).to_be_visible()
    assert page.request.get(deleted.value.url).status == 404


def color_until_sent(visit):
    visit.page.click("#colorize")
    expect(visit.page.locator("#status")).to_contain_text("You can close this page")


def test_photos_are_coloured_beside_a_film_that_was_dropped(visit, clip, working):
    page = visit.page
    page.evaluate(GIVE, ["drop", "wedding.mp4", base64.b64encode(clip.read_bytes()).decode()])
    with under_way(page):
        color_until_sent(visit)
        visit.choose_example()
        visit.colorize()
        assert visit.picture().size == (512, 512)
    page.get_by_role("button", name="wedding.mp4", exact=True).click()
    expect(page.locator("#download")).to_be_visible()
    expect(page.locator("#formats")).to_be_hidden()
    expect(page.locator("#summary")).to_have_text("2 of 2 in colour")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"times": [second * 12_800 for second in range(32)]}, "The film is too long or too large."),
        ({"codec": "rawvideo", "container": "avi"}, "The film is too long or too large."),
    ],
)
def test_what_is_too_long_or_too_large_is_said_before_it_is_sent(visit, tmp_path, options, sentence):
    container = options.pop("container", "mp4")
    film = Clip(*SIZE, **{"frames": SHOT, **options}).write(tmp_path / f"film.{container}")
    visit.page.evaluate(SENT)
    visit.choose(film)
    expect(visit.page.locator("#failure")).to_contain_text(sentence)
    assert visit.page.evaluate("sent") == 0
    expect(visit.page.locator("#welcome")).to_be_visible()


@pytest.mark.parametrize("kind", ["broken", "sound"])
def test_what_cannot_be_coloured_gets_one_sentence(visit, tmp_path, working, kind):
    film = tmp_path / "film.mp4"
    if kind == "broken":
        film.write_bytes(b"\0\0\0\x20ftypisom" + bytes(2000))
    else:
        with av.open(str(film), "w") as file:
            stream = file.add_stream("aac", rate=48_000, layout="mono")
            frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.float32), "fltp", "mono")
            frame.sample_rate = 48_000
            for each in (frame, None):
                file.mux(stream.encode(each))
    visit.choose(film)
    visit.page.click("#colorize")
    expect(visit.page.locator("#failure")).to_contain_text("This film cannot be coloured")
    expect(visit.page.locator("#colorize")).to_be_visible()


def test_a_film_that_the_browser_cannot_play_is_seen_once_it_is_coloured(visit, tmp_path, working):
    page = visit.page
    visit.choose(write_clip(tmp_path / "old.avi", ("camera",), codec="mpeg4", options={}))
    expect(page.locator("#note")).to_contain_text("Your browser cannot play this film")
    expect(page.locator("#playback")).to_be_hidden()
    page.click("#colorize")
    expect(page.locator("#download")).to_be_visible()
    expect(page.locator("#note")).to_be_empty()
    page.wait_for_timeout(300)
    pixels = seen(page)
    assert chroma(pixels[:, :100]) < 3
    assert chroma(pixels[:, -100:]) > 8


def test_a_result_that_the_browser_cannot_play_is_said_and_downloaded(visit, clip, working):
    page = visit.page
    page.route(RESULT, lambda route: route.fulfill(body=b"no film", content_type="video/mp4"))
    color(visit, clip)
    expect(page.locator("#note")).to_contain_text("your browser cannot play it. Download it")
    page.unroute(RESULT)
    with av.open(str(visit.download().path())) as film:
        assert film.streams.video[0].frames == 2 * SHOT


def test_a_clip_from_the_camera(visit, working):
    page = visit.page
    page.evaluate(RECORDING)
    page.click("#clip")
    page.click("#shutter")
    page.wait_for_function("() => Date.now() - recordingSince > 1200")
    page.click("#shutter")
    expect(page.locator("#name")).to_have_text("clip.webm")
    expect(page.locator("#clock")).to_have_text(re.compile(r"^0:00 / 0:(?!00)\d\d$"))
    page.click("#colorize")
    expect(page.locator("#download")).to_be_visible()
    assert visit.download().suggested_filename == "clip-colorized.mp4"


def test_a_camera_that_is_closed_gives_nothing(visit):
    page = visit.page
    page.click("#clip")
    page.click("#shutter")
    page.keyboard.press("Escape")
    expect(page.locator("#camera")).to_be_hidden()
    assert page.evaluate("document.getElementById('camera-view').srcObject.active") is False
    expect(page.locator("#welcome")).to_be_visible()


def test_without_a_camera_one_sentence(visit):
    visit.page.evaluate("""() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error("none"));
    }""")
    visit.page.click("#clip")
    expect(visit.page.locator("#failure")).to_contain_text("The camera cannot be used")


def test_everyone_can_use_it(new_film_visit, clip, working):
    """Axe in every state and light; what belongs together is in view on every screen."""
    visit = new_film_visit(reduced_motion="reduce")
    page = visit.page
    page.evaluate(AXE_SCRIPT)
    found = []
    for state in states(visit, clip):
        for light, media in LIGHTS.items():
            page.emulate_media(**media)
            found += violations(page, f"{state}, {light}")
        for screen in SCREENS:
            width, height = map(int, screen.split("x"))
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(50)
            if state != "camera":
                assert_in_view(visit, ".pan", "#play", "#seek", *NEXT[state])
            assert sideways(page) == 0, (state, screen)
            visit.screenshot(f"film-{screen}-{state}")
        page.set_viewport_size({"width": 1280, "height": 720})
    assert found == []
    controls = page.locator("button:not(.spot):visible, input[type=range]:visible")
    sides = controls.evaluate_all("(all) => all.map((each) => [each.id, each.offsetHeight])")
    assert [each for each in sides if each[1] < 44] == []


NEXT = {
    "ready": ["#colorize"],
    "working": ["#cancel", "#film-progress"],
    "result": ["#download", "#correct", "#split"],
    "correcting": [".spot", "#suggested .swatch", "#finish"],
}


def states(visit, clip):
    page = visit.page
    page.click("#clip")
    yield "camera"
    page.keyboard.press("Escape")
    visit.choose(clip)
    yield "ready"
    with under_way(page):
        page.click("#colorize")
        expect(page.locator("#first-frames")).to_be_visible()
        yield "working"
    expect(page.locator("#download")).to_be_visible()
    yield "result"
    page.click("#correct")
    page.click("#spot-add")
    expect(page.locator("#suggested .swatch").first).to_be_visible()
    yield "correcting"


def test_a_phone(new_film_visit, clip, working):
    visit = new_film_visit(**PHONE)
    color(visit, clip)
    page = visit.page
    page.tap("#play")
    page.wait_for_function("() => document.querySelectorAll('#frames video')[1].currentTime > 0.2")
    box = page.locator(".pan").bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] * 0.75, box["y"] + box["height"] / 2)
    assert float(page.input_value("#split")) == pytest.approx(75, abs=1)
