"""Every kind of file that scanners, phones and archives bring, made here and read by what the file says.

Lightness is compared with a decoder of another maker where one reads the kind, else with what was written.
"""

import io
import subprocess

import numpy as np
import photos
import pytest
import tifffile
from PIL import Image, ImageCms

from colorizer.color.lab import gray_lightness, lightness_of, rgb_to_lab
from colorizer.errors import UnsupportedPhoto
from colorizer.options import FORMATS
from colorizer.photo.image_io import read_photo
from image_colorizer import ImageColorizer

DEEP = photos.deep_gray_scene(120, 80)
GRAY = photos.gray_scene(120, 80)
COLORS = photos.color_scene(120, 80)
DEEP_COLORS = COLORS.astype(np.uint16) * 257
INFRARED = np.full((80, 120), 9000, np.uint16)


def tiff(pixels, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, pixels, **options)
    return file.getvalue()


def close(photo, expected, mean=0.3, most=1.0):
    """Whether lightness is that of expected sRGB pixels; says by how much not."""
    return close_lightness(photo, lightness_of(expected), mean, most)


def close_lightness(photo, expected, mean, most):
    """Whether lightness is the expected one, float (h, w); says by how much not."""
    error = np.abs(lightness_of(photo.pixels) - expected)
    assert error.mean() <= mean
    assert error.max() <= most
    return True


def djpeg(data):
    """Read a jpg by libjpeg-turbo's own program."""
    found = subprocess.run(["djpeg", "-pnm"], input=data, capture_output=True, check=True).stdout
    return np.asarray(Image.open(io.BytesIO(found)))


def with_sampling(*factors):
    """A jpg whose components are sampled so, by libjpeg's own program: as "4x1", "1x1", "1x1"."""
    file = io.BytesIO()
    Image.fromarray(photos.color_scene(203, 131)).save(file, "PPM")
    command = ["cjpeg", "-quality", "90", "-sample", ",".join(factors)]
    return subprocess.run(command, input=file.getvalue(), capture_output=True, check=True).stdout


class TestJpeg:
    @pytest.mark.parametrize(
        "factors",
        [
            *(("4x2", "1x1", "1x1"), ("4x1", "1x1", "1x1"), ("1x4", "1x1", "1x1"), ("2x4", "1x1", "1x1")),
            *(("3x1", "1x1", "1x1"), ("2x2", "2x1", "1x2"), ("1x2", "1x1", "1x1"), ("2x2", "1x1", "1x1")),
        ],
    )
    @pytest.mark.parametrize("for_jpeg", [False, True])
    def test_every_sampling(self, factors, for_jpeg):
        data = with_sampling(*factors)
        assert close(read_photo(data, for_jpeg=for_jpeg), djpeg(data), 0.5 if not for_jpeg else 1.0, 12)


class TestTiff:
    @pytest.mark.parametrize(
        "options",
        [
            {},
            {"compression": "lzw"},
            {"compression": "zlib", "predictor": True},
            {"compression": "packbits"},
            {"tile": (32, 48)},
            {"bigtiff": True},
            {"byteorder": ">"},
            {"rowsperstrip": 7},
        ],
        ids=str,
    )
    @pytest.mark.parametrize("pixels", [GRAY, DEEP, COLORS, DEEP_COLORS], ids=["8", "16", "rgb8", "rgb16"])
    def test_every_packing(self, pixels, options):
        photometric = "rgb" if pixels.ndim == 3 else "minisblack"
        photo = read_photo(tiff(pixels, photometric=photometric, **options))
        assert (photo.pixels == pixels).all()

    def test_planes_one_after_the_other(self):
        planes = np.moveaxis(DEEP_COLORS, -1, 0)
        photo = read_photo(tiff(planes, photometric="rgb", planarconfig="separate"))
        assert (photo.pixels == DEEP_COLORS).all()

    @pytest.mark.parametrize("bits", [1, 2, 4, 6, 10, 12, 14])
    def test_any_number_of_bits(self, bits):
        wide = np.uint8 if bits <= 8 else np.uint16
        levels = (DEEP >> (16 - bits)).astype(wide)
        packed = np.packbits(
            np.unpackbits(levels.astype(">u2").view(np.uint8).reshape(80, -1, 2), axis=2)[..., 16 - bits :]
            .reshape(80, -1)
            .astype(np.uint8),
            axis=1,
        )
        data = tiff_of_bits(packed.tobytes(), bits)
        photo = read_photo(data)
        expected = np.rint(levels * (np.iinfo(wide).max / (2**bits - 1))).astype(wide)
        assert close(photo, expected)

    def test_white_is_zero(self):
        assert (read_photo(tiff(~GRAY, photometric="miniswhite")).pixels == GRAY).all()

    def test_signed_samples(self):
        photo = read_photo(tiff((DEEP.astype(np.int32) - 32768).astype(np.int16), photometric="minisblack"))
        assert (photo.pixels == DEEP).all()

    @pytest.mark.parametrize("extra", [["unspecified"], ["unspecified", "unspecified"]])
    def test_what_is_no_alpha_is_no_transparency(self, extra):
        samples = np.dstack([DEEP_COLORS, *[INFRARED] * len(extra)])
        photo = read_photo(tiff(samples, photometric="rgb", extrasamples=extra))
        assert photo.alpha is None
        assert (photo.pixels == DEEP_COLORS).all()

    def test_gray_with_saved_selections(self):
        samples = np.dstack([GRAY, GRAY // 2, 255 - GRAY])
        data = tiff(samples, photometric="minisblack", planarconfig="contig", extrasamples=[0, 0])
        assert (read_photo(data).pixels == GRAY).all()

    def test_alpha_behind_a_selection(self):
        samples = np.dstack([DEEP_COLORS, INFRARED, INFRARED * 2])
        photo = read_photo(tiff(samples, photometric="rgb", extrasamples=["unspecified", "unassalpha"]))
        assert (photo.alpha == INFRARED * 2).all()

    def test_colours_multiplied_with_alpha_are_divided(self):
        alpha = np.linspace(20_000, 65_535, 120, dtype=np.uint16)[np.newaxis].repeat(80, 0)
        multiplied = np.rint(DEEP_COLORS * (alpha / 65_535)[..., np.newaxis]).astype(np.uint16)
        photo = read_photo(
            tiff(np.dstack([multiplied, alpha]), photometric="rgb", extrasamples=["assocalpha"])
        )
        assert (photo.alpha == alpha).all()
        assert close(photo, DEEP_COLORS)

    @pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
    def test_cie_lab(self, dtype):
        most = np.iinfo(dtype).max
        gray = (DEEP >> 8).astype(np.uint8) if dtype == np.uint8 else DEEP
        lightness = np.rint(gray_lightness(dtype)[gray] / 100 * most).astype(dtype)
        lab = np.dstack([lightness, np.zeros_like(lightness), np.zeros_like(lightness)])
        assert close(read_photo(tiff(lab, photometric="cielab")), gray)

    @pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
    @pytest.mark.parametrize("with_mask", [False, True])
    def test_cie_lab_in_colour(self, dtype, with_mask):
        scale = np.array((655.35, 256, 256) if dtype == np.uint16 else (2.55, 1, 1))
        lab = np.rint(rgb_to_lab(COLORS) * scale).astype(np.int32).astype(dtype)
        lab = np.dstack([lab, lab[..., 0]]) if with_mask else lab
        extra = {"extrasamples": ["unspecified"]} if with_mask else {}
        profile = icc_tag(photos.wide_rgb_profile())  # says nothing of Lab
        photo = read_photo(tiff(lab, photometric="cielab", extratags=[profile], **extra))
        assert close(photo, COLORS)
        assert np.abs(rgb_to_lab(photo.pixels) - rgb_to_lab(COLORS))[..., 1:].mean() < 0.5
        assert photo.pixels.dtype == dtype
        assert photo.already_colored
        assert photo.profile is None

    def test_cie_lab_as_pillow_writes_it(self):
        lab = photos.to_lab(Image.fromarray(COLORS))
        data = photos.encode(lab, "TIFF")
        assert close(read_photo(data), COLORS, 0.5, 2)  # 8 bits, and white is D50's there
        assert read_photo(data, for_jpeg=True).already_colored

    def test_a_palette(self):
        image = Image.fromarray(COLORS).quantize(64)
        photo = read_photo(photos.encode(image, "TIFF"))
        assert close(photo, np.asarray(image.convert("RGB")))

    def test_cmyk(self):
        image = Image.fromarray(COLORS).convert("CMYK")
        assert close(read_photo(photos.encode(image, "TIFF")), np.asarray(image.convert("RGB")))

    def test_pages_of_cmyk_are_counted(self):
        image = Image.fromarray(COLORS).convert("CMYK")
        data = photos.encode(image, "TIFF", save_all=True, append_images=[image])
        assert read_photo(data).frames == 2

    @pytest.mark.parametrize("quality", [90])
    def test_jpeg_inside(self, quality):
        data = photos.encode(COLORS, "TIFF", compression="jpeg", quality=quality)
        assert close(read_photo(data), COLORS, 1.5, 30)

    @pytest.mark.parametrize("dtype", [np.float32, np.float16, np.uint32, np.float64])
    def test_other_samples_are_named_not_called_damage(self, dtype):
        with pytest.raises(UnsupportedPhoto, match=r"-bit .* samples"):
            read_photo(tiff(GRAY.astype(dtype), photometric="minisblack"))

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_it_is_turned_upright(self, orientation):
        data = tiff(COLORS, photometric="rgb", extratags=[(274, "H", 1, orientation, True)])
        expected = Image.open(io.BytesIO(data))
        exif = expected.getexif()
        assert exif[274] == orientation
        photo = read_photo(data)
        assert (photo.width, photo.height) == ((80, 120) if orientation >= 5 else (120, 80))
        reference = read_photo(with_orientation(orientation))
        assert (photo.pixels == reference.pixels).all()

    def test_the_first_page_and_how_many_there_are(self):
        file = io.BytesIO()
        with tifffile.TiffWriter(file) as writer:
            writer.write(COLORS[::4, ::4], photometric="rgb", subfiletype=1)  # a small copy
            for page in (COLORS, COLORS[::-1], COLORS):
                writer.write(page, photometric="rgb")
        photo = read_photo(file.getvalue())
        assert photo.frames == 3
        assert (photo.pixels == COLORS).all()

    def test_a_caption_in_any_encoding_is_kept_byte_for_byte(self):
        caption = "Großmutter in Öhringen ".encode() + b"\xc3"
        data = tiff(GRAY, photometric="minisblack", description=caption, metadata=None)
        for format in FORMATS:
            result = ImageColorizer(photos.WarmCool()).colorize(data, format=format)
            assert caption.rstrip() in result.data


def tiff_of_bits(packed, bits):
    """A gray TIFF of 120x80 whose rows are packed to whole bytes, with as few tags as can be."""
    tags = [(256, 120), (257, 80), (258, bits), (259, 1), (262, 1), (273, 8), (277, 1), (278, 80)]
    tags.append((279, len(packed)))
    entries = b"".join(
        tag.to_bytes(2, "little") + b"\4\0\1\0\0\0" + value.to_bytes(4, "little") for tag, value in tags
    )
    start = 8 + len(packed) + len(packed) % 2
    body = packed + b"\0" * (len(packed) % 2)
    return (
        b"II*\0" + start.to_bytes(4, "little") + body + len(tags).to_bytes(2, "little") + entries + bytes(4)
    )


def with_orientation(orientation):
    exif = Image.Exif()
    exif[274] = orientation
    return photos.encode(COLORS, "PNG", exif=exif)


class TestPng:
    @pytest.mark.parametrize("picture", [GRAY, COLORS])
    def test_without_its_end(self, picture):
        data = photos.encode(picture, "PNG")
        assert (read_photo(data[:-12]).pixels == picture).all()

    @pytest.mark.parametrize(
        "code", [(9, 16, 0, 1), (9, 18, 0, 1), (12, 13, 0, 1), (1, 1, 0, 1), (1, 13, 0, 0)]
    )
    def test_colours_coded_for_video_are_refused_by_name(self, code):
        data = photos.insert_chunks(photos.encode(COLORS, "PNG"), photos.png_chunk(b"cICP", bytes(code)))
        with pytest.raises(UnsupportedPhoto, match="cICP"):
            read_photo(data)

    def test_colours_coded_as_srgb_are_read(self):
        data = photos.insert_chunks(
            photos.encode(COLORS, "PNG"), photos.png_chunk(b"cICP", bytes((1, 13, 0, 1)))
        )
        assert (read_photo(data).pixels == COLORS).all()

    @pytest.mark.parametrize("gamma", [1.0, 1 / 1.8, 1 / 2.2])
    @pytest.mark.parametrize("for_jpeg", [False, True])
    def test_gamma_is_heeded(self, gamma, for_jpeg):
        ramp = np.arange(256, dtype=np.uint8)[np.newaxis].repeat(8, 0)
        chunk = photos.png_chunk(b"gAMA", round(gamma * 100_000).to_bytes(4, "big"))
        photo = read_photo(photos.insert_chunks(photos.encode(ramp, "PNG"), chunk), for_jpeg=for_jpeg)
        light = (ramp / 255) ** (1 / gamma)
        expected = ramp if gamma < 0.46 else np.rint(255 * srgb(light)).astype(np.uint8)
        assert close(photo, expected)


def srgb(light):
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


class TestTransparency:
    @pytest.mark.parametrize(
        ("format", "deep"), [("PNG", False), ("WEBP", False), ("TIFF", False), ("TIFF", True)]
    )
    def test_hidden_pixels_are_not_seen_and_stay(self, format, deep):
        results = []
        for seed in (0, 1):
            hidden = np.random.default_rng(seed).integers(0, 255, (60, 120, 3), np.uint8)
            rgba = np.dstack(
                [np.vstack([hidden, COLORS[:20]]), np.repeat([0, 255], [60, 20])[:, None].repeat(120, 1)]
            )
            rgba = rgba.astype(np.uint8)
            if format == "TIFF":
                rgba = rgba.astype(np.uint16) * 257 if deep else rgba
                data = tiff(rgba, photometric="rgb", extrasamples=["unassalpha"])
            else:
                options = {"lossless": True, "exact": True} if format == "WEBP" else {}
                data = photos.encode(rgba, format, **options)
            result = photos.decode(ImageColorizer(photos.WarmCool()).colorize(data, format="png").data)
            assert (result[:60, :, :3] == rgba[:60, :, :3]).all()
            results.append(result[60:])
        assert (results[0] == results[1]).all()

    def test_hidden_colours_do_not_make_a_colour_photo(self):
        gray = np.dstack([GRAY] * 3)
        gray[:40] = (255, 0, 0)
        alpha = np.repeat([0, 255], 40)[:, np.newaxis].repeat(120, 1).astype(np.uint8)
        data = photos.encode(np.dstack([gray, alpha]), "PNG")
        assert not read_photo(data).already_colored
        assert not read_photo(data, for_jpeg=True).already_colored


class TestProfiles:
    @pytest.mark.parametrize("gamma", [1.0, 1.8])
    @pytest.mark.parametrize("format", ["JPEG", "PNG", "TIFF"])
    def test_a_gray_profile_on_an_rgb_file_is_left_out(self, format, gamma):
        neutral = np.dstack([GRAY] * 3)
        data = photos.encode(neutral, format, icc_profile=photos.gray_profile(gamma))
        for for_jpeg in (False, True):
            plain = read_photo(photos.encode(neutral, format), for_jpeg=for_jpeg)
            assert close(read_photo(data, for_jpeg=for_jpeg), plain.pixels)

    def test_linear_gray_of_16_bits_in_the_shadows(self):
        expected = np.linspace(0, 65_535, 120).astype(np.uint16)[np.newaxis].repeat(8, 0)
        linear = np.rint(photos.light_of(expected / 65_535) * 65_535).astype(np.uint16)
        data = tiff(linear, photometric="minisblack", extratags=[icc_tag(photos.gray_profile(1.0))])
        assert close(read_photo(data), expected, 0.2, 1)

    def test_linear_rgb_of_16_bits_there_and_back(self):
        expected = np.linspace(0, 65_535, 120).astype(np.uint16)[np.newaxis].repeat(8, 0)
        linear = np.rint(photos.light_of(expected / 65_535) * 65_535).astype(np.uint16)
        profile = photos.rgb_profile(1.0)
        data = tiff(np.dstack([linear] * 3), photometric="rgb", extratags=[icc_tag(profile)])
        assert close(read_photo(data), expected, 0.2, 1)
        result = ImageColorizer(photos.WarmCool()).colorize(data, format="png")
        again = read_photo(result.data)
        assert again.profile
        assert close(again, expected, 0.2, 1)

    @pytest.mark.parametrize("gamma", [1.0, 2.2])
    def test_tables_of_16_bits_there_and_back(self, gamma):
        levels = np.random.default_rng(5).random((60, 120, 3)) ** (2 / gamma)
        expected = photos.lab_through_table(levels, gamma)[..., 0]
        profile = photos.table_profile(gamma)
        deep = np.rint(levels * 65_535).astype(np.uint16)
        data = tiff(deep, photometric="rgb", extratags=[icc_tag(profile)])
        assert close_lightness(read_photo(data), expected, 0.2, 1)
        again = read_photo(ImageColorizer(photos.WarmCool()).colorize(data, format="png").data)
        assert again.profile.data == profile
        assert close_lightness(again, expected, 0.2, 2)  # the steps of its own table

    def test_a_table_of_endless_steps_is_passed_over(self):
        """LittleCMS would walk 60,000 steps for every colour, and take minutes to prepare them."""
        one, other = (
            read_photo(photos.encode(COLORS, "PNG", icc_profile=profile))
            for profile in (photos.endless_profile(), photos.opponent_profile())
        )
        assert (one.pixels == other.pixels).all()

    def test_a_profile_that_leads_one_way_only_is_read_and_replaced(self):
        profile = photos.opponent_profile()
        data = photos.encode(COLORS, "PNG", icc_profile=profile)
        lab = ImageCms.createProfile("LAB")
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, lab, "RGB", "LAB", ImageCms.Intent.RELATIVE_COLORIMETRIC)
        expected = np.asarray(ImageCms.applyTransform(Image.fromarray(COLORS), transform))[..., 0] / 2.55
        assert np.abs(lightness_of(read_photo(data).pixels) - expected).mean() < 0.5
        assert read_photo(data).profile is None


def icc_tag(profile):
    return (34675, 7, len(profile), profile, True)


@pytest.mark.parametrize("pattern", ["checker", "dither"])
def test_luma_of_bilevel_scans_is_kept_over_jpeg(pattern):
    y, x = np.mgrid[0:240, 0:320]
    checker = np.where((x + y) % 2, 255, 0).astype(np.uint8)
    dither = np.asarray(Image.fromarray(photos.gray_scene(320, 240)).convert("1").convert("L"))
    gray = {"checker": checker, "dither": dither}[pattern]
    colored = ImageColorizer(photos.WarmCool()).colorize(photos.encode(gray, "PNG"), format="jpeg").data
    plain = photos.encode(gray, "JPEG", quality=92)
    error = np.abs(djpeg(colored).astype(float) @ [0.299, 0.587, 0.114] - djpeg(plain))
    assert error.mean() <= 2.5
