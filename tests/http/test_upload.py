import pytest

from colorizer.errors import BadField, MalformedRequest, NoPhoto, SeveralPhotos
from colorizer.http.upload import MAX_TEXT_BYTES, parse_upload

TYPE = "multipart/form-data; boundary=b"


def part(name, data, filename=None):
    filename = "" if filename is None else f'; filename="{filename}"'
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{filename}\r\n\r\n'.encode() + data + b"\r\n"


def form(*parts):
    return b"".join(parts) + b"--b--\r\n"


@pytest.mark.parametrize("field", ["image", "file"])
def test_the_photo_stands_in_a_multipart_field(field):
    body = form(part("strategy", b"colornet"), part(field, b"\xff\xd8\xff", "grandma.jpg"))
    upload = parse_upload(body, TYPE, [("format", "png")])
    assert (upload.photo, upload.filename) == (b"\xff\xd8\xff", "grandma.jpg")
    assert upload.fields == {"strategy": "colornet", "format": "png"}


@pytest.mark.parametrize("content_type", ["", "image/jpeg", "application/x-www-form-urlencoded", "nonsense"])
def test_any_other_body_is_the_photo(content_type):
    upload = parse_upload(b"image=abc&x", content_type, [])
    assert (upload.photo, upload.filename, upload.fields) == (b"image=abc&x", None, {})


def test_an_empty_file_field_beside_the_photo_does_not_count():
    upload = parse_upload(form(part("image", b"", ""), part("file", b"abc", "a.png")), TYPE, [])
    assert upload.photo == b"abc"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"", "image/jpeg"), (form(part("image", b"", "")), TYPE), (form(part("format", b"png")), TYPE)],
)
def test_no_photo(body, content_type):
    with pytest.raises(NoPhoto):
        parse_upload(body, content_type, [])


def test_a_photo_sent_as_text_is_told_how_to_do_it():
    with pytest.raises(NoPhoto, match="curl -F image=@"):
        parse_upload(form(part("image", b"abc")), TYPE, [])


@pytest.mark.parametrize("second", ["image", "file"])
def test_several_photos(second):
    with pytest.raises(SeveralPhotos, match="2 photos"):
        parse_upload(form(part("image", b"a", "a.jpg"), part(second, b"b", "b.jpg")), TYPE, [])


def test_a_file_in_another_field():
    with pytest.raises(BadField, match="'photo'"):
        parse_upload(form(part("image", b"a", "a.jpg"), part("photo", b"b", "b.jpg")), TYPE, [])


@pytest.mark.parametrize(
    ("parts", "query"),
    [
        ([part("format", b"png")], [("format", "png")]),
        ([part("format", b"png"), part("format", b"jpeg")], []),
        ([], [("format", "png"), ("format", "png")]),
    ],
)
def test_a_field_given_twice(parts, query):
    with pytest.raises(BadField, match="'format' is given twice"):
        parse_upload(form(*parts, part("image", b"a", "a.jpg")), TYPE, query)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (form(part("image", b"a", "a.jpg")), "multipart/form-data"),
        (form(part("image", b"a", "a.jpg")), "multipart/mixed; boundary=b"),
        (form(part("image", b"a", "a.jpg")), "multipart/form-data; boundary=ü"),
        (form(part("image", b"a", "a.jpg")), "multipart/form-data; boundary=" + "b" * 5000),
        (part("image", b"a", "a.jpg"), TYPE),
        (b"--b\r\nno header\r\n\r\na\r\n--b--\r\n", TYPE),
        (b"nothing", TYPE),
        (form(*[part(f"f{number}", b"") for number in range(1000)]), TYPE),
        (form(part("hints", b"x" * (MAX_TEXT_BYTES + 1))), TYPE),
        (b'--b\r\nContent-Disposition: form-data; name="image"; filename="' + b"x" * 1_000_000, TYPE),
    ],
)
def test_a_malformed_body(body, content_type):
    with pytest.raises((MalformedRequest, NoPhoto)):
        parse_upload(body, content_type, [])


def test_a_megabyte_of_file_name_is_malformed():
    body = form(part("image", b"a", "x" * 1_000_000))
    with pytest.raises(MalformedRequest):
        parse_upload(body, TYPE, [])


def test_bytes_that_are_no_text_do_no_harm():
    upload = parse_upload(form(part("hints", b"\xff\xfe"), part("image", b"a", "a.jpg")), TYPE, [])
    assert upload.fields["hints"] == "\ufffd\ufffd"
