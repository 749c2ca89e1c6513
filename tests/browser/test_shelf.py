"""The drawer "My photos" on a service that keeps images: kept, opened, deleted, coloured as a job."""

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from offices import Office
from playwright.sync_api import expect
from serving import serve
from test_corrections import RECORD, click_photo, pick
from test_looks import LIGHTS, violations
from visit import EXAMPLES, PHONE, Visit

PHOTO = (EXAMPLES / "china-before.jpg").read_bytes()


@pytest.fixture(scope="module")
def office(tmp_path_factory, browser):
    office = Office(tmp_path_factory.mktemp("shelf"), None)
    yield office
    office.close()


@pytest.fixture(scope="module")
def keeping_server(office, tmp_path_factory):
    with serve(tmp_path_factory.mktemp("keeping"), COLORIZER_STORE_URL=office.settings.store_url) as server:
        yield server


@pytest.fixture
def visit(browser, keeping_server):
    visit = Visit(browser, keeping_server).open()
    visit.page.locator("#my-photos").wait_for()
    yield visit
    visit.close()


def store(visit):
    visit.page.click("#store")
    expect(visit.page.locator("#status")).to_contain_text("Kept on the server until")


def open_drawer(visit):
    visit.page.click("#my-photos")
    return visit.page.locator("#stored li")


def test_without_a_store_nothing_is_said_of_it(new_visit):
    visit = new_visit().open()
    visit.choose_example()
    visit.colorize()
    expect(visit.page.locator("#shelf")).to_be_hidden()
    assert not any("shelf" in url for url in visit.requests), "nor loaded"


def test_a_photo_is_kept_and_opened_again_to_go_on(visit):
    page = visit.page
    visit.choose(("grandma.jpg", PHOTO))
    page.click("#rotate")
    visit.colorize()
    page.click("#correct")
    click_photo(visit)
    pick(visit, "#2040d0")
    page.click("#finish")
    page.locator("#saturation").fill("1.3")
    store(visit)
    page.click("#forget")
    rows = open_drawer(visit)
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("grandma.jpg")
    expect(rows.locator(".state")).to_contain_text("until")
    assert rows.locator("img").evaluate("(image) => image.decode().then(() => image.naturalWidth)") > 100
    rows.locator(".open").click()
    expect(page.locator("#drawer")).to_be_hidden()
    visit.finish()
    assert page.input_value("#saturation") == "1.3"
    result = visit.picture()
    assert result.height > result.width, "turned"
    page.click("#correct")
    expect(page.locator("#spot-list li")).to_contain_text(["Spot 1, blue"])
    pick_again(visit)
    store(visit)
    expect(open_drawer(visit)).to_have_count(1)  # it takes the old one's place


def pick_again(visit):
    visit.page.click(".spot")
    pick(visit, "#a02040")
    visit.page.click("#finish")


def test_it_is_deleted_alone_or_with_all(visit):
    page = visit.page
    for name in ("a.jpg", "b.jpg", "c.jpg"):
        visit.choose((name, PHOTO))
        visit.colorize()
        store(visit)
    rows = open_drawer(visit)
    expect(rows.locator(".open")).to_have_text(["c.jpg", "b.jpg", "a.jpg"])  # the newest first
    page.get_by_role("button", name="Delete b.jpg").click()
    expect(rows).to_have_count(2)
    page.click("#take-off")
    expect(rows).to_have_count(0)
    expect(page.locator("#nothing")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    store(visit)
    expect(open_drawer(visit)).to_have_count(1)  # what was deleted is kept anew


def test_what_expired_meanwhile_is_kept_anew(visit):
    visit.choose(("a.jpg", PHOTO))
    visit.colorize()
    store(visit)
    visit.page.evaluate("fetch('api/v1/images', { method: 'DELETE' })")
    store(visit)
    expect(open_drawer(visit)).to_have_count(1)


def test_strokes_stay_in_the_browser(visit):
    page = visit.page
    visit.choose(("a.jpg", PHOTO))
    visit.colorize()
    page.click("#correct")
    page.click("#brush")
    with page.expect_response("**/colorize"):
        click_photo(visit)
    page.click("#finish")
    expect(page.locator("#store")).to_be_disabled()
    expect(page.locator("#cannot-store")).to_be_visible()


def test_photos_are_coloured_in_the_background(visit, office):
    page = visit.page
    visit.context.grant_permissions(["notifications"])
    visit.choose(("a.jpg", PHOTO), ("b.jpg", PHOTO), ("notes.jpg", b"Dear diary"))
    page.evaluate(RECORD)
    page.click("#send-job")
    job = page.locator("#jobs li")
    expect(job).to_contain_text("Waiting for their turn.")
    page.reload()
    page.click("#my-photos")
    expect(job).to_contain_text("Waiting for their turn.")  # a reload loses no job
    office.hire()
    expect(job).to_contain_text("are in colour.")
    expect(page.locator("#stored img")).to_have_count(2)
    assert visit.download("#jobs a").suggested_filename == "photos-colorized.zip"
    job.get_by_role("button").click()
    expect(job).to_have_count(0)


def test_a_job_is_stopped(visit):
    page = visit.page
    page.route(
        "**/jobs/*", lambda route: route.abort() if route.request.method == "GET" else route.continue_()
    )
    visit.choose(("a.jpg", PHOTO), ("b.jpg", PHOTO))
    page.click("#send-job")
    with page.expect_response(lambda response: response.request.method == "DELETE") as stopped:
        page.locator("#jobs button").click()
    assert stopped.value.status == 204
    expect(page.locator("#jobs li")).to_have_count(0)


def test_the_drawer_suits_everyone(browser, keeping_server):
    visit = Visit(browser, keeping_server, **PHONE, reduced_motion="reduce").open()
    visit.choose(("a.jpg", PHOTO))
    visit.colorize()
    store(visit)
    open_drawer(visit).wait_for()
    visit.screenshot("phone-my-photos")
    visit.page.evaluate(AXE_SCRIPT)
    for light, media in LIGHTS.items():
        visit.page.emulate_media(**media)
        assert violations(visit.page, f"the drawer, {light}") == []
    small = "(all) => all.filter((each) => Math.min(each.offsetWidth, each.offsetHeight) < 44).length"
    assert visit.page.locator("#drawer button:visible").evaluate_all(small) == 0
    visit.close()
