"""Zips that come with jobs, hostile ones too, and the names that results have in the zip that goes back."""

import io
import struct
import zipfile
from types import SimpleNamespace

import pytest
from serving import gray_photo

from colorizer.errors import BadField, MalformedRequest, NoSuchImage, StoreUnavailable, TooManyBytes
from colorizer.http.job_zip import MAX_MEMBERS, MAX_PHOTOS, unpacked, zipped
from colorizer.jobs.states import DONE, WAITING

MOST, IN_ALL = 1000, 20_000
PHOTO = gray_photo()


def packed(*members, method=zipfile.ZIP_STORED) -> bytes:
    """Return a zip of (name, data)."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return file.getvalue()


def unpack(data: bytes, in_all: int = IN_ALL) -> list:
    return list(unpacked([("a.zip", data)], MOST, in_all))


# What comes


def test_photos_and_zips_side_by_side():
    files = [("a.jpg", b"a"), ("b.zip", packed(("in/b.jpg", b"b"), ("in/", b""), ("c.jpg", b"c")))]
    assert list(unpacked(files, MOST, IN_ALL)) == [("a.jpg", b"a"), ("in/b.jpg", b"b"), ("c.jpg", b"c")]


def test_what_systems_add_of_their_own_is_no_photo():
    hidden = ("__MACOSX/album/._a.jpg", ".DS_Store", "album/.thumbnails/a.jpg")
    assert unpack(packed(*[(name, b"x") for name in hidden], ("album/a.jpg", b"a"))) == [
        ("album/a.jpg", b"a")
    ]


def test_one_large_member_is_inflated_to_the_limit_and_one_byte():
    ((_, data),) = unpack(packed(("a.jpg", bytes(10_000_000)), method=zipfile.ZIP_DEFLATED))
    assert len(data) == MOST + 1


def test_many_members_are_inflated_to_a_limit_together():
    bomb = packed(*[(f"{number}.jpg", bytes(MOST)) for number in range(21)], method=zipfile.ZIP_DEFLATED)
    assert len(bomb) < IN_ALL
    with pytest.raises(TooManyBytes, match="20,000 bytes together"):
        unpack(bomb)


def test_too_many_photos():
    with pytest.raises(BadField, match="at most 1000 photos"):
        unpack(packed(*[(f"{number}.jpg", b"x") for number in range(MAX_PHOTOS + 1)]))


def test_millions_of_entries_are_not_even_listed(monkeypatch):
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(BadField, match="entries"):
        unpack(b"PK\x03\x04" + struct.pack("<4s42x", b"PK\x01\x02") * (MAX_MEMBERS + 1))


FLAGS, METHOD = 8, 10  # where a zip's list of files says how each is packed


def altered(data: bytes, field: int, value: int) -> bytes:
    at = data.index(b"PK\x01\x02") + field
    return data[:at] + struct.pack("<H", value) + data[at + 2 :]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data[:-30],
        lambda data: data[:40] + b"\xff" * 8 + data[48:],
        lambda data: altered(data, FLAGS, 1),
        lambda data: altered(data, METHOD, 99),
    ],
    ids=["cut", "damaged", "encrypted", "unknown method"],
)
def test_a_zip_that_cannot_be_read(spoil):
    whole = packed(("a.jpg", PHOTO), method=zipfile.ZIP_DEFLATED)
    assert spoil(whole) != whole
    with pytest.raises(MalformedRequest, match="The zip is broken, encrypted"):
        unpack(spoil(whole))


# What goes


class Kept:
    """Photos as a store keeps them, by number; one without a result waits."""

    def __init__(self, *names, results=None, failure=None):
        self.names, self.results, self.failure = names, results or [PHOTO] * len(names), failure
        self.images = self
        photos = [
            SimpleNamespace(number=number, image=number, state=DONE, problem=None)
            for number in range(len(names))
        ]
        self.job = SimpleNamespace(photos=photos)

    def find(self, owner, number):
        if self.results[number] is None:
            raise NoSuchImage("It is gone.")
        return SimpleNamespace(facts={"name": self.names[number]}, files={"result": number})

    def read(self, number):
        if self.failure:
            raise self.failure
        return self.results[number]

    def zip(self) -> zipfile.ZipFile:
        return zipfile.ZipFile(io.BytesIO(b"".join(zipped(self, None, self.job))))


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("album/beach.jpg", "album/beach.jpg"),
        ("beach.tiff", "beach.jpg"),
        ("Großmutter im Garten.jpeg", "Großmutter im Garten.jpg"),
        ("no suffix", "no suffix.jpg"),
        ("../../etc/passwd", "etc/passwd.jpg"),
        ("/etc/cron.d/a.jpg", "etc/cron.d/a.jpg"),
        (r"..\..\windows\a.jpg", "windows/a.jpg"),
        (r"C:\a.jpg", "C/a.jpg"),
        ("a/./b/.. /c.jpg", "a/b/c.jpg"),
        ("line\nbreak\x1b[31m.jpg", "linebreak[31m.jpg"),
        ("a" * 300 + ".jpg", "a" * 100 + ".jpg"),
        ("", "photo 1.jpg"),
        (None, "photo 1.jpg"),
        ("...", "photo.jpg"),
    ],
)
def test_results_have_the_names_of_their_photos_and_stay_where_they_are_unpacked(given, shown):
    assert Kept(given).zip().namelist() == [shown]


def test_photos_of_the_same_name():
    names = Kept("a/b.jpg", "a/b.png", "a/B.jpg", "b.jpg").zip().namelist()
    assert names == ["a/b.jpg", "a/b-2.jpg", "a/B-3.jpg", "b.jpg"]


def test_what_failed_is_listed_by_name():
    kept = Kept("a.jpg", "b\n.jpg", "c.jpg", results=[PHOTO, PHOTO, None])
    kept.job.photos[1].problem = {"code": "damaged-photo", "detail": "It is damaged."}
    archive = kept.zip()
    assert archive.namelist() == ["a.jpg", "failures.txt"]
    assert archive.read("failures.txt").decode() == "b.jpg: It is damaged.\nphoto 3: It is gone.\n"


def test_a_job_under_way_gives_what_there_is():
    kept = Kept("a.jpg", "b.jpg")
    kept.job.photos[1].state = WAITING
    kept.find = lambda owner, number: SimpleNamespace(
        facts={"name": kept.names[number]}, files={"result": 0} if number == 0 else {}
    )
    assert kept.zip().read("failures.txt").decode() == "b.jpg: This photo has not been coloured yet.\n"


def test_while_the_store_is_away_the_zip_breaks_off():
    with pytest.raises(StoreUnavailable):
        Kept("a.jpg", failure=StoreUnavailable("away")).zip()
