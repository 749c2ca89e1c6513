"""Kept images over HTTP: what one owner keeps, and what another tries."""

import hashlib
import io
import re

import cv2
import numpy as np
import pytest
from photos import color_scene
from serving import gray_photo

from colorizer.http.application import create_app
from colorizer.http.headers import COOKIE
from colorizer.http.places import Places
from colorizer.settings import Settings, Token

PHOTO = gray_photo(64, 48)
TOKEN = {"Authorization": "Bearer sesame"}
KNOWN = Token("museum", hashlib.sha256(b"sesame").hexdigest(), 10**7)


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kept")
    settings = Settings("colornet", store_url=f"file://{folder}", tokens=(KNOWN,), owner_quota_bytes=100_000)
    return create_app(settings)


@pytest.fixture
def client(app):
    """A browser that was never here."""
    return app.test_client()


def keep(client, photo=PHOTO, headers=None, **fields):
    data = {"image": (io.BytesIO(photo), "grandma.jpg"), **fields}
    return client.post("/api/v1/images", data=data, headers=headers)


def assert_problem(response, status, code):
    assert (response.status_code, response.json["code"]) == (status, code)


def test_a_photo_is_coloured_and_kept(client):
    response = keep(client, saturation="1.5")
    assert response.status_code == 201
    image = client.get(response.location).json
    assert image == response.json
    assert (image["name"], image["width"], image["height"]) == ("grandma.jpg", 64, 48)
    assert image["options"]["saturation"] == 1.5
    assert re.fullmatch(r"[0-9a-f]{32}", image["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", image["expires"])
    assert client.get(image["links"]["original"]).data == PHOTO
    alone = client.post("/colorize?saturation=1.5", data=PHOTO, headers={"Accept": "image/jpeg"})
    assert client.get(image["links"]["result"]).data == alone.data
    assert client.get(image["links"]["thumbnail"]).mimetype == "image/jpeg"


def test_files_have_names_and_can_be_asked_for_in_part(client):
    links = keep(client).json["links"]
    whole = client.get(links["result"])
    assert whole.headers["Content-Disposition"] == 'attachment; filename="grandma-colorized.jpg"'
    assert 'filename="grandma.jpg"' in client.get(links["original"]).headers["Content-Disposition"]
    part = client.get(links["result"], headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, whole.data[10:20])
    assert client.get(links["result"], headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    assert "private" in whole.headers["Cache-Control"]


def test_the_head_of_a_file_is_all_but_its_bytes(client):
    link = keep(client).json["links"]["result"]
    head, whole = client.head(link), client.get(link)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Length", "Content-Disposition", "ETag", "Accept-Ranges"):
        assert head.headers[name] == whole.headers[name]


def test_a_part_of_a_file_that_has_changed_is_the_whole(client):
    links = keep(client).json["links"]
    old = client.get(links["result"]).headers["ETag"]
    client.patch(links["self"], data={"saturation": "0"})
    asked = client.get(links["result"], headers={"Range": "bytes=10-19", "If-Range": old})
    assert (asked.status_code, asked.headers["ETag"] == old) == (200, False)


def test_a_part_that_is_not_there(client):
    link = keep(client).json["links"]["result"]
    size = len(client.get(link).data)
    beyond = client.get(link, headers={"Range": f"bytes={size}-"})
    assert_problem(beyond, 416, "no-such-part")
    assert beyond.headers["Content-Range"] == f"bytes */{size}"


@pytest.mark.parametrize(
    ("accept", "status"),
    [("*/*", 200), ("image/*", 200), ("image/png;q=0.5, image/jpeg;q=0.1", 200), ("image/png", 406)],
)
def test_a_file_is_sent_as_it_is_kept_or_not_at_all(client, accept, status):
    answer = client.get(keep(client).json["links"]["result"], headers={"Accept": accept})
    assert answer.status_code == status
    assert "Accept" in answer.headers["Vary"] if status == 200 else "PATCH" in answer.json["detail"]


def test_another_format_is_another_result(client):
    links = keep(client).json["links"]
    client.patch(links["self"], data={"format": "png"})
    png = client.get(links["result"], headers={"Accept": "image/png"})
    assert (png.mimetype, png.data[:4]) == ("image/png", b"\x89PNG")
    assert 'filename="grandma-colorized.png"' in png.headers["Content-Disposition"]


def test_the_cookie_is_for_this_site_only_and_no_script_reads_it(client):
    (cookie,) = keep(client).headers.getlist("Set-Cookie")
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Secure" not in cookie
    assert "Set-Cookie" not in keep(client).headers
    assert len(client.get_cookie(COOKIE).value) >= 22


def test_pages(client):
    ids = [keep(client).json["id"] for _ in range(5)][::-1]
    first = client.get("/api/v1/images?count=3").json
    second = client.get(f"/api/v1/images?count=3&after={first['next']}").json
    assert [image["id"] for image in first["images"] + second["images"]] == ids
    assert second["next"] is None
    for query in ("count=0", "after=", f"after={ids[0]}", f"after=1.5-{ids[0]}"):
        assert_problem(client.get(f"/api/v1/images?{query}"), 422, "bad-field")


def test_over_tls_the_cookie_stays_there(app):
    answer = app.test_client().post("/api/v1/images", base_url="https://localhost", data=PHOTO)
    assert "Secure" in answer.headers["Set-Cookie"]


def test_pages_stay_as_they_are_while_images_come_and_go(client):
    ids = [keep(client).json["id"] for _ in range(4)][::-1]
    first = client.get("/api/v1/images?count=2").json
    keep(client)
    client.delete(f"/api/v1/images/{ids[1]}")
    second = client.get(f"/api/v1/images?count=2&after={first['next']}").json
    assert [image["id"] for image in first["images"] + second["images"]] == ids


def test_other_colours_for_the_same_photo(client):
    image = keep(client).json
    before = client.get(image["links"]["result"]).data
    changed = client.patch(f"/api/v1/images/{image['id']}", data={"saturation": "0"})
    assert changed.status_code == 200
    assert changed.json["options"]["saturation"] == 0
    assert client.get(image["links"]["result"]).data != before
    assert client.get(image["links"]["original"]).data == PHOTO
    assert_problem(client.patch(f"/api/v1/images/{image['id']}", data={"quality": "0"}), 422, "bad-field")


def png_of(pixels):
    return cv2.imencode(".png", pixels)[1].tobytes()


@pytest.fixture(scope="module")
def beside():
    """A mask, and a reference in colour, as files of a form."""
    mask, reference = np.zeros((48, 64, 4), np.uint8), color_scene(64, 48)
    mask[5:20, 5:30] = 40, 60, 160, 255

    def files():
        names = {"mask": png_of(mask), "reference": png_of(reference[..., ::-1])}
        return {name: (io.BytesIO(data), f"{name}.png") for name, data in names.items()}

    return files


@pytest.mark.parametrize("name", ["mask", "reference"])
def test_with_a_mask_and_a_reference(client, beside, name):
    given = lambda: {name: beside()[name]}  # noqa: E731
    alone = client.post(
        "/colorize",
        data={"image": (io.BytesIO(PHOTO), "a.jpg"), **given()},
        headers={"Accept": "image/jpeg"},
    )
    image = keep(client, **given()).json
    assert image["options"][name] is True
    assert client.get(image["links"]["result"]).data == alone.data

    without = client.patch(image["links"]["self"]).json
    assert name not in without["options"]
    assert client.get(image["links"]["result"]).data != alone.data
    assert client.patch(image["links"]["self"], data=given()).json["options"][name] is True
    assert client.get(image["links"]["result"]).data == alone.data


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"data": {"image": (io.BytesIO(PHOTO), "a.jpg")}}, 422, "bad-field"),
        ({"data": {"other": (io.BytesIO(PHOTO), "a.jpg")}}, 422, "bad-field"),
        ({"data": {"mask": (io.BytesIO(PHOTO), "a.jpg")}}, 422, "bad-field"),
        ({"data": {"reference": (io.BytesIO(PHOTO), "a.jpg")}}, 422, "bad-reference"),
        ({"json": {"saturation": 0}}, 400, "malformed-request"),
    ],
)
def test_changes_that_make_no_sense(client, body, status, code):
    image = keep(client).json
    assert_problem(client.patch(image["links"]["self"], **body), status, code)
    assert client.get(image["links"]["self"]).json == image


def test_who_does_not_take_an_image_holds_a_place(app, client, monkeypatch):
    link = keep(client).json["links"]["original"]
    monkeypatch.setattr(app.extensions["colorizer"], "uploads", Places(1))
    slow = client.get(link)
    assert_problem(client.get(link), 503, "busy")
    slow.close()
    assert client.get(link).data == PHOTO


def test_a_form_without_a_photo_is_short(client):
    image = keep(client).json
    much = client.patch(f"/api/v1/images/{image['id']}", data={"saturation": "0" * 300_000})
    assert_problem(much, 413, "too-many-bytes")


def test_what_is_being_sent_is_sent_whole_though_it_goes_meanwhile(client):
    large = gray_photo(300, 200)
    image = keep(client, large).json
    sending = client.get(image["links"]["original"])
    part = client.get(image["links"]["original"], headers={"Range": "bytes=100-"})
    client.delete(image["links"]["self"])
    assert sending.data == large
    assert part.data == large[100:]


def test_deleted_at_once(client):
    one, other = keep(client).json, keep(client).json
    assert client.delete(f"/api/v1/images/{one['id']}").status_code == 204
    assert_problem(client.get(one["links"]["result"]), 404, "no-such-image")
    assert_problem(client.delete(f"/api/v1/images/{one['id']}"), 404, "no-such-image")
    assert client.delete("/api/v1/images").status_code == 204
    assert_problem(client.get(other["links"]["self"]), 404, "no-such-image")
    assert client.get("/api/v1/images").json == {"images": [], "next": None}


def test_another_owner_finds_nothing_by_any_route(app, client):
    image = keep(client).json
    strangers = [app.test_client(), app.test_client()]
    keep(strangers[0])
    for rule in app.url_map.iter_rules():
        if "<id>" not in rule.rule or "images" not in rule.rule:
            continue
        address = rule.rule.replace("<id>", image["id"]).replace("<name>", "result")
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            for stranger in strangers:
                assert_problem(stranger.open(address, method=method), 404, "no-such-image")
            assert_problem(client.open(address, method=method, headers=TOKEN), 404, "no-such-image")
    assert client.get(image["links"]["result"]).status_code == 200
    assert all(one["id"] != image["id"] for one in strangers[0].get("/api/v1/images").json["images"])


def test_a_token_names_its_owner_wherever_it_is_used(app):
    image = keep(app.test_client(), headers=TOKEN)
    assert "Set-Cookie" not in image.headers
    assert app.test_client().get(image.json["links"]["self"], headers=TOKEN).json == image.json
    assert_problem(app.test_client().get(image.json["links"]["self"]), 404, "no-such-image")


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer", "Basic sesame", "sesame"])
def test_an_unknown_token(client, header):
    assert_problem(client.get("/api/v1/images", headers={"Authorization": header}), 401, "unknown-token")


def test_a_quota_that_is_used_up(client):
    large = gray_photo(300, 200)
    responses = [keep(client, large) for _ in range(12)]
    assert {response.status_code for response in responses} == {201, 507}
    assert_problem(responses[-1], 507, "store-full")
    client.delete("/api/v1/images")
    assert keep(client, large).status_code == 201


def test_a_token_has_a_quota_of_its_own(app):
    assert [keep(app.test_client(), gray_photo(300, 200), TOKEN).status_code for _ in range(12)] == [201] * 12
    app.test_client().delete("/api/v1/images", headers=TOKEN)


def test_the_room_of_all_is_used_up(tmp_path):
    app = create_app(Settings("colornet", store_url=f"file://{tmp_path}", store_bytes=50_000))
    large = gray_photo(300, 200)
    answers = [keep(app.test_client(), large) for _ in range(6)]  # each another owner's
    assert_problem(answers[-1], 507, "store-full")
    assert "The images kept here take" in answers[-1].json["detail"]


def test_what_cannot_be_coloured_is_not_kept(client):
    keep(client)
    assert_problem(keep(client, b"no photo"), 415, "not-a-photo")
    assert len(client.get("/api/v1/images").json["images"]) == 1


def test_without_a_store_there_is_nothing_here():
    client = create_app(Settings("colornet")).test_client()
    assert_problem(client.get("/api/v1/images"), 404, "not-found")
