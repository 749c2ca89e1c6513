import base64
import io
import json
import socket

import cv2
import numpy as np
import pytest
from generated_weights import install_generated_weights, narrow_zhang
from photos import color_scene, encode, gray_scene
from serving import gray_photo

from colorizer import __version__
from colorizer.errors import UnknownStrategy, WeightsDamaged, WeightsNotInstalled
from colorizer.http.application import create_app
from colorizer.http.options import COLORIZE_FIELDS, COLORIZE_FILES
from colorizer.http.service import PHOTO_KINDS
from colorizer.photo.formats import READ
from colorizer.settings import Settings

PHOTO = gray_photo(64, 48)
RICHZHANG_FILE = "colorization_release_v2.caffemodel"


@pytest.fixture(scope="module")
def models_dir(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("models")
        install_generated_weights(folder)
        narrow_zhang(patch)
        yield folder


@pytest.fixture(scope="module")
def app(models_dir):
    return create_app(Settings(strategy="colornet", models_dir=models_dir))


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def colorize(client):
    """Post a photo in the field `image`, with other fields beside it."""

    def post(photo=PHOTO, filename="grandma.jpg", accept=None, query=None, **fields):
        data = {"image": (io.BytesIO(photo), filename), **fields}
        headers = {} if accept is None else {"Accept": accept}
        return client.post("/colorize", data=data, headers=headers, query_string=query)

    return post


def copy(source, target, *names):
    for name in names:
        (target / name).write_bytes((source / name).read_bytes())


def pixels(data):
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)


def assert_problem(response, status, code):
    assert response.status_code == status, response.text
    assert response.mimetype == "application/problem+json"
    assert response.json["type"] == f"/#faq-{code}"
    assert response.json["code"] == code
    assert response.json["status"] == status
    assert response.json["title"]
    assert response.json["id"] == response.headers["X-Request-Id"]


def test_the_two_addresses_are_twins(client):
    headers = {"Accept": "image/png"}
    first = client.post("/colorize?saturation=1.3", data=PHOTO, headers=headers)
    second = client.post("/api/v1/colorize?saturation=1.3", data=PHOTO, headers=headers)
    assert first.status_code == second.status_code == 200
    assert first.data == second.data
    own = {"Date", "Server-Timing", "X-Request-Id"}
    assert {*first.headers.keys()} == {*second.headers.keys()}
    assert all(first.headers[name] == second.headers[name] for name in {*first.headers.keys()} - own)


class TestJsonAnswer:
    def test_it_holds_the_picture_and_what_is_known_about_it(self, colorize):
        response = colorize()
        assert response.status_code == 200
        assert response.mimetype == "application/json"
        answer = response.json
        assert pixels(base64.b64decode(answer.pop("image"))).shape == (48, 64, 3)
        assert set(answer.pop("timings")) == {"decode", "network", "chroma", "encode", "total"}
        assert 0 <= answer.pop("confidence") <= 1
        assert set(answer.pop("scene")) == {"name", "share"}
        assert answer == {
            "media_type": "image/jpeg",
            "filename": "grandma-colorized.jpg",
            "width": 64,
            "height": 48,
            "strategy": "colornet",
            "already_colored": False,
            "frames": 1,
        }

    @pytest.mark.parametrize("accept", [None, "*/*", "application/json"])
    def test_it_is_the_default(self, colorize, accept):
        assert colorize(accept=accept).mimetype == "application/json"

    def test_it_is_not_stored_and_depends_on_accept(self, colorize):
        response = colorize()
        assert response.headers["Cache-Control"] == "no-store"
        assert "Accept" in response.vary

    @pytest.mark.parametrize(
        ("format", "start", "name"),
        [
            ("jpeg", b"\xff\xd8\xff", "grandma-colorized.jpg"),
            ("png", b"\x89PNG", "grandma-colorized.png"),
            ("webp", b"RIFF", "grandma-colorized.webp"),
        ],
    )
    def test_the_format_is_the_one_asked_for(self, colorize, format, start, name):
        answer = colorize(format=format).json
        assert base64.b64decode(answer["image"]).startswith(start)
        assert (answer["media_type"], answer["filename"]) == (f"image/{format}", name)

    def test_the_confidence_map_is_a_small_gray_png(self, colorize):
        png = base64.b64decode(colorize(confidence_map="true").json["confidence_map"])
        assert cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED).ndim == 2

    def test_a_network_that_does_not_know_how_sure_it_is_says_null(self, colorize):
        answer = colorize(strategy="ddcolor", confidence_map="true").json
        assert (answer["confidence"], answer["confidence_map"], answer["scene"]) == (None, None, None)

    def test_a_photo_in_colour_is_said_to_be(self, colorize):
        hues = np.full((48, 64, 3), 200, np.uint8)
        hues[..., 0] = np.linspace(0, 179, 64)
        colours = cv2.cvtColor(hues, cv2.COLOR_HSV2BGR)
        photo = cv2.imencode(".png", colours)[1].tobytes()
        assert colorize(photo).json["already_colored"] is True


class TestPictureAnswer:
    @pytest.mark.parametrize("format", ["jpeg", "png", "webp"])
    def test_accept_asks_for_the_bytes(self, colorize, format):
        response = colorize(accept=f"image/{format}")
        assert response.mimetype == f"image/{format}"
        assert pixels(response.data).shape == (48, 64, 3)

    def test_its_headers_say_the_rest(self, colorize):
        headers = colorize(accept="image/jpeg", filename="Öma.png").headers
        name = "attachment; filename=\"Oma-colorized.jpg\"; filename*=UTF-8''%C3%96ma-colorized.jpg"
        assert headers["Content-Disposition"] == name
        assert headers["X-Strategy"] == "colornet"
        assert 0 <= float(headers["X-Confidence"]) <= 1
        stages = [stage.partition(";dur=") for stage in headers["Server-Timing"].split(", ")]
        assert [name for name, _, _ in stages] == ["decode", "network", "chroma", "encode", "total"]
        assert all(float(ms) >= 0 for _, _, ms in stages)
        assert "Accept" in headers["Vary"]

    def test_no_confidence_no_header(self, colorize):
        assert "X-Confidence" not in colorize(accept="image/jpeg", strategy="ddcolor").headers

    def test_any_picture_takes_the_field(self, colorize):
        assert colorize(accept="image/*", format="webp").mimetype == "image/webp"
        assert colorize(accept="image/*").mimetype == "image/jpeg"

    def test_accept_and_format_must_agree(self, colorize):
        assert_problem(colorize(accept="image/jpeg", format="png"), 422, "bad-field")
        assert_problem(colorize(accept="text/html"), 406, "not-acceptable")

    def test_a_confidence_map_has_no_place_in_it(self, colorize):
        assert_problem(colorize(accept="image/jpeg", confidence_map="true"), 422, "bad-field")


class TestPhoto:
    def test_the_field_may_be_called_file(self, client):
        response = client.post("/colorize", data={"file": (io.BytesIO(PHOTO), "a.jpg")})
        assert response.json["filename"] == "a-colorized.jpg"

    @pytest.mark.parametrize("content_type", [None, "image/png", "application/x-www-form-urlencoded"])
    def test_the_body_may_be_the_photo(self, client, content_type):
        response = client.post("/colorize?format=png", data=PHOTO, content_type=content_type)
        assert response.json["filename"] == "photo-colorized.png"

    def test_the_content_decides_not_the_name(self, colorize):
        assert colorize(gray_photo(extension=".png"), filename="a.jpg").status_code == 200

    def test_none(self, client):
        assert_problem(client.post("/colorize"), 400, "no-photo")
        form = {"data": {"format": "png"}, "content_type": "multipart/form-data"}
        assert_problem(client.post("/colorize", **form), 400, "no-photo")

    def test_several(self, client):
        data = {"image": [(io.BytesIO(PHOTO), "a.jpg"), (io.BytesIO(PHOTO), "b.jpg")]}
        assert_problem(client.post("/colorize", data=data), 400, "several-photos")

    def test_malformed(self, client):
        response = client.post("/colorize", data=b"abc", content_type="multipart/form-data")
        assert_problem(response, 400, "malformed-request")

    def test_no_picture(self, colorize):
        assert_problem(colorize(b"text"), 415, "not-a-photo")

    def test_a_picture_of_a_kind_that_is_not_read(self, colorize):
        assert_problem(colorize(b"GIF89a"), 415, "unsupported-photo")

    @pytest.mark.parametrize("extension", [".jpg", ".png", ".webp", ".tiff"])
    def test_every_kind_that_is_read(self, colorize, extension):
        assert colorize(gray_photo(8, 6, extension=extension)).status_code == 200

    @pytest.mark.parametrize("extension", [".jpg", ".png"])
    def test_truncated(self, colorize, extension):
        photo = gray_photo(400, 300, extension=extension)
        assert_problem(colorize(photo[: len(photo) // 2]), 422, "damaged-photo")

    def test_sides_that_the_format_cannot_hold(self, colorize):
        photo = gray_photo(17_000, 1, extension=".png")
        assert_problem(colorize(photo, format="webp"), 422, "side-too-long")


class TestLimits:
    @pytest.fixture
    def small(self, models_dir):
        settings = Settings("colornet", models_dir=models_dir, max_upload_bytes=100_000, max_pixels=10_000)
        return create_app(settings).test_client()

    def test_a_photo_of_the_limit_and_one_more(self, small):
        photo = gray_photo() + bytes(100_000 - len(gray_photo()))
        data = {"image": (io.BytesIO(photo), "a.jpg")}
        assert small.post("/colorize", data=data).status_code == 200
        assert_problem(small.post("/colorize", data=photo + b"x"), 413, "too-many-bytes")

    def test_a_request_over_the_limit_and_the_form(self, small):
        response = small.post("/colorize", data=b"x" * (100_000 + 1024 * 1024 + 1))
        assert_problem(response, 413, "too-many-bytes")
        assert "1,148,576 bytes" in response.json["detail"]

    def test_too_many_pixels(self, small):
        assert_problem(small.post("/colorize", data=gray_photo(101, 100)), 422, "too-many-pixels")

    def test_they_are_told(self, small, client):
        assert small.get("/api/v1/limits").json == {
            "max_upload_bytes": 100_000,
            "max_pixels": 10_000,
            "max_hints": 100,
            "media_types": [READ[kind].media_type for kind in PHOTO_KINDS],
            "fields": [*COLORIZE_FIELDS, *COLORIZE_FILES, "variants"],
        }
        assert client.get("/api/v1/limits").json["max_upload_bytes"] == 5 * 1024 * 1024


class TestFields:
    def test_they_may_stand_in_the_query_or_the_form_but_not_in_both(self, colorize):
        assert colorize(query={"format": "png"}).json["media_type"] == "image/png"
        assert_problem(colorize(query={"format": "png"}, format="png"), 422, "bad-field")

    def test_quality_changes_the_size_and_is_not_for_png(self, colorize):
        sizes = [len(colorize(quality=quality).json["image"]) for quality in ("20", "92", "100")]
        assert sizes == sorted(set(sizes))
        assert colorize(quality="92").json["image"] == colorize().json["image"]
        assert_problem(colorize(quality="92", format="png"), 422, "bad-field")

    def test_saturation_zero_is_gray(self, colorize):
        picture = pixels(colorize(accept="image/png", saturation="0").data).astype(int)
        assert np.ptp(picture, axis=2).max() <= 1

    def test_a_turn_is_clockwise_and_hints_are_in_the_turned_photo(self, colorize):
        upright = colorize()
        turned = colorize(turn="90", hints='[{"x": 0, "y": 0, "color": "#a0522d"}]')
        assert (turned.json["width"], turned.json["height"]) == (
            upright.json["height"],
            upright.json["width"],
        )
        gray = pixels(colorize(accept="image/png", saturation="0").data)
        assert (
            np.abs(
                pixels(colorize(accept="image/png", saturation="0", turn="270").data) - np.rot90(gray)
            ).max()
            <= 1
        )
        assert_problem(colorize(turn="45"), 422, "bad-field")

    def test_an_unknown_field(self, colorize):
        assert_problem(colorize(stratgy="colornet"), 422, "bad-field")

    def test_an_unknown_strategy_lists_the_known_ones(self, colorize):
        response = colorize(strategy="deoldify")
        assert_problem(response, 422, "unknown-strategy")
        assert "colornet" in response.json["detail"]

    def test_every_strategy_colours(self, colorize, client):
        for strategy in client.get("/api/v1/strategies").json["strategies"]:
            assert colorize(strategy=strategy["name"]).json["strategy"] == strategy["name"]


class TestHints:
    HINTS = json.dumps([{"x": 10, "y": 20, "color": "#a0522d"}])

    def test_they_change_the_colours(self, colorize):
        plain, hinted = colorize(format="png"), colorize(format="png", hints=self.HINTS)
        assert plain.json["image"] != hinted.json["image"]

    def test_an_empty_list_is_no_hints_for_every_strategy(self, colorize):
        assert colorize(hints="[]").json["image"] == colorize().json["image"]
        assert colorize(strategy="richzhang", hints="[]").status_code == 200

    def test_every_strategy_takes_them(self, colorize):
        plain, hinted = (colorize(strategy="richzhang", hints=hints).json for hints in ("[]", self.HINTS))
        assert plain["image"] != hinted["image"]

    def test_a_spot_to_keep_alone_changes_nothing(self, colorize):
        keep = json.dumps([{"x": 10, "y": 20, "keep": True, "reach": 4}])
        kept, plain = (colorize(format="png", **hints).json for hints in ({"hints": keep}, {}))
        kept, plain = (pixels(base64.b64decode(answer["image"])) for answer in (kept, plain))
        assert (kept == plain).all()

    @pytest.mark.parametrize("hints", ["nonsense", "{}", '[{"x": 64, "y": 0, "color": "#a0522d"}]'])
    def test_hints_that_make_no_sense(self, colorize, hints):
        assert_problem(colorize(hints=hints), 422, "bad-hints")


class TestMask:
    def test_its_strokes_change_the_colours_there(self, colorize):
        plain = pixels(colorize(format="png", accept="image/png").data)
        strokes = np.zeros((*plain.shape[:2], 4), np.uint8)
        strokes[10:30, 10:40] = 200, 30, 30, 255
        png = cv2.imencode(".png", strokes)[1].tobytes()
        brushed = pixels(colorize(accept="image/png", mask=(io.BytesIO(png), "strokes.png")).data)
        assert (plain[20, 25] != brushed[20, 25]).any()
        np.testing.assert_array_equal(plain[:, 60:], brushed[:, 60:])

    def test_what_is_none_is_refused(self, colorize):
        assert_problem(colorize(mask=(io.BytesIO(PHOTO), "a.jpg")), 422, "bad-field")
        assert_problem(colorize(mask="text"), 422, "bad-field")

    def test_suggestions_take_none(self, client):
        data = {
            "image": (io.BytesIO(PHOTO), "a.jpg"),
            "mask": (io.BytesIO(PHOTO), "a.jpg"),
            "x": "1",
            "y": "1",
        }
        assert_problem(client.post("/api/v1/suggestions", data=data), 422, "bad-field")


class TestReference:
    PHOTO = encode(gray_scene(), "PNG")

    def reference(self, data=None):
        return io.BytesIO(encode(color_scene(), "PNG") if data is None else data), "garden.png"

    def test_its_colours_are_taken(self, colorize):
        plain = pixels(colorize(self.PHOTO, accept="image/png").data)
        referred = pixels(colorize(self.PHOTO, accept="image/png", reference=self.reference()).data)
        true = cv2.cvtColor(color_scene(), cv2.COLOR_RGB2BGR).astype(int)
        assert np.abs(referred - true).mean() < np.abs(plain - true).mean()

    def test_what_is_none_is_refused(self, colorize):
        assert_problem(colorize(reference=self.reference(b"text")), 422, "bad-reference")
        assert_problem(colorize(reference=self.reference(self.PHOTO)), 422, "bad-reference")

    def test_it_may_be_as_large_as_the_photo(self, models_dir):
        client = create_app(
            Settings("colornet", models_dir=models_dir, max_upload_bytes=130_000)
        ).test_client()
        noise = np.random.default_rng(1).integers(0, 256, (200, 200, 3), np.uint8)  # a png of 120 kB
        data = {
            "image": (io.BytesIO(encode(noise, "PNG")), "a.png"),
            "reference": self.reference(encode(noise, "PNG")),
        }
        assert client.post("/colorize", data=data).status_code == 200
        data = {"image": (io.BytesIO(PHOTO), "a.jpg"), "reference": self.reference(encode(noise, "BMP") * 2)}
        assert_problem(client.post("/colorize", data=data), 422, "bad-reference")


class TestVariants:
    def test_each_is_a_picture_and_the_hints_that_make_it(self, client, colorize):
        photo, own = encode(gray_scene(), "PNG"), [{"x": 10, "y": 20, "keep": True}]
        data = {"image": (io.BytesIO(photo), "a.png"), "hints": json.dumps(own), "warmth": "0.5"}
        found = client.post("/api/v1/variants", data=data).json["variants"]
        assert 2 <= len(found) <= 4
        assert [variant["hints"][:1] for variant in found] == [own] * len(found)
        assert found[0]["hints"] == own
        assert len({variant["image"] for variant in found}) == len(found)
        for variant in found:
            hints = json.dumps(variant["hints"])
            answer = colorize(photo, hints=hints, accept="image/png", warmth="0.5")
            small = pixels(base64.b64decode(variant["image"])).astype(int)
            assert np.abs(small - pixels(answer.data)).mean() < 6  # a jpg of quality 85 beside a png

    def test_an_unknown_field(self, client):
        data = {"image": (io.BytesIO(PHOTO), "a.jpg"), "variant": "1"}
        assert_problem(client.post("/api/v1/variants", data=data), 422, "bad-field")


class TestSuggestions:
    def test_likely_colours_of_a_pixel(self, client):
        data = {"image": (io.BytesIO(PHOTO), "a.jpg"), "x": "10", "y": "47"}
        colors = client.post("/api/v1/suggestions", data=data).json["colors"]
        shares = [color["share"] for color in colors]
        assert shares == sorted(shares, reverse=True)
        assert all(len(color["color"]) == 7 for color in colors)

    def test_the_body_may_be_the_photo(self, client):
        assert client.post("/api/v1/suggestions?x=0&y=0", data=PHOTO).status_code == 200

    @pytest.mark.parametrize("query", ["", "x=0", "x=64&y=0", "x=-1&y=0", "x=0&y=0&format=png"])
    def test_a_pixel_that_is_not_there(self, client, query):
        assert_problem(client.post(f"/api/v1/suggestions?{query}", data=PHOTO), 422, "bad-field")

    def test_a_strategy_without_a_distribution(self, client):
        response = client.post("/api/v1/suggestions?x=0&y=0&strategy=ddcolor", data=PHOTO)
        assert_problem(response, 422, "suggestions-unsupported")


class TestStrategies:
    def test_each_is_described(self, client):
        described = {item["name"]: item for item in client.get("/api/v1/strategies").json["strategies"]}
        assert next(iter(described)) == "colornet"
        assert set(described["colornet"]) == {
            *("name", "title", "installed", "default", "hints", "suggestions", "licence", "paper", "fetch")
        }
        flags = {
            name: described["colornet"][name] for name in ("installed", "default", "hints", "suggestions")
        }
        assert flags == dict.fromkeys(flags, True)
        assert described["richzhang"]["fetch"] == "image-colorizer fetch richzhang"
        assert (described["richzhang"]["default"], described["richzhang"]["hints"]) == (False, True)

    def test_what_is_not_installed_names_the_command_that_fetches_it(self, tmp_path):
        client = create_app(Settings("colornet", models_dir=tmp_path)).test_client()
        described = {item["name"]: item for item in client.get("/api/v1/strategies").json["strategies"]}
        assert (described["colornet"]["installed"], described["colornet"]["fetch"]) == (True, None)
        assert described["richzhang"]["installed"] is False
        response = client.post("/colorize?strategy=richzhang", data=PHOTO)
        assert_problem(response, 422, "weights-not-installed")
        assert "image-colorizer fetch richzhang" in response.json["detail"]

    def test_weights_installed_while_running_are_used(self, tmp_path, models_dir):
        copy(models_dir, tmp_path, "manifest.json", "colornet.onnx")
        client = create_app(Settings("colornet", models_dir=tmp_path)).test_client()
        assert client.post("/colorize?strategy=richzhang", data=PHOTO).status_code == 422
        copy(models_dir, tmp_path, RICHZHANG_FILE)
        assert client.post("/colorize?strategy=richzhang", data=PHOTO).status_code == 200

    def test_weights_deleted_while_running_do_not_matter_once_loaded(self, tmp_path, models_dir):
        copy(models_dir, tmp_path, "manifest.json", "colornet.onnx")
        client = create_app(Settings("colornet", models_dir=tmp_path)).test_client()
        (tmp_path / "colornet.onnx").unlink()
        assert client.post("/colorize", data=PHOTO).status_code == 200

    def test_weights_damaged_before_their_first_use_are_an_internal_error(self, tmp_path, models_dir, caplog):
        copy(models_dir, tmp_path, "manifest.json", "colornet.onnx")
        client = create_app(Settings("colornet", models_dir=tmp_path)).test_client()
        (tmp_path / RICHZHANG_FILE).write_bytes(b"damaged")
        response = client.post("/colorize?strategy=richzhang", data=PHOTO)
        assert_problem(response, 500, "internal-error")
        assert response.json["id"] in caplog.text
        assert set(response.json) == {"type", "title", "status", "code", "id"}
        assert client.post("/colorize", data=PHOTO).status_code == 200


class TestDefault:
    def test_colornet_where_nothing_else_is_installed(self, tmp_path):
        assert (
            create_app(Settings(models_dir=tmp_path)).test_client().get("/readyz").json["strategy"]
            == "colornet"
        )

    def test_richzhang_where_it_is_installed(self, models_dir, caplog):
        caplog.set_level("INFO", "colorizer")
        client = create_app(Settings(models_dir=models_dir)).test_client()
        defaults = [
            item["name"] for item in client.get("/api/v1/strategies").json["strategies"] if item["default"]
        ]
        assert defaults == ["richzhang"]
        assert "The default strategy is richzhang" in caplog.text
        assert client.post("/colorize", data=PHOTO).json["strategy"] == "richzhang"

    def test_a_service_that_cannot_colour_does_not_start(self, tmp_path, models_dir):
        with pytest.raises(UnknownStrategy):
            create_app(Settings("deoldify", models_dir=models_dir))
        with pytest.raises(WeightsNotInstalled, match="image-colorizer fetch richzhang"):
            create_app(Settings("richzhang", models_dir=tmp_path))
        copy(models_dir, tmp_path, "manifest.json")
        (tmp_path / "colornet.onnx").write_bytes(b"damaged")
        with pytest.raises(WeightsDamaged):
            create_app(Settings("colornet", models_dir=tmp_path))


class TestProblems:
    def test_unknown_routes_and_methods(self, client):
        assert_problem(client.get("/nowhere"), 404, "not-found")
        assert_problem(client.get("/colorize/"), 404, "not-found")
        response = client.get("/colorize")
        assert_problem(response, 405, "method-not-allowed")
        assert "POST" in response.headers["Allow"]

    def test_an_error_of_ours_tells_an_id_that_the_log_has_too(self, app, client, monkeypatch, caplog):
        def fail(*_):
            raise RuntimeError("secret path /srv/photos")

        monkeypatch.setattr(app.extensions["colorizer"].networks, "colorizer", fail)
        response = client.post("/colorize", data=PHOTO)
        assert_problem(response, 500, "internal-error")
        assert response.json["id"] in caplog.text
        assert "secret" in caplog.text
        assert "secret" not in response.text

    def test_a_full_house_is_told_when_to_come_back(self, models_dir):
        app = create_app(Settings("colornet", models_dir=models_dir, uploads_at_once=1))
        with app.extensions["colorizer"].uploads.place():
            response = app.test_client().post("/colorize", data=PHOTO)
        assert_problem(response, 503, "busy")
        assert int(response.headers["Retry-After"]) > 0
        assert app.test_client().post("/colorize", data=PHOTO).status_code == 200

    def test_the_place_for_the_upload_is_held_until_the_answer_is_sent(self, models_dir):
        app = create_app(Settings("colornet", models_dir=models_dir, uploads_at_once=1))
        first = app.test_client().post("/colorize", data=PHOTO, buffered=False)
        assert app.test_client().post("/colorize", data=PHOTO).status_code == 503
        first.close()
        assert app.test_client().post("/colorize", data=PHOTO).status_code == 200

    def test_a_full_queue(self, models_dir):
        app = create_app(Settings("colornet", models_dir=models_dir, photos_at_once=1, queue=0))
        with app.extensions["colorizer"].slots.slot():
            assert_problem(app.test_client().post("/colorize", data=PHOTO), 503, "busy")

    def test_a_stopping_service_takes_no_more_photos(self, models_dir):
        app = create_app(Settings("colornet", models_dir=models_dir))
        app.extensions["colorizer"].draining = True
        client = app.test_client()
        for response in (client.post("/colorize", data=PHOTO), client.get("/readyz")):
            assert_problem(response, 503, "not-ready")
            assert response.headers["Retry-After"]
        assert client.get("/healthz").status_code == 200

    def test_a_client_has_a_minute_to_take_its_answer(self, client):
        ours, theirs = socket.socketpair()
        with ours, theirs:
            client.post("/colorize", data=PHOTO, environ_overrides={"gunicorn.socket": ours})
            assert ours.gettimeout() == 60


class TestHeaders:
    @pytest.mark.parametrize("path", ["/", "/healthz", "/api/v1/limits", "/nowhere", "/openapi.json"])
    def test_every_answer_is_guarded(self, client, path):
        headers = client.get(path).headers
        policy = dict(rule.partition(" ")[::2] for rule in headers["Content-Security-Policy"].split("; "))
        assert policy["default-src"] == "'none'"
        assert policy["img-src"] == "'self' blob: data:"
        assert policy["frame-ancestors"] == "'none'"
        assert all("unsafe" not in sources for sources in policy.values())
        assert all("blob:" not in sources for name, sources in policy.items() if name != "img-src")
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] in ("no-cache", "no-store")

    def test_other_sites_are_not_let_in_by_default(self, client):
        response = client.post("/colorize", data=PHOTO, headers={"Origin": "https://a.example"})
        assert "Access-Control-Allow-Origin" not in response.headers

    def test_the_origins_that_are_set_are(self, models_dir):
        settings = Settings("colornet", models_dir=models_dir, cors_origins=("https://a.example",))
        client = create_app(settings).test_client()
        response = client.post("/colorize", data=PHOTO, headers={"Origin": "https://a.example"})
        assert response.headers["Access-Control-Allow-Origin"] == "https://a.example"
        assert "X-Confidence" in response.headers["Access-Control-Expose-Headers"]
        preflight = {"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
        assert client.options("/colorize", headers=preflight).headers["Access-Control-Allow-Origin"]
        for other in ("https://a.example.evil", "https://aXexample", "http://a.example", "null"):
            response = client.post("/colorize", data=PHOTO, headers={"Origin": other})
            assert "Access-Control-Allow-Origin" not in response.headers


class TestPage:
    def test_it_is_served_with_files_that_may_be_kept_for_a_year(self, client):
        page = client.get("/")
        assert page.mimetype == "text/html"
        assert "Image Colorizer" in page.text
        address = page.text.split('<link rel="stylesheet" href="')[1].split('"')[0]
        with client.get(address) as style:
            assert style.mimetype == "text/css"
            assert "immutable" in style.headers["Cache-Control"]
            assert "max-age=31536000" in style.headers["Cache-Control"]

    def test_a_file_under_an_old_address_is_not_there(self, client):
        assert_problem(client.get("/static/0123456789ab/style.css"), 404, "not-found")

    def test_only_what_lies_in_the_folder_is_served(self, app, client):
        version = app.jinja_env.globals["static_url"]("x").split("/")[1]
        for name in ("../app.py", "%2e%2e/app.py", "..%2fapp.py", "/etc/passwd", ""):
            assert client.get(f"/static/{version}/{name}").status_code in (308, 404)


def test_the_service_is_alive_and_ready(client):
    assert client.get("/healthz").json == {"status": "ok", "version": __version__}
    assert client.get("/readyz").json == {"status": "ready", "strategy": "colornet"}
