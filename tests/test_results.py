"""What people hand in, what they get, and what they can do with it."""

import io
import pickle

import numpy as np
import photos
import pytest
from photos import WarmCool, color_scene, encode, gray_scene
from PIL import Image

from colorizer.errors import BadField, NotAPhoto, OutputError, PhotoError, SideTooLong
from image_colorizer import (
    ColorizedArray,
    ColorizedImage,
    ColorizedPhoto,
    ImageColorizer,
)


@pytest.fixture
def colorizer():
    return ImageColorizer(WarmCool())


@pytest.fixture
def jpeg():
    return encode(gray_scene(), "JPEG")


class TestFiles:
    def test_a_file_however_it_is_named_becomes_the_same_file(self, colorizer, jpeg, tmp_path):
        path = tmp_path / "grandma.jpg"
        path.write_bytes(jpeg)
        expected = colorizer.colorize(jpeg).data
        with path.open("rb") as file:
            sources = [path, str(path), file, io.BytesIO(jpeg), bytearray(jpeg), memoryview(jpeg)]
            results = [colorizer.colorize(source) for source in sources]
        assert all(isinstance(result, ColorizedPhoto) and result.data == expected for result in results)

    def test_suggestions_take_them_too(self, colorizer, jpeg, tmp_path):
        (tmp_path / "a.jpg").write_bytes(jpeg)
        assert colorizer.suggest(tmp_path / "a.jpg", 3, 4) == colorizer.suggest(jpeg, 3, 4)

    def test_a_file_that_is_not_there(self, colorizer, tmp_path):
        with pytest.raises(PhotoError, match="cannot be read: No such file or directory"):
            colorizer.colorize(tmp_path / "nothing.jpg")
        with pytest.raises(PhotoError, match="cannot be read: Is a directory"):
            colorizer.colorize(str(tmp_path))

    def test_a_file_open_as_text(self, colorizer, tmp_path):
        (tmp_path / "a.jpg").write_text("letters")
        with (tmp_path / "a.jpg").open() as file, pytest.raises(NotAPhoto, match=r'open\(path, "rb"\)'):
            colorizer.colorize(file)

    @pytest.mark.parametrize("thing", [None, 7, ["a.jpg"], object()])
    def test_what_is_no_photo(self, colorizer, thing):
        with pytest.raises(NotAPhoto, match="an array or an image of Pillow; this is a "):
            colorizer.colorize(thing)


class TestArrays:
    def test_one_channel_is_gray(self, colorizer):
        gray = gray_scene()
        result = colorizer.colorize(gray[..., np.newaxis])
        assert isinstance(result, ColorizedArray)
        np.testing.assert_array_equal(result.array, colorizer.colorize(gray).array)

    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_floats_of_0_to_1_become_such_floats(self, colorizer, dtype):
        array = gray_scene().astype(dtype) / 255
        found = colorizer.colorize(array).array
        assert found.dtype == dtype
        assert 0 <= found.min() < found.max() <= 1
        expected = colorizer.colorize(gray_scene().astype(np.uint16) * 257).array / 65535
        np.testing.assert_allclose(found, expected, atol=1e-4)

    @pytest.mark.parametrize(
        ("array", "advice"),
        [
            (np.full((4, 4), 255.0), r"go from 255 to 255; .*Divide them by .* 255"),
            (np.full((4, 4), np.nan), "go from nan to nan"),
            (np.ones((4, 4), bool), r"The array is of bool; .*array\.astype"),
            (np.ones((4, 4), np.int64), r"The array is of int64; .*array\.astype"),
            (np.ones((3, 9, 9), np.uint8), r"np\.moveaxis\(array, 0, -1\)"),
            (np.ones((1, 9, 9, 3), np.uint8), r"one photo at a time, as array\[0\]"),
            (np.ones((9, 9, 2), np.uint8), r"\(h, w, 4\) is expected"),
            (np.ones((0, 9), np.uint8), r"shape \(0, 9\)"),
            (np.array(7, np.uint8), r"\(h, w\), .* is expected"),
        ],
    )
    def test_what_cannot_be_taken_is_told_how_to_convert(self, colorizer, array, advice):
        with pytest.raises(PhotoError, match=advice):
            colorizer.colorize(array)


class TestImages:
    @pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P", "1", "CMYK"])
    def test_an_image_becomes_an_image(self, colorizer, mode):
        image = Image.fromarray(gray_scene()).convert(mode)
        result = colorizer.colorize(image)
        assert isinstance(result, ColorizedImage)
        assert result.image.size == image.size
        assert result.image.mode == ("RGBA" if mode in ("RGBA", "LA") else "RGB")

    def test_it_is_what_the_array_becomes(self, colorizer):
        image = colorizer.colorize(Image.fromarray(gray_scene())).image
        np.testing.assert_array_equal(np.asarray(image), colorizer.colorize(gray_scene()).array)

    def test_a_turned_one_comes_back_upright(self, colorizer):
        exif = Image.Exif()
        exif[0x0112] = 6
        image = Image.open(io.BytesIO(encode(gray_scene(), "JPEG", exif=exif)))
        assert colorizer.colorize(image).image.size == (64, 96)

    def test_a_broken_one_is_a_damaged_photo(self, colorizer, jpeg):
        with pytest.raises(PhotoError, match="cut off or broken"):
            colorizer.colorize(Image.open(io.BytesIO(jpeg[:-200])))


class TestSaving:
    def test_a_file_is_saved_as_it_is(self, colorizer, jpeg, tmp_path):
        result = colorizer.colorize(jpeg)
        result.save(tmp_path / "new" / "a.JPEG")
        assert (tmp_path / "new" / "a.JPEG").read_bytes() == result.data

    def test_not_under_the_name_of_another_format(self, colorizer, jpeg, tmp_path):
        with pytest.raises(BadField, match=r"a\.png is named as a png, .* format='png'"):
            colorizer.colorize(jpeg).save(tmp_path / "a.png")
        with pytest.raises(BadField, match=r"named \.jpg, .*; '\.gif' is none"):
            colorizer.colorize(jpeg).save(tmp_path / "a.gif")
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp"])
    @pytest.mark.parametrize("alpha", [False, True])
    def test_arrays_and_images_are_encoded_by_the_suffix(self, colorizer, tmp_path, name, alpha):
        pixels = np.dstack([color_scene(), photos.ramp()]) if alpha else gray_scene()
        for source in (pixels, Image.fromarray(pixels), pixels / np.float32(255)):
            colorizer.colorize(source).save(tmp_path / name)
            with Image.open(tmp_path / name) as image:
                assert image.mode == ("RGBA" if alpha and name != "a.jpg" else "RGB")
                assert image.size == (96, 64)

    def test_what_the_format_cannot_hold(self, colorizer, tmp_path):
        result = colorizer.colorize(np.zeros((1, 20_000), np.uint8))
        with pytest.raises(SideTooLong):
            result.save(tmp_path / "a.webp")

    def test_where_nothing_can_be_written(self, colorizer, jpeg, tmp_path):
        (tmp_path / "a.jpg").mkdir()
        with pytest.raises(OutputError):
            colorizer.colorize(jpeg).save(str(tmp_path / "a.jpg"))


class TestShowing:
    def test_results_print_in_one_short_line(self, colorizer, jpeg):
        for source, kind in (
            (jpeg, "Photo"),
            (gray_scene(), "Array"),
            (Image.fromarray(gray_scene()), "Image"),
        ):
            text = repr(colorizer.colorize(source))
            assert text.startswith(f"<Colorized{kind} 96x64 by warm-cool, confidence 0.")
            assert len(text) < 80

    def test_results_compare_by_what_they_hold(self, colorizer, jpeg):
        for source in (jpeg, gray_scene(), Image.fromarray(gray_scene())):
            one, same = colorizer.colorize(source), colorizer.colorize(source)
            assert one == same
            assert one != colorizer.colorize(source, saturation=2)
            assert one != "something else"

    def test_every_result_has_an_image(self, colorizer, jpeg):
        for source in (jpeg, gray_scene(), gray_scene().astype(np.uint16) * 257):
            image = colorizer.colorize(source).image
            assert (image.mode, image.size) == ("RGB", (96, 64))

    @pytest.mark.parametrize(("format", "kind"), [("jpeg", "JPEG"), ("png", "PNG"), ("webp", "PNG")])
    def test_notebooks_show_files(self, colorizer, jpeg, format, kind):
        result = colorizer.colorize(jpeg, format=format)
        shown = [data for data in (result._repr_jpeg_(), result._repr_png_()) if data]
        assert [Image.open(io.BytesIO(data)).format for data in shown] == [kind]

    def test_notebooks_show_arrays_and_images(self, colorizer):
        for source in (np.zeros((9, 2000), np.uint16), Image.fromarray(gray_scene())):
            data = colorizer.colorize(source)._repr_png_()
            assert max(Image.open(io.BytesIO(data)).size) <= 1024


class TestPickling:
    def test_a_colorizer_names_its_strategy_and_loads_again(self, jpeg, generated_models):
        colorizer = ImageColorizer("colornet", models_dir=generated_models)
        colorizer.load()
        pickled = pickle.dumps(colorizer)
        assert len(pickled) < 1000
        again = pickle.loads(pickled)
        assert repr(again) == repr(colorizer) == "ImageColorizer('colornet')"
        assert again.colorize(jpeg) == colorizer.colorize(jpeg)


def test_numbers_of_numpy_are_numbers(jpeg):
    hint = {"x": np.float32(12), "y": np.int64(8), "color": "#a0522d"}
    numbers = {"quality": np.uint8(90), "saturation": np.float64(1.5)}
    found = ImageColorizer("colornet").colorize(jpeg, hints=[hint], **numbers)
    plain = {"x": 12, "y": 8, "color": "#a0522d"}
    assert found == ImageColorizer("colornet").colorize(jpeg, hints=[plain], quality=90, saturation=1.5)
