"""Films on the page: chosen, recorded, coloured by a worker, compared, corrected, kept through a reload."""

import cv2
import pytest
from films import Clip
from offices import Office
from playwright.sync_api import expect
from serving import serve
from visit import EXAMPLES, Visit

SIZE = (320, 240)
SHOT = 25  # frames; the clip has two of them
SENT = """() => {
  const real = XMLHttpRequest.prototype.send;
  window.sent = 0;
  XMLHttpRequest.prototype.send = function (body) { sent += 1; real.call(this, body); };
}"""


def shot(name):
    """A window that pans over a gray photo."""
    photo = cv2.imread(str(EXAMPLES / f"{name}-before.jpg"), cv2.IMREAD_GRAYSCALE)
    photo = cv2.resize(photo, (400, 300))
    for n in range(SHOT):
        yield photo[n : n + SIZE[1], 2 * n : 2 * n + SIZE[0]]


def write_clip(path, names=("astronaut", "coffee"), **options):
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
        visit.page.locator("#film-ways").wait_for(state="attached")
        expect(visit.page.locator("#clip")).to_be_attached()
        return visit

    yield start
    for visit in visits:
        visit.close()


@pytest.fixture
def visit(new_film_visit):
    return new_film_visit()


def test_without_jobs_nothing_of_films_is_seen_or_loaded(new_visit, clip):
    visit = new_visit().open()
    page = visit.page
    expect(page.locator("#film-ways")).to_be_hidden()
    assert page.get_attribute("#file", "accept") == "image/*"
    visit.choose(clip)
    expect(page.locator("#failure")).to_contain_text("This is not a photo")
    assert not any("/film" in url for url in visit.requests)


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
    assert visit.failure().startswith(sentence)
    assert visit.page.evaluate("sent") == 0
    expect(visit.page.locator("#welcome")).to_be_visible()


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
