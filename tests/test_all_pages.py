"""All pages of a TIFF into one TIFF: by the library, and by `image-colorizer colorize --all-pages`."""

import io

import numpy as np
import photos
import pytest
import tifffile

from colorizer.cli import main
from colorizer.errors import TooManyPixels, UnsupportedPhoto
from colorizer.photo.image_io import read_photo
from colorizer.photo.limits import PAGES, Limits
from colorizer.photo.record import is_sealed, read_record
from image_colorizer import ImageColorizer

CAPTIONS = ["Grandma", "Grandpa", "Dog"]
GRAYS = [photos.gray_scene(64, 48), photos.deep_gray_scene(90, 40), photos.gray_scene(33, 71)]
REDUCED, MASK = 1, 4
ONLY_TIFF = "All pages are coloured of a TIFF, and this is a png."


def pages_of_every_kind(byteorder="<"):
    """Three pages of several sizes and depths with captions, a small copy of the first and a mask between."""
    file = io.BytesIO()
    with tifffile.TiffWriter(file, byteorder=byteorder) as writer:
        for gray, caption in zip(GRAYS, CAPTIONS, strict=True):
            writer.write(gray, photometric="minisblack", description=caption, metadata=None)
            small = gray[:20, :20]
            writer.write(small, photometric="minisblack", subfiletype=REDUCED, metadata=None)
            writer.write(small > 99, photometric="mask", subfiletype=MASK, metadata=None)
    return file.getvalue()


def color_pages(data, **options):
    return ImageColorizer(photos.WarmCool(), **options).colorize_pages(data)


@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_every_page_has_the_colours_that_it_has_alone(byteorder):
    result = color_pages(pages_of_every_kind(byteorder))
    assert result.media_type == "image/tiff"
    assert result.frames == 3
    with tifffile.TiffFile(io.BytesIO(result.data)) as file:
        assert [page.description for page in file.pages] == CAPTIONS
        for gray, page in zip(GRAYS, file.pages, strict=True):
            alone = io.BytesIO()
            tifffile.imwrite(alone, gray, photometric="minisblack")
            expected = ImageColorizer(photos.WarmCool()).colorize(alone.getvalue(), format="tiff").data
            assert np.array_equal(page.asarray(), tifffile.imread(io.BytesIO(expected)))
            assert page.dtype == gray.dtype


def test_the_record_stands_once_and_is_sealed():
    result = color_pages(pages_of_every_kind()).data
    assert result.count(b"colorizer:Check") == 1
    assert is_sealed(result)
    assert "all_pages" in read_record(result).options


def test_a_coloured_file_of_pages_can_be_coloured_again():
    again = color_pages(color_pages(pages_of_every_kind()).data)
    assert again.frames == 3
    assert is_sealed(again.data)


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_other_photos_have_no_pages(format):
    with pytest.raises(UnsupportedPhoto, match="of a TIFF, and this is a"):
        color_pages(photos.encode(photos.gray_scene(), format))


def test_limits_hold_for_each_page():
    largest = max(gray.size for gray in GRAYS)
    assert color_pages(pages_of_every_kind(), limits=Limits(max_pixels=largest)).frames == 3
    with pytest.raises(TooManyPixels, match="90x40"):
        color_pages(pages_of_every_kind(), limits=Limits(max_pixels=largest - 1))


def test_limits_hold_for_all_pages_together():
    file = io.BytesIO()
    with tifffile.TiffWriter(file) as writer:
        for _ in range(PAGES + 1):
            writer.write(np.zeros((2, 2), np.uint8), photometric="minisblack", metadata=None)
    with pytest.raises(TooManyPixels, match="together"):
        color_pages(file.getvalue(), limits=Limits(max_pixels=4))


class TestCommand:
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "album.tif").write_bytes(pages_of_every_kind())

    @pytest.mark.parametrize("asked", [["--format", "tiff"], ["--output", "album-colorized.tif"]])
    def test_a_tiff_of_all_pages_is_made_once(self, asked, tmp_path, capsys):
        made, result = [], tmp_path / "album-colorized.tif"
        for _ in range(2):
            assert main(["colorize", "album.tif", "--all-pages", *asked]) == 0
            made.append(result.stat().st_mtime_ns)
        assert made[0] == made[1]
        assert capsys.readouterr() == ("album-colorized.tif\n" * 2, "")
        assert read_photo(result.read_bytes()).frames == 3

    def test_the_first_page_alone_is_another_result(self, tmp_path):
        for asked, frames in ((), 1), (("--all-pages",), 3), ((), 1):
            assert main(["colorize", "album.tif", "--format", "tiff", *asked]) == 0
            assert read_photo((tmp_path / "album-colorized.tif").read_bytes()).frames == frames

    @pytest.mark.parametrize("asked", [[], ["--format", "png"], ["--output", "album.png"]])
    def test_only_a_tiff_holds_pages(self, asked, capsys):
        assert main(["colorize", "album.tif", "--all-pages", *asked]) == 2
        assert "add --format tiff, or name --output x.tif" in capsys.readouterr().err

    def test_hints_are_for_one_picture(self, tmp_path, capsys):
        (tmp_path / "hints.json").write_text("[]")
        assert main(["colorize", "album.tif", "--all-pages", "--format=tiff", "--hints=hints.json"]) == 2
        assert "--hints" in capsys.readouterr().err

    def test_another_photo_is_told_by_its_kind(self, tmp_path, capsys):
        (tmp_path / "a.png").write_bytes(photos.encode(photos.gray_scene(), "PNG"))
        assert main(["colorize", "a.png", "--all-pages", "--format", "tiff"]) == 1
        assert ONLY_TIFF in capsys.readouterr().err
