import base64

import cv2
import numpy as np
import pytest

from colorizer.errors import BadField, NotAcceptable
from colorizer.http.answers import (
    choose_form,
    colorized_name,
    content_disposition,
    encode_confidence_map,
)


@pytest.mark.parametrize(
    ("accept", "format", "as_json", "expected"),
    [
        ("", None, True, "jpeg"),
        ("*/*", None, True, "jpeg"),
        ("*/*", "webp", True, "webp"),
        ("*", None, True, "jpeg"),
        ("application/json", "png", True, "png"),
        ("application/json; charset=utf-8", None, True, "jpeg"),
        ("application/*", None, True, "jpeg"),
        ("image/jpeg", None, False, "jpeg"),
        ("image/png", None, False, "png"),
        ("IMAGE/PNG", "png", False, "png"),
        ("image/webp", None, False, "webp"),
        ("image/*", None, False, "jpeg"),
        ("image/*", "png", False, "png"),
        ("image/png, image/jpeg", None, False, "png"),
        ("image/png, image/jpeg", "jpeg", False, "jpeg"),
        ("image/png;q=0.5, image/webp", None, False, "webp"),
        ("image/png, */*", None, False, "png"),
        ("image/png;q=0.1, */*", None, True, "jpeg"),
        ("application/json, image/png", None, True, "jpeg"),
        ("image/png, application/json", None, False, "png"),
        ("application/json;q=0, */*", None, False, "jpeg"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", None, True, "jpeg"),
        ("image/avif,image/webp,image/apng,image/*,*/*;q=0.8", None, False, "webp"),
        ("image/avif,image/webp,image/apng,image/*,*/*;q=0.8", "png", False, "png"),
    ],
)
def test_the_form_of_the_answer(accept, format, as_json, expected):
    form = choose_form(accept, format)
    assert (form.as_json, form.format) == (as_json, expected)


@pytest.mark.parametrize("accept", ["text/html", "image/avif", "image/jpeg;q=0", "*/*;q=0", "garbage", ","])
def test_nothing_to_answer_with(accept):
    with pytest.raises(NotAcceptable):
        choose_form(accept, None)


def test_format_and_accept_that_disagree():
    with pytest.raises(BadField, match="format is png, but Accept asks for image/jpeg"):
        choose_form("image/jpeg", "png")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("grandma.jpg", "grandma-colorized.jpg"),
        ("grandma.tar.png", "grandma.tar-colorized.jpg"),
        ("grandma", "grandma-colorized.jpg"),
        ("../../etc/passwd", "passwd-colorized.jpg"),
        ("C:\\photos\\grandma.png", "grandma-colorized.jpg"),
        ("бабушка.jpg", "бабушка-colorized.jpg"),
        ("a\r\nSet-Cookie: b.jpg", "aSet-Cookie: b-colorized.jpg"),
        ("a\u202egpj.exe", "agpj-colorized.jpg"),
        ("x" * 1000 + ".jpg", "x" * 100 + "-colorized.jpg"),
        ("...", "photo-colorized.jpg"),
        ("photos/", "photo-colorized.jpg"),
        ("", "photo-colorized.jpg"),
        (None, "photo-colorized.jpg"),
    ],
)
def test_the_name_of_the_result(given, expected):
    assert colorized_name(given, "jpeg") == expected


def test_the_name_has_the_extension_of_its_format():
    names = [colorized_name("a.jpg", format) for format in ("jpeg", "png", "webp")]
    assert names == ["a-colorized.jpg", "a-colorized.png", "a-colorized.webp"]


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("grandma.jpg", 'attachment; filename="grandma.jpg"'),
        ("Öma.jpg", "attachment; filename=\"Oma.jpg\"; filename*=UTF-8''%C3%96ma.jpg"),
        ('a"b\\c.jpg', "attachment; filename=\"a_b_c.jpg\"; filename*=UTF-8''a%22b%5Cc.jpg"),
        ("祖母.jpg", "attachment; filename=\".jpg\"; filename*=UTF-8''%E7%A5%96%E6%AF%8D.jpg"),
    ],
)
def test_the_header_that_names_a_download(name, header):
    assert content_disposition(name) == header


@pytest.mark.parametrize(
    ("shape", "expected"), [((56, 40), (56, 40)), ((1, 1), (1, 1)), ((2048, 4), (512, 1))]
)
def test_the_confidence_map_is_a_gray_png_of_at_most_512_pixels(shape, expected):
    sure = np.linspace(0, 1, shape[0], dtype=np.float32)[:, None].repeat(shape[1], 1)
    png = cv2.imdecode(
        np.frombuffer(base64.b64decode(encode_confidence_map(sure)), np.uint8), cv2.IMREAD_UNCHANGED
    )
    assert png.shape == expected
    assert png.dtype == np.uint8
    assert abs(int(png[-1, 0]) - 255 * sure[-1, 0]) <= 1
