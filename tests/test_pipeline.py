"""From bytes or an array to a coloured photo, with a strategy that needs no weights."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import photos
import pytest
from photos import WarmCool, color_scene, encode, encode_deep, gray_scene, sepia_scene
from PIL import Image

from colorizer.color.lab import lightness_of, rgb_to_lab
from colorizer.errors import (
    BadField,
    BadHints,
    BadReference,
    SideTooLong,
    SuggestionsUnsupported,
    TooManyBytes,
    TooManyPixels,
    UnknownStrategy,
)
from colorizer.options import DEFAULT_STRATEGY, FORMATS, LOSSLESS
from colorizer.photo.limits import Limits
from colorizer.stages import open_photo
from colorizer.strategies.base import Prediction, Strategy
from colorizer.strategies.registry import strategy_names
from image_colorizer import ImageColorizer


class Bare(Strategy):
    """A strategy with nothing but colours."""

    name = "bare"
    title = "Bare"

    def __init__(self, a=20.0, b=20.0):
        super().__init__(models_dir=None)
        self.color = a, b

    def predict(self, lightness, hints=None):
        return Prediction(np.full((8, 8, 2), self.color, np.float32))


@pytest.fixture
def colorizer():
    return ImageColorizer(WarmCool())


def chroma(rgb):
    return np.hypot(*np.moveaxis(rgb_to_lab(rgb)[..., 1:], -1, 0))


def lightness_error(result, pixels):
    return np.abs(lightness_of(result) - lightness_of(pixels))


KINDS = {
    "gray": lambda: encode(gray_scene(), "JPEG"),
    "rgb": lambda: encode(np.dstack([gray_scene()] * 3), "PNG"),
    "sepia": lambda: encode(sepia_scene(), "JPEG"),
    "colour": lambda: encode(color_scene(), "JPEG"),
    "palette": lambda: encode(Image.fromarray(color_scene()).convert("P"), "PNG"),
    "1 bit": lambda: encode(Image.fromarray(gray_scene()).convert("1"), "PNG"),
    "2 bits": lambda: encode(Image.fromarray(gray_scene()).quantize(4), "PNG", bits=2),
    "16-bit gray png": lambda: encode_deep(photos.deep_gray_scene()),
    "16-bit gray tiff": lambda: encode(Image.fromarray(photos.deep_gray_scene()), "TIFF"),
    "16-bit rgb png": lambda: encode_deep(np.dstack([photos.deep_gray_scene()] * 3)),
    "16-bit rgb tiff": lambda: encode_deep(np.dstack([photos.deep_gray_scene()] * 3), "tiff"),
    "cmyk": lambda: encode(Image.fromarray(gray_scene()).convert("CMYK"), "JPEG"),
    "progressive": lambda: encode(gray_scene(), "JPEG", progressive=True),
    "4:4:4": lambda: encode(sepia_scene(), "JPEG", subsampling=0),
    "rgb jpg": lambda: encode(sepia_scene(), "JPEG", keep_rgb=True),
    "webp": lambda: encode(sepia_scene(), "WEBP"),
    "tiff": lambda: encode(gray_scene(), "TIFF", compression="tiff_lzw"),
    "interlaced": photos.interlaced_png,
    "alpha": lambda: encode(np.dstack([color_scene(), np.maximum(photos.ramp(), 128)]), "PNG"),
    "animated png": photos.animated_png,
    "two pages": photos.two_pages,
}


class TestResult:
    def test_bytes_become_bytes(self, colorizer):
        result = colorizer.colorize(encode(gray_scene(), "JPEG"))
        assert result.media_type == "image/jpeg"
        assert photos.decode(result.data).shape == (64, 96, 3)
        assert (result.width, result.height, result.strategy) == (96, 64, "warm-cool")

    @pytest.mark.parametrize("shape", [(), (3,), (4,)])
    @pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
    def test_an_array_becomes_an_array(self, colorizer, shape, dtype):
        array = np.broadcast_to(
            gray_scene().astype(dtype).reshape(64, 96, *[1] * len(shape)), (64, 96, *shape)
        )
        array = array * dtype(np.iinfo(dtype).max // 255)
        before = array.copy()
        result = colorizer.colorize(array)
        assert result.array.dtype == dtype
        assert result.array.shape == (64, 96, 4 if shape == (4,) else 3)
        assert chroma(np.ascontiguousarray(result.array[..., :3])).mean() > 5
        if shape == (4,):
            assert (result.array[..., 3] == array[..., 3]).all()
        assert (array == before).all(), "the caller's array must not change"

    def test_the_prediction_is_passed_on(self, colorizer):
        result = colorizer.colorize(gray_scene())
        assert 0 < result.confidence < 1
        assert result.confidence_map.shape == (64, 64)
        assert result.confidence_map.dtype == np.float32
        assert result.scene == ("other", 0.9)

    def test_a_bare_strategy_says_nothing_more(self):
        result = ImageColorizer(Bare()).colorize(gray_scene())
        assert (result.confidence, result.confidence_map, result.scene) == (None, None, None)

    @pytest.mark.parametrize("format", FORMATS)
    def test_timings_are_the_stages_in_milliseconds(self, colorizer, format):
        timings = colorizer.colorize(encode(gray_scene(), "PNG"), format=format).timings
        assert set(timings) == {"decode", "network", "chroma", "encode", "total"}
        stages = sum(timings.values()) - timings["total"]
        assert 0 < stages <= timings["total"]
        assert all(milliseconds > 0 for milliseconds in timings.values())

    @pytest.mark.parametrize(
        ("format", "media_type", "kind"),
        [
            ("jpeg", "image/jpeg", "JPEG"),
            ("png", "image/png", "PNG"),
            ("webp", "image/webp", "WEBP"),
            ("tiff", "image/tiff", "TIFF"),
        ],
    )
    def test_the_format_is_chosen(self, colorizer, format, media_type, kind):
        result = colorizer.colorize(encode(gray_scene(), "PNG"), format=format)
        assert result.media_type == media_type
        image = photos.pillow(result.data)
        assert (image.format, image.size) == (kind, (96, 64))
        assert chroma(np.asarray(image)).mean() > 5

    @pytest.mark.parametrize("format", ["jpeg", "webp"])
    def test_quality_counts(self, colorizer, format):
        photo = encode(gray_scene(), "PNG")
        sizes = [len(colorizer.colorize(photo, format=format, quality=q).data) for q in (1, 50, 100)]
        assert sizes == sorted(sizes)
        assert sizes[2] > 2 * sizes[0]

    def test_saturation_multiplies_ab(self):
        colorizer = ImageColorizer(Bare(10, 10))
        array = np.full((20, 20), 128, np.uint8)
        found = [chroma(colorizer.colorize(array, saturation=s).array).mean() for s in (0, 0.5, 1, 2)]
        assert found == pytest.approx([0, 14.1 / 2, 14.1, 28.3], abs=0.7)

    def test_saturation_counts_in_a_jpg(self):
        photo = encode(np.full((32, 32), 128, np.uint8), "JPEG")
        found = [
            chroma(photos.decode(ImageColorizer(Bare(10, 10)).colorize(photo, saturation=s).data)).mean()
            for s in (0, 1, 2)
        ]
        assert found == pytest.approx([0, 14.1, 28.3], abs=1.5)

    def test_the_note_names_the_strategy(self, colorizer):
        photo = encode(gray_scene(), "JPEG")
        for format in FORMATS:
            exif = photos.pillow(colorizer.colorize(photo, format=format).data).getexif()
            assert exif[0x9213] == "Colors simulated by Image Colorizer, strategy warm-cool."


class TestLightness:
    """Nothing but colour is added."""

    @pytest.mark.parametrize("strategy", [WarmCool(), Bare(90, -90), Bare(-90, 60), Bare(60, 90)])
    @pytest.mark.parametrize(
        "pixels", [gray_scene(), color_scene(), sepia_scene()], ids=["gray", "rgb", "sepia"]
    )
    def test_a_png_keeps_it(self, strategy, pixels):
        result = ImageColorizer(strategy).colorize(encode(pixels, "PNG"), format="png")
        error = lightness_error(photos.decode(result.data), pixels)
        assert error.max() <= 1
        assert error.mean() <= 0.3

    def test_random_pixels_keep_it(self):
        pixels = np.random.default_rng(5).integers(0, 256, (200, 300, 3), np.uint8)
        error = lightness_error(ImageColorizer(Bare(80, -60)).colorize(pixels).array, pixels)
        assert error.max() <= 1
        assert error.mean() <= 0.3

    def test_16_bits_keep_it_more_exactly(self, colorizer):
        pixels = photos.deep_gray_scene()
        error = lightness_error(colorizer.colorize(pixels).array, pixels)
        assert error.max() <= 0.1

    @pytest.mark.parametrize("pixels", [gray_scene(240, 180), sepia_scene(240, 180)], ids=["gray", "sepia"])
    def test_a_jpg_from_a_jpg_keeps_it(self, colorizer, pixels):
        photo = encode(pixels, "JPEG", quality=95, subsampling=0)
        error = lightness_error(
            photos.decode(colorizer.colorize(photo, quality=97).data), photos.decode(photo)
        )
        assert error.mean() <= 0.6
        assert np.percentile(error, 99) <= 2.5

    def test_a_jpg_from_a_coloured_jpg_is_coloured_from_its_lightness(self, colorizer):
        photo = encode(color_scene(240, 180), "JPEG", quality=95)
        error = lightness_error(
            photos.decode(colorizer.colorize(photo, quality=97).data), photos.decode(photo)
        )
        assert error.mean() <= 1.0

    @pytest.mark.parametrize("profile", ["wide_rgb_profile", "gray_profile"])
    def test_a_profile_keeps_it(self, colorizer, profile):
        icc = getattr(photos, profile)()
        photo = encode(gray_scene(), "PNG", icc_profile=icc)
        image = photos.pillow(colorizer.colorize(photo, format="png").data)
        error = np.abs(
            photos.icc_lightness(image, image.info.get("icc_profile"))
            - photos.icc_lightness(Image.fromarray(gray_scene()), icc)
        )
        assert error.max() <= 1.2  # of which the 8 bits of Pillow's LAB are 0.4
        assert error.mean() <= 0.4


class TestShown:
    """What the network sees."""

    def test_it_sees_the_lightness_at_its_size(self, colorizer):
        colorizer.colorize(gray_scene(512, 512))
        shown = colorizer.strategy.shown
        assert shown.shape == (256, 256)
        assert shown.dtype == np.float32
        averaged = gray_scene(512, 512).reshape(256, 2, 256, 2).mean(axis=(1, 3))
        assert shown == pytest.approx(lightness_of((averaged / 255).astype(np.float32)), abs=0.5)

    @pytest.mark.parametrize("format", ["JPEG", "PNG"])
    def test_a_tint_does_not_leak(self, colorizer, format):
        options = {"quality": 95} if format == "JPEG" else {}
        sepia = sepia_scene(256, 256)
        colorizer.colorize(encode(sepia, format, **options))
        tinted = colorizer.strategy.shown
        gray = np.interp(
            lightness_of(sepia), lightness_of(np.arange(256, dtype=np.uint8)[None])[0], np.arange(256)
        )
        colorizer.colorize(encode(np.rint(gray).astype(np.uint8), format, **options))
        assert tinted == pytest.approx(colorizer.strategy.shown, abs=4)
        assert np.abs(tinted - colorizer.strategy.shown).mean() < 0.5

    def test_hints_are_in_pixels_of_the_upright_photo(self, colorizer):
        photo = encode(gray_scene(), "JPEG", exif=b"Exif\0\0" + photos.exif_block(6))
        result = colorizer.colorize(photo, hints=[{"x": 63, "y": 95, "color": "#a0522d"}])
        assert (result.width, result.height) == (64, 96)
        with pytest.raises(BadHints, match="outside the photo of 64x96"):
            colorizer.colorize(photo, hints=[{"x": 95, "y": 63, "color": "#a0522d"}])

    def test_undo_is_exact(self, colorizer):
        photo = encode(gray_scene(), "PNG")
        before = colorizer.colorize(photo).data
        hint = {"x": 30, "y": 20, "color": "#2f5fb0"}
        assert colorizer.colorize(photo, hints=[hint]).data != before
        assert colorizer.colorize(photo).data == before

    def test_no_hint_enters_a_network(self, colorizer):
        colorizer.colorize(gray_scene(), hints=[{"x": 1, "y": 1, "color": "#a0522d"}])
        assert colorizer.strategy.hints is None


class TestKinds:
    """Each kind of photo that comes, as a small file, to each format."""

    @pytest.mark.parametrize("format", FORMATS)
    @pytest.mark.parametrize("kind", KINDS)
    def test_it_comes_out_coloured_and_whole(self, colorizer, kind, format):
        photo = KINDS[kind]()
        result = colorizer.colorize(photo, format=format)
        pixels = photos.decode(result.data)
        assert pixels.shape[:2] == (64, 96)
        assert pixels.dtype == (np.uint16 if "16" in kind and format in LOSSLESS else np.uint8)
        colors = np.ascontiguousarray(pixels[..., :3])
        assert kind == "1 bit" or chroma(colors).mean() > 4  # black and white have no other colours
        if kind != "alpha" or format == "png":
            error = np.abs(lightness_of(colors) - lightness_of(photos.rgb_of(photo)))
            assert error.mean() < (0.3 if format == "png" else 2)

    def test_16_bits_stay_16_bits(self, colorizer):
        for kind in ("16-bit gray png", "16-bit gray tiff", "16-bit rgb png", "16-bit rgb tiff"):
            pixels = photos.decode(colorizer.colorize(KINDS[kind](), format="png").data)
            error = lightness_error(pixels, photos.deep_gray_scene())
            assert error.max() < 0.1, kind

    @pytest.mark.parametrize("size", [(1, 1), (1, 2), (2, 1), (1, 97), (97, 1), (3, 5), (17, 31), (255, 3)])
    @pytest.mark.parametrize("format", FORMATS)
    @pytest.mark.parametrize("source", ["JPEG", "PNG"])
    def test_odd_sizes(self, colorizer, size, format, source):
        width, height = size
        for pixels in (gray_scene(width, height), sepia_scene(width, height)):
            result = colorizer.colorize(encode(pixels, source), format=format)
            assert photos.decode(result.data).shape == (height, width, 3)

    def test_24_megapixels(self, colorizer):
        tile = gray_scene(600, 400)
        photo = encode(np.tile(tile, (10, 10)), "JPEG", quality=80)
        result = colorizer.colorize(photo)
        assert (result.width, result.height) == (6000, 4000)
        assert photos.decode(result.data).shape == (4000, 6000, 3)

    def test_the_name_does_not_matter(self, colorizer):
        assert colorizer.colorize(bytearray(encode(gray_scene(), "WEBP"))).media_type == "image/jpeg"
        assert colorizer.colorize(memoryview(encode(gray_scene(), "PNG"))).media_type == "image/jpeg"


class TestAlpha:
    def rgba(self):
        alpha = np.zeros((64, 96), np.uint8)
        alpha[:, 48:] = 255
        alpha[:, 40:48] = 128
        return np.dstack([color_scene(), alpha]), alpha

    @pytest.mark.parametrize("format", ["png", "webp"])
    def test_it_is_kept_where_the_format_can_hold_it(self, colorizer, format):
        rgba, alpha = self.rgba()
        pixels = photos.decode(colorizer.colorize(encode(rgba, "PNG"), format=format).data)
        assert (pixels[..., 3] == alpha).all()

    def test_a_jpg_lays_it_on_white(self, colorizer):
        rgba, _ = self.rgba()
        pixels = photos.decode(colorizer.colorize(encode(rgba, "PNG")).data)
        assert pixels[:, :32].min() > 245
        opaque = slice(56, None)
        assert lightness_error(pixels, color_scene())[:, opaque].mean() < 1.5

    def test_gray_and_alpha(self, colorizer):
        _, alpha = self.rgba()
        photo = encode(Image.merge("LA", [Image.fromarray(gray_scene()), Image.fromarray(alpha)]), "PNG")
        pixels = photos.decode(colorizer.colorize(photo, format="png").data)
        assert (pixels[..., 3] == alpha).all()
        assert lightness_error(pixels[..., :3].copy(), gray_scene()).max() <= 1

    @pytest.mark.parametrize("deep", [False, True])
    def test_gray_with_a_transparent_level(self, colorizer, deep):
        pixels = photos.deep_gray_scene() if deep else gray_scene().copy()
        pixels[10:20, 30:50] = 77
        pixels[(pixels == 77) & (np.indices(pixels.shape)[0] > 20)] = 78
        photo = photos.insert_chunks(encode_deep(pixels), photos.png_chunk(b"tRNS", b"\0\x4d"))
        result = photos.decode(colorizer.colorize(photo, format="png").data)
        expected = np.where(pixels == 77, 0, np.iinfo(pixels.dtype).max)
        assert (result[..., 3] == expected).all()

    def test_a_palette_with_transparent_colours(self, colorizer):
        image = Image.fromarray(color_scene()).quantize(8)
        photo = encode(image, "PNG", transparency=bytes([0, 128]))
        pixels = photos.decode(colorizer.colorize(photo, format="png").data)
        expected = np.asarray(photos.pillow(photo).convert("RGBA"))[..., 3]
        assert (pixels[..., 3] == expected).all()
        assert set(np.unique(expected)) >= {0, 128, 255}

    def test_16_bit_alpha(self, colorizer):
        deep = np.dstack([photos.deep_gray_scene()] * 4)
        pixels = photos.decode(colorizer.colorize(encode_deep(deep), format="png").data)
        assert pixels.dtype == np.uint16
        assert (pixels[..., 3] == deep[..., 3]).all()


class TestOrientation:
    @pytest.mark.parametrize("orientation", range(1, 9))
    @pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "deep TIFF", "sepia JPEG", "alpha PNG"])
    def test_it_is_applied_and_reset(self, colorizer, orientation, kind):
        upright = {"deep TIFF": photos.deep_gray_scene(), "sepia JPEG": sepia_scene()}.get(kind, gray_scene())
        photo = photos.turned(upright, orientation, kind)
        for format in FORMATS:
            result = colorizer.colorize(photo, format=format)
            assert (result.width, result.height) == (96, 64)
            pixels = photos.decode(result.data)
            assert pixels.shape[:2] == (64, 96)
            if kind != "alpha PNG" or format == "png":
                error = lightness_error(np.ascontiguousarray(pixels[..., :3]), upright)
                assert error.mean() < 2.5
            assert photos.pillow(result.data).getexif().get(0x0112, 1) == 1
            if kind == "alpha PNG" and format != "jpeg":
                assert (pixels[..., 3] == photos.ramp()).all()


class TestAlreadyColored:
    @pytest.mark.parametrize(
        "pixels",
        [
            gray_scene(),
            np.dstack([gray_scene()] * 3),
            sepia_scene(),
            photos.tinted_scene((0, 20, 60), (200, 225, 245)),  # cyanotype
            photos.tinted_scene((40, 20, 40), (240, 240, 220)),  # selenium and yellowed paper
            np.full((30, 30, 3), (200, 30, 30), np.uint8),
        ],
        ids=["gray", "neutral rgb", "sepia", "cyanotype", "selenium", "one colour"],
    )
    @pytest.mark.parametrize("format", ["JPEG", "PNG"])
    def test_a_tint_is_no_colour(self, colorizer, pixels, format):
        assert colorizer.colorize(encode(pixels, format)).already_colored is False

    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
    def test_a_coloured_photo_is_told(self, colorizer, format):
        result = colorizer.colorize(encode(color_scene(), format))
        assert result.already_colored is True
        assert chroma(photos.decode(result.data)).mean() > 4

    def test_an_array_too(self, colorizer):
        assert colorizer.colorize(color_scene()).already_colored is True
        assert colorizer.colorize(color_scene().astype(np.uint16) * 257).already_colored is True
        assert colorizer.colorize(sepia_scene()).already_colored is False


class TestReference:
    PHOTO = gray_scene(240, 160)

    def test_its_own_colours_come_back(self, colorizer):
        true = rgb_to_lab(color_scene(240, 160))[..., 1:]
        plain, referred = (
            rgb_to_lab(colorizer.colorize(self.PHOTO, reference=reference).array)[..., 1:]
            for reference in (None, color_scene(240, 160))
        )
        assert (
            np.linalg.norm(referred - true, axis=2).mean() < np.linalg.norm(plain - true, axis=2).mean() / 3
        )

    @pytest.mark.parametrize("orientation", [1, 6])
    def test_a_file_counts_upright(self, colorizer, orientation):
        file = photos.turned(color_scene(240, 160), orientation, "PNG")
        of_file, of_array = (
            colorizer.colorize(self.PHOTO, reference=reference).array
            for reference in (file, color_scene(240, 160))
        )
        assert np.abs(of_file.astype(int) - of_array).mean() < 3

    def test_one_that_is_made_once_does_the_same(self, colorizer):
        once = colorizer.reference(color_scene(240, 160))
        np.testing.assert_array_equal(
            colorizer.colorize(self.PHOTO, reference=once).array,
            colorizer.colorize(self.PHOTO, reference=color_scene(240, 160)).array,
        )

    def test_saturation_and_corrections_come_on_top(self, colorizer):
        gray = colorizer.colorize(self.PHOTO, reference=color_scene(240, 160), saturation=0).array
        assert chroma(gray).max() < 1
        keep = [{"x": 3, "y": 3, "keep": True}]
        np.testing.assert_array_equal(
            colorizer.colorize(self.PHOTO, reference=color_scene(240, 160), hints=keep).array,
            colorizer.colorize(self.PHOTO, reference=color_scene(240, 160)).array,
        )

    def test_a_wide_profile_is_heeded(self, colorizer):
        srgb = encode(color_scene(240, 160), "PNG")
        wide = encode(Image.fromarray(color_scene(240, 160)), "PNG", icc_profile=photos.wide_rgb_profile())
        sample = {name: open_photo(data).sample for name, data in {"srgb": srgb, "wide": wide}.items()}
        assert chroma(sample["wide"]).mean() > chroma(sample["srgb"]).mean() + 1

    @pytest.mark.parametrize(
        ("reference", "sentence"),
        [
            (gray_scene(), "reference must be a photo in colour"),
            (sepia_scene(), "reference must be a photo in colour"),
            (b"text", "reference cannot be used. "),
            ("missing.jpg", "reference cannot be used. The file cannot be read"),
        ],
        ids=["gray", "sepia", "text", "missing"],
    )
    def test_what_is_none_is_refused(self, colorizer, reference, sentence):
        with pytest.raises(BadReference, match=sentence):
            colorizer.colorize(gray_scene(), reference=reference)

    def test_limits_hold_for_it_too(self):
        colorizer = ImageColorizer(WarmCool(), limits=Limits(max_pixels=96 * 64))
        with pytest.raises(BadReference, match=r"reference cannot be used\. The photo has 97x64"):
            colorizer.colorize(gray_scene(), reference=color_scene(97, 64))

    def test_the_result_names_it(self, colorizer):
        photo = encode(gray_scene(), "PNG")
        records = {
            photos.pillow(colorizer.colorize(photo, format="png", reference=reference).data).info["xmp"]
            for reference in (None, color_scene(), color_scene(240, 160))
        }
        assert len(records) == 3

    def test_variants_have_it_too(self):
        colorizer = ImageColorizer()
        first, referred = (
            colorizer.variants(self.PHOTO, reference=reference)[0].data
            for reference in (None, color_scene(240, 160))
        )
        assert first != referred


class TestRefusals:
    @pytest.mark.parametrize(
        ("options", "sentence"),
        [
            ({"format": "gif"}, "format must be one of jpeg, png, webp, tiff, not 'gif'"),
            ({"quality": 0}, "quality must be a whole number from 1 to 100, not 0"),
            ({"quality": 101}, "quality must be .*, not 101"),
            ({"quality": 92.5}, r"quality must be .*, not 92\.5"),
            ({"quality": True}, "quality must be .*, not True"),
            ({"saturation": -0.1}, r"saturation must be a number from 0 to 2, not -0\.1"),
            ({"saturation": 2.1}, r"saturation must be .*, not 2\.1"),
            ({"saturation": float("nan")}, "saturation must be .*, not nan"),
            ({"saturation": "1"}, "saturation must be .*, not '1'"),
        ],
    )
    def test_options(self, colorizer, options, sentence):
        with pytest.raises(BadField, match=sentence):
            colorizer.colorize(gray_scene(), **options)

    def test_hints_that_make_no_sense(self, colorizer):
        with pytest.raises(BadHints):
            colorizer.colorize(gray_scene(), hints=[{"x": 1, "y": 1}])

    def test_an_unknown_strategy(self):
        with pytest.raises(UnknownStrategy, match="colornet"):
            ImageColorizer("picasso")

    @pytest.mark.parametrize(("format", "side"), [("jpeg", 65_501), ("webp", 16_384)], ids=["jpeg", "webp"])
    def test_a_side_that_the_format_cannot_hold(self, colorizer, format, side):
        photo = encode(np.zeros((side, 2), np.uint8), "PNG")
        with pytest.raises(SideTooLong, match=f"at most {side - 1:,} along a side"):
            colorizer.colorize(photo, format=format)
        result = colorizer.colorize(photo, format="png")
        assert result.height == side

    @pytest.mark.parametrize("format", ["jpeg", "webp"])
    def test_the_longest_sides_are_held(self, colorizer, format):
        side = {"jpeg": 65_500, "webp": 16_383}[format]
        result = colorizer.colorize(encode(np.zeros((2, side), np.uint8), "PNG"), format=format)
        assert photos.pillow(result.data).size == (side, 2)

    def test_limits_are_kept(self):
        photo = encode(gray_scene(), "PNG")
        with pytest.raises(TooManyBytes):
            ImageColorizer(WarmCool(), limits=Limits(max_bytes=len(photo) - 1)).colorize(photo)
        with pytest.raises(TooManyPixels):
            ImageColorizer(WarmCool(), limits=Limits(max_pixels=96 * 64 - 1)).colorize(gray_scene())


class TestSuggest:
    def test_colours_have_the_photos_lightness(self, colorizer):
        pixels = gray_scene()
        for photo in (pixels, encode(pixels, "PNG"), encode(pixels, "JPEG", quality=100)):
            found = colorizer.suggest(photo, 30, 60)
            assert [share for _, share in found] == [0.6, 0.3, 0.1]
            for color, _ in found:
                rgb = np.frombuffer(bytes.fromhex(color[1:]), np.uint8).reshape(1, 1, 3)
                assert lightness_of(rgb)[0, 0] == pytest.approx(lightness_of(pixels)[60, 30], abs=1)
            assert found[2][0][1:3] == found[2][0][3:5] == found[2][0][5:7]

    def test_near_black_and_white_what_looks_alike_is_offered_once(self, colorizer):
        for level in (0, 255):
            assert len(colorizer.suggest(np.full((64, 96, 3), level, np.uint8), 1, 1)) == 1

    def test_the_spot_is_in_the_upright_photo(self, colorizer):
        photo = encode(gray_scene(), "JPEG", exif=b"Exif\0\0" + photos.exif_block(6))
        assert colorizer.suggest(photo, 63, 95)
        for spot in ((64, 0), (0, 96), (-1, 0)):
            with pytest.raises(BadField, match="outside the photo of 64x96"):
                colorizer.suggest(photo, *spot)

    def test_a_strategy_without_a_distribution(self):
        with pytest.raises(SuggestionsUnsupported, match="bare suggests no colours"):
            ImageColorizer(Bare()).suggest(gray_scene(), 1, 1)


def test_no_name_means_colornet():
    assert DEFAULT_STRATEGY == "colornet"
    assert ImageColorizer().strategy.name == "colornet"


def test_loading_is_the_strategys():
    colorizer = ImageColorizer(Bare())
    assert not colorizer.strategy._loaded
    colorizer.load()
    assert colorizer.strategy._loaded


@pytest.mark.parametrize("name", strategy_names())
def test_every_strategy_keeps_lightness_over_png(name, generated_models):
    colorizer = ImageColorizer(name, models_dir=generated_models)
    for pixels in (
        color_scene(),
        gray_scene(),
        np.random.default_rng(5).integers(0, 256, (40, 50, 3), np.uint8),
    ):
        result = colorizer.colorize(encode(pixels, "PNG"), format="png", saturation=2)
        assert result.strategy == name
        error = lightness_error(photos.decode(result.data), pixels)
        assert error.max() <= 1
        assert error.mean() <= 0.3


@pytest.mark.parametrize("name", ["colornet", "richzhang"])
def test_32_threads_do_not_see_each_others_photos(name, generated_models):
    """For ONNX Runtime, whose sessions are shared, and OpenCV, whose nets must be used one at a time."""
    colorizer = ImageColorizer(name, models_dir=generated_models)
    shifted = [np.roll(gray_scene(), 3 * number, axis=number % 2) for number in range(32)]
    given = [encode(pixels, "JPEG" if number % 3 else "PNG") for number, pixels in enumerate(shifted)]
    alone = [colorizer.colorize(photo).data for photo in given]
    assert len(set(alone)) == 32
    with ThreadPoolExecutor(32) as pool:
        together = list(pool.map(lambda photo: colorizer.colorize(photo).data, given))
    assert together == alone
