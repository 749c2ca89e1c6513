"""Between files and pixels: what is refused, and what is kept of a file beside its pixels."""

import re
import struct

import cv2
import numpy as np
import photos
import pytest
import simplejpeg
from photos import (
    WarmCool,
    color_scene,
    encode,
    gray_scene,
    insert_chunks,
    insert_segments,
    jpeg_segment,
    png_chunk,
)
from PIL import Image

from colorizer.color.lab import lightness_of
from colorizer.errors import DamagedPhoto, NotAPhoto, TooManyBytes, TooManyPixels, UnsupportedPhoto
from colorizer.options import FORMATS
from colorizer.photo.formats import MAX_SIDE
from colorizer.photo.image_io import photo_of_array, read_photo, write_jpeg_planes
from colorizer.photo.limits import Limits
from colorizer.photo.metadata import Metadata
from colorizer.photo.pixels import to_8_bit
from colorizer.photo.record import OURS
from colorizer.photo.xmp import SOURCE_TYPE
from image_colorizer import ImageColorizer

WEB = Limits(max_bytes=1_000_000, max_pixels=10_000, kinds=("jpeg", "png"))
NOTE = "Colors simulated by Image Colorizer, strategy warm-cool."
DESCRIPTION, SOFTWARE, HISTORY, ORIENTATION = 0x010E, 0x0131, 0x9213, 0x0112
PROCESSING_SOFTWARE = 0x000B
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description tiff:Orientation="6"'
    b' dc:title="Grandma"/></rdf:RDF></x:xmpmeta>'
)
UPRIGHT_XMP = XMP.replace(b'"6"', b'"1"')


def own_xmp(image):
    """Return the XMP of a result without the record of how it was made."""
    return OURS.sub(b"", image.info["xmp"])


def is_kept(xmp):
    """Whether a packet is the one above, upright, with nothing but the digital source type added."""
    start, _, end = UPRIGHT_XMP.partition(b"</rdf:RDF>")
    xmp = OURS.sub(b"", xmp)
    added = xmp.removeprefix(start).removesuffix(b"</rdf:RDF>" + end)
    return (
        len(added) < len(xmp) - len(start) and added.count(b"<rdf:Description") == 1 and SOURCE_TYPE in added
    )


def colorize(photo, format):
    return ImageColorizer(WarmCool()).colorize(photo, format=format).data


class TestRefusals:
    @pytest.mark.parametrize(
        ("data", "error", "sentence"),
        [
            (b"", NotAPhoto, "The file is empty. Send a jpg or png."),
            (b"Dear grandma", NotAPhoto, "This is no picture of a kind that we know. Send a jpg or png."),
            (
                b"GIF89a" + bytes(100),
                UnsupportedPhoto,
                "This is a GIF, which is not read here. Send a jpg or png.",
            ),
            (b"RIFF\0\0\0\0WAVE", NotAPhoto, "no picture of a kind that we know"),
            (b"<svg/>", UnsupportedPhoto, "an SVG drawing"),
            (
                encode(gray_scene(), "WEBP"),
                UnsupportedPhoto,
                "a WebP photo, which is not read here. Send a jpg",
            ),
            (encode(gray_scene(), "TIFF"), UnsupportedPhoto, "This is a TIFF photo"),
            (b"\xff\xd8\xff", DamagedPhoto, "jpg is cut off"),
            (b"\x89PNG\r\n\x1a\n", DamagedPhoto, "png is cut off"),
            (encode(gray_scene(101, 100), "PNG"), TooManyPixels, "101x100 pixels.*at most 0.01 megapixels"),
            (encode(gray_scene(101, 100), "JPEG"), TooManyPixels, "101x100 pixels"),
            (bytes(1_000_001), TooManyBytes, "1,000,001 bytes; at most 1,000,000"),
        ],
    )
    def test_one_clear_sentence(self, data, error, sentence):
        with pytest.raises(error, match=sentence):
            read_photo(data, WEB)

    def test_the_limits_themselves_are_allowed(self):
        data = encode(gray_scene(100, 100), "PNG")
        assert read_photo(data, Limits(max_bytes=len(data), max_pixels=10_000)).width == 100

    @pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
    @pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
    def test_truncated(self, format, share):
        data = encode(color_scene(), format)
        with pytest.raises(DamagedPhoto):
            read_photo(data[: int(len(data) * share)])

    @pytest.mark.parametrize("for_jpeg", [False, True])
    @pytest.mark.parametrize("options", [{}, {"progressive": True}])
    @pytest.mark.parametrize("missing", [30, 200])
    def test_a_jpg_whose_last_scan_is_cut_off(self, options, missing, for_jpeg):
        data = encode(gray_scene(), "JPEG", **options)
        with pytest.raises(DamagedPhoto, match="cut off"):
            read_photo(data[:-missing], for_jpeg=for_jpeg)

    @pytest.mark.parametrize("end", [b"", b"\xff", b"SEFH" + bytes(range(200)), b"\0" * 300])
    @pytest.mark.parametrize("options", [{}, {"progressive": True}])
    @pytest.mark.parametrize("kind", [gray_scene, color_scene])
    def test_a_jpg_that_is_whole_but_for_its_end(self, kind, options, end):
        data = encode(kind(), "JPEG", **options)
        whole, without = (read_photo(file) for file in (data, data[:-2] + end))
        assert (without.pixels == whole.pixels).all()

    def test_a_progressive_jpg_that_ends_between_its_scans(self):
        data = encode(color_scene(), "JPEG", progressive=True)
        scans = [at for at in range(len(data)) if data[at : at + 2] == b"\xff\xda"]
        with pytest.raises(DamagedPhoto):
            read_photo(data[: scans[1]])

    def test_a_jpg_whose_scan_ends_early(self):
        data = encode(gray_scene(), "JPEG")
        with pytest.raises(DamagedPhoto):
            read_photo(data[: len(data) // 2] + b"\xff\xd9")

    def test_a_png_with_a_wrong_checksum(self):
        data = bytearray(encode(gray_scene(), "PNG"))
        data[data.index(b"IDAT") + 30] ^= 1
        with pytest.raises(DamagedPhoto, match="checksum"):
            read_photo(bytes(data))

    @pytest.mark.parametrize("size", [(0, 5), (5, 0)])
    def test_no_pixels_at_all(self, size):
        header = struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0)
        data = b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IEND", b"")
        with pytest.raises(DamagedPhoto, match=f"{size[0]} pixels wide and {size[1]} high"):
            read_photo(data)

    def test_more_bits_than_we_read(self):
        with pytest.raises(UnsupportedPhoto, match="32-bit floating-point samples"):
            read_photo(encode(Image.fromarray(gray_scene().astype(np.float32)), "TIFF"))
        data = bytearray(encode(gray_scene(), "JPEG"))
        data[data.index(b"\xff\xc0") + 4] = 12
        with pytest.raises(UnsupportedPhoto, match="12 bits per sample"):
            read_photo(bytes(data))

    def test_a_side_longer_than_any_photo(self):
        with pytest.raises(TooManyPixels, match="65,535 pixels a side"):
            read_photo(encode(np.zeros((1, MAX_SIDE + 1), np.uint8), "PNG"))

    @pytest.mark.parametrize(
        ("array", "sentence"),
        [
            (np.zeros((4, 4), np.int32), "of int32; uint8, uint16, or float32"),
            (np.zeros((4, 4), bool), "of bool"),
            (np.zeros((4, 4, 2), np.uint8), r"shape \(4, 4, 2\)"),
            (np.zeros(4, np.uint8), r"shape \(4,\)"),
            (np.zeros((0, 4), np.uint8), r"shape \(0, 4\)"),
        ],
    )
    def test_arrays(self, array, sentence):
        with pytest.raises(NotAPhoto, match=sentence):
            photo_of_array(array)

    def test_arrays_have_limits_too(self):
        with pytest.raises(TooManyPixels):
            photo_of_array(gray_scene(101, 100), WEB)


class TestTolerance:
    """Files that other programs open, if with a grumble, are photos."""

    def test_rubbish_behind_the_end(self):
        for format in ("JPEG", "PNG"):
            assert read_photo(encode(gray_scene(), format) + b"rubbish" * 100).width == 96

    def test_rubbish_before_the_end_of_a_jpg(self):
        data = encode(gray_scene(), "JPEG")
        assert read_photo(data[:-2] + b"rubbish" + data[-2:]).width == 96

    def test_fill_bytes_between_segments(self):
        data = encode(gray_scene(), "JPEG")
        assert read_photo(data[:2] + b"\xff" * 50 + data[2:]).width == 96

    def test_a_second_picture_behind_the_first(self):
        """As cameras append a preview (CIPA DC-007)."""
        data = encode(gray_scene(), "JPEG") + encode(gray_scene(50, 50), "JPEG")
        assert read_photo(data).width == 96

    def test_a_damaged_text_is_left_out(self):
        text = bytearray(png_chunk(b"tEXt", b"Title\0Grandma"))
        text[-1] ^= 1
        data = insert_chunks(encode(gray_scene(), "PNG"), bytes(text))
        assert read_photo(data).metadata.own == ()

    def test_a_damaged_profile_is_left_out(self):
        for icc in (b"no profile at all", photos.wide_rgb_profile()[:200], photos.gray_profile()):
            photo = read_photo(encode(color_scene(), "PNG", icc_profile=icc))
            assert photo.metadata.icc is None
            assert (photo.pixels == color_scene()).all()


class TestPixels:
    def test_gray_stays_gray(self):
        for format in ("PNG", "TIFF"):
            assert (read_photo(encode(gray_scene(), format)).pixels == gray_scene()).all()

    def test_neutral_rgb_becomes_gray(self):
        photo = read_photo(encode(np.dstack([gray_scene()] * 3), "PNG"))
        assert (photo.pixels == gray_scene()).all()
        assert photo.is_plain_gray

    def test_rgb_stays_rgb(self):
        photo = read_photo(encode(color_scene(), "PNG"))
        assert (photo.pixels == color_scene()).all()
        assert not photo.is_plain_gray

    def test_16_bits_are_all_read(self):
        deep = photos.deep_gray_scene()
        for data in (photos.encode_deep(deep), encode(Image.fromarray(deep), "TIFF")):
            assert (read_photo(data).pixels == deep).all()
        rgb = np.dstack([deep, deep // 2, deep // 3])
        for data in (photos.encode_deep(rgb), photos.encode_deep(rgb, "tiff"), photos.deep_tiff(rgb)):
            assert (read_photo(data).pixels == rgb).all()

    def test_16_bit_tiff_in_which_0_is_white(self):
        deep = photos.deep_gray_scene()
        data = encode(Image.fromarray(deep), "TIFF", tiffinfo={262: 0})
        assert Image.open(photos.io.BytesIO(data)).tag_v2[262] == 0
        assert (read_photo(data).pixels == 65535 - deep).all()

    def test_the_luma_plane_is_corrected_for_colours(self):
        data = encode(color_scene(200, 160), "JPEG", quality=95, subsampling=0)
        exact = ImageColorizer(WarmCool()).colorize(simplejpeg.decode_jpeg(data), saturation=0).array[..., 0]
        luma = read_photo(data, for_jpeg=True).pixels
        uncorrected = simplejpeg.decode_jpeg(data, "GRAY")[..., 0]
        assert np.abs(exact.astype(int) - luma).mean() < 1.5
        assert np.abs(exact.astype(int) - luma).mean() < np.abs(exact.astype(int) - uncorrected).mean() / 4

    @pytest.mark.parametrize("subsampling", ["444", "422", "420", "440", "411"])
    @pytest.mark.parametrize("size", [(200, 160), (201, 161), (33, 7), (1, 1)])
    def test_whatever_the_subsampling(self, subsampling, size):
        data = simplejpeg.encode_jpeg(photos.sepia_scene(*size), 95, "RGB", subsampling)
        gray = read_photo(data, for_jpeg=True).pixels
        exact = lightness_of(simplejpeg.decode_jpeg(data))
        assert gray.shape == exact.shape
        assert np.abs(lightness_of(gray) - exact).mean() < 0.4

    def test_the_luma_plane_of_a_gray_photo_is_its_pixels(self):
        data = encode(gray_scene(), "JPEG")
        assert (read_photo(data, for_jpeg=True).pixels == read_photo(data).pixels).all()

    def test_the_sample_is_small(self):
        assert read_photo(encode(color_scene(960, 640), "JPEG")).sample.shape == (85, 128, 3)
        assert read_photo(encode(gray_scene(), "JPEG")).sample is None


class TestExif:
    @pytest.mark.parametrize("format", FORMATS)
    @pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP"])
    def test_it_is_kept(self, source, format):
        exif = photos.exif_block(6, tag_010E="Grandma, 1932", tag_0131="Scan-O-Matic")
        image = photos.pillow(colorize(encode(gray_scene(), source, exif=b"Exif\0\0" + exif), format))
        found = image.getexif()
        camera = found.get_ifd(0x8769)
        assert found[0x010F] == "Leica"
        assert found[DESCRIPTION] == "Grandma, 1932"
        assert found[SOFTWARE] == "Scan-O-Matic"
        assert found[HISTORY] == NOTE
        assert found[ORIENTATION] == 1
        assert camera[0x9003] == "1932:05:01 12:00:00"
        assert (camera[0xA002], camera[0xA003]) == image.size == (64, 96)

    def test_from_a_tiff(self):
        tags = {
            DESCRIPTION: "Grandma",
            315: "Uncle",
            ORIENTATION: 6,
            700: XMP,
            33723: b"\x1c\x02\x78\0\x02Hi",
        }
        data = encode(gray_scene(), "TIFF", tiffinfo=tags, dpi=(300, 300))
        image = photos.pillow(colorize(data, "jpeg"))
        found = image.getexif()
        assert (found[DESCRIPTION], found[315], found.get(ORIENTATION)) == ("Grandma", "Uncle", 1)
        assert image.info["dpi"] == (300, 300)
        assert is_kept(image.info["xmp"])
        assert image.size == (64, 96)
        assert b"8BIM\x04\x04\0\0\0\0\0\x07\x1c\x02\x78\0\x02Hi" in colorize(data, "jpeg")

    @pytest.mark.parametrize("format", FORMATS)
    def test_our_note_hides_no_caption(self, format):
        exif = photos.pillow(colorize(encode(gray_scene(), "JPEG"), format)).getexif()
        assert DESCRIPTION not in exif
        assert exif[PROCESSING_SOFTWARE] == NOTE

    @pytest.mark.parametrize("kind", [1, 3, 4, 6, 8, 9])
    @pytest.mark.parametrize("order", ["<", ">"])
    def test_an_orientation_of_any_whole_number(self, order, kind):
        packed = struct.pack(order + {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i"}[kind], 6).ljust(
            4, b"\0"
        )
        entry = struct.pack(order + "HHI", ORIENTATION, kind, 1) + packed
        start = b"II*\0" if order == "<" else b"MM\0*"
        exif = b"Exif\0\0" + start + struct.pack(order + "IH", 8, 1) + entry + bytes(4)
        photo = read_photo(encode(gray_scene(), "JPEG", exif=exif))
        assert (photo.width, photo.height) == (64, 96)

    def test_the_history_grows(self):
        once = colorize(encode(gray_scene(), "JPEG", exif=b"Exif\0\0" + photos.exif_block()), "jpeg")
        assert photos.pillow(colorize(once, "jpeg")).getexif()[HISTORY] == f"{NOTE}\n{NOTE}"

    def test_what_we_do_not_know_keeps_its_place(self):
        """A maker's notes point to themselves by offsets."""
        exif = photos.exif_block(8)
        kept = (
            photos.pillow(colorize(encode(gray_scene(), "JPEG", exif=b"Exif\0\0" + exif), "jpeg"))
            .info["exif"]
            .removeprefix(b"Exif\0\0")
        )
        assert kept.index(b"notes") == exif.index(b"notes")

    @pytest.mark.parametrize("behind", [b"", b"something else"])
    def test_the_gray_thumbnail_goes(self, behind):
        thumbnail = encode(gray_scene(16, 16), "JPEG")
        exif = photos.exif_block(1, thumbnail) + behind
        data = encode(gray_scene(), "JPEG", exif=b"Exif\0\0" + exif)
        assert thumbnail in data
        kept = photos.pillow(colorize(data, "jpeg")).getexif()
        assert kept[0x010F] == "Leica"
        assert not kept.get_ifd(1)
        if not behind:
            assert thumbnail not in colorize(data, "jpeg")

    @pytest.mark.parametrize(
        "exif",
        [
            b"",
            b"rubbish",
            b"MM\0\x2a",
            b"MM\0\x2a\0\0\0\x08\xff\xff",
            b"II\x2a\0\xff\xff\xff\xff",
            photos.exif_block(6)[:40],
        ],
    )
    def test_a_broken_block_is_replaced(self, exif):
        data = insert_segments(encode(gray_scene(), "JPEG"), jpeg_segment(0xE1, b"Exif\0\0" + exif))
        image = photos.pillow(colorize(data, "jpeg"))
        assert image.size == (96, 64)
        assert dict(image.getexif())[HISTORY] == NOTE

    def test_a_block_as_large_as_a_jpg_can_hold(self):
        """The note does not fit; the user's data goes first."""
        exif = photos.exif_block(6)
        data = insert_segments(
            encode(gray_scene(), "JPEG"), jpeg_segment(0xE1, (b"Exif\0\0" + exif).ljust(65_533, b"\0"))
        )
        found = photos.pillow(colorize(data, "jpeg")).getexif()
        assert (found[0x010F], found[ORIENTATION]) == ("Leica", 1)
        assert photos.pillow(colorize(data, "png")).getexif()[HISTORY] == NOTE

    def test_a_block_larger_than_a_jpg_can_hold_is_left_out(self):
        huge = photos.exif_block() + bytes(100_000)
        data = insert_chunks(encode(gray_scene(), "PNG"), png_chunk(b"eXIf", huge))
        assert not photos.pillow(colorize(data, "jpeg")).getexif()
        assert photos.pillow(colorize(data, "png")).getexif()[0x010F] == "Leica"

    def test_exif_in_a_png_as_imagemagick_writes_it(self):
        exif = b"Exif\0\0" + photos.exif_block(6)
        text = b"\nexif\n%8d\n%s\n" % (len(exif), exif.hex("\n", 36).encode())
        data = insert_chunks(
            encode(gray_scene(), "PNG"), png_chunk(b"tEXt", b"Raw profile type exif\0" + text)
        )
        result = colorize(data, "png")
        assert photos.pillow(result).size == (64, 96)
        assert photos.pillow(result).getexif()[0x010F] == "Leica"
        assert b"Raw profile type exif" not in result


class TestXmp:
    @pytest.mark.parametrize("format", FORMATS)
    @pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP"])
    def test_it_is_kept_upright(self, source, format):
        if source == "PNG":
            data = encode(gray_scene(), "PNG")
            data = insert_chunks(data, png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP))
        else:
            data = encode(gray_scene(), source, xmp=XMP)
        result = photos.pillow(colorize(data, format))
        assert is_kept(result.info["xmp"])
        assert result.size == (64, 96)  # nothing else said how to turn it

    def test_exif_says_more_about_orientation(self):
        exif = Image.Exif()
        exif[ORIENTATION] = 1
        data = encode(gray_scene(), "JPEG", xmp=XMP, exif=exif)
        result = photos.pillow(colorize(data, "jpeg"))
        assert is_kept(result.info["xmp"])
        assert result.size == (96, 64)

    @pytest.mark.parametrize("format", FORMATS)
    def test_it_says_that_a_network_had_its_part(self, format):
        data = encode(gray_scene(), "JPEG")
        assert photos.pillow(colorize(data, format)).info["xmp"].count(SOURCE_TYPE) == 1
        twice = colorize(colorize(data, format), format)
        assert photos.pillow(twice).info["xmp"].count(b"DigitalSourceType=") == 1

    @pytest.mark.parametrize(
        "stale",
        [
            b'photoshop:ColorMode="1"',
            b"hdrgm:Version='1.0' hdrgm:GainMapMax=\"3\"",
        ],
    )
    def test_attributes_that_no_longer_hold_go(self, stale):
        xmp = XMP.replace(b" dc:title", b" " + stale + b" dc:title")
        found = photos.pillow(colorize(encode(gray_scene(), "JPEG", xmp=xmp), "jpeg")).info["xmp"]
        assert b"ColorMode" not in found
        assert b"hdrgm" not in found
        assert b'dc:title="Grandma"' in found

    @pytest.mark.parametrize("name", [b"xmp:Thumbnails", b"photoshop:ColorMode", b"Container:Directory"])
    def test_elements_that_no_longer_hold_go(self, name):
        stale = b"<" + name + b">gray<rdf:li>more</rdf:li></" + name + b"><" + name + b"/>"
        xmp = XMP.replace(b"</rdf:RDF>", stale + b"</rdf:RDF>")
        found = photos.pillow(colorize(encode(gray_scene(), "JPEG", xmp=xmp), "jpeg")).info["xmp"]
        assert name not in found
        assert b'dc:title="Grandma"' in found

    def test_the_long_part_stays_in_a_jpg(self):
        part = jpeg_segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 40 + b"<more/>")
        assert part in colorize(insert_segments(encode(gray_scene(), "JPEG"), part), "jpeg")

    def test_as_elements(self):
        xmp = b"<rdf:RDF><tiff:Orientation>8</tiff:Orientation></rdf:RDF>"
        data = encode(gray_scene(), "JPEG", xmp=xmp)
        assert b"<tiff:Orientation>1</tiff:Orientation>" in photos.pillow(colorize(data, "jpeg")).info["xmp"]


class TestIptc:
    RESOURCE = photos.iptc_resource(b"Grandma")

    def test_from_jpg_to_jpg(self):
        segment = jpeg_segment(0xED, b"Photoshop 3.0\0" + self.RESOURCE)
        assert segment in colorize(insert_segments(encode(gray_scene(), "JPEG"), segment), "jpeg")

    def test_its_caption_in_a_webp(self):
        segment = jpeg_segment(0xED, b"Photoshop 3.0\0" + self.RESOURCE)
        webp = colorize(insert_segments(encode(gray_scene(), "JPEG"), segment), "webp")
        assert photos.pillow(webp).getexif()[DESCRIPTION] == "Grandma"

    def test_by_way_of_a_png(self):
        segment = jpeg_segment(0xED, b"Photoshop 3.0\0" + self.RESOURCE)
        png = colorize(insert_segments(encode(gray_scene(), "JPEG"), segment), "png")
        assert segment in colorize(png, "jpeg")
        assert colorize(png, "png").count(b"Raw profile type iptc") == 1


class TestResolution:
    @pytest.mark.parametrize("source", ["JPEG", "PNG", "TIFF"])
    @pytest.mark.parametrize("format", FORMATS)
    def test_it_is_kept(self, source, format):
        image = photos.pillow(colorize(encode(gray_scene(), source, dpi=(300, 300)), format))
        exif = image.getexif()
        assert exif[0x011A] == exif[0x011B] == pytest.approx(300, abs=0.1)
        assert exif[0x0128] == 2
        if format != "webp":
            assert image.info["dpi"] == pytest.approx((300, 300), abs=0.1)

    def test_it_turns_with_the_photo(self):
        exif = b"Exif\0\0" + photos.exif_block(6)
        data = encode(gray_scene(), "PNG", dpi=(100, 200), exif=exif)
        assert photos.pillow(colorize(data, "png")).info["dpi"] == pytest.approx((200, 100), abs=0.1)

    @pytest.mark.parametrize("unit", [(0, 0, 0, 0), (0, 0, 0, 9), (255, 255, 255, 255)])
    def test_one_that_no_photo_has_is_left_out(self, unit):
        data = encode(gray_scene(), "PNG")
        data = insert_chunks(data, png_chunk(b"pHYs", bytes(unit) * 2 + b"\1"))
        assert 0x011A not in photos.pillow(colorize(data, "jpeg")).getexif()

    @pytest.mark.parametrize("source", ["JPEG", "PNG", "TIFF", "WEBP"])
    def test_without_any(self, source):
        image = photos.pillow(colorize(encode(gray_scene(), source), "jpeg"))
        assert image.info["jfif_unit"] == 0
        assert 0x011A not in image.getexif()


class TestOwn:
    """What only one format can hold stays in it."""

    def test_texts_of_a_png(self):
        data = encode(gray_scene(), "PNG", pnginfo=photos.png_texts(Title="Grandma", Author="Uncle"))
        text = photos.pillow(colorize(data, "png")).text
        assert text.pop("XML:com.adobe.xmp")
        assert text == {"Title": "Grandma", "Author": "Uncle", "Comment": NOTE}
        assert photos.pillow(colorize(data, "jpeg")).size == (96, 64)

    def test_comments_of_a_jpg(self):
        data = encode(gray_scene(), "JPEG", comment=b"Grandma")
        assert photos.pillow(colorize(data, "jpeg")).info["comment"] == b"Grandma"

    def test_nothing_else_of_a_jpg(self):
        """An index of further pictures, or a signature of the gray original, would be wrong."""
        others = [jpeg_segment(0xE2, b"MPF\0II*\0"), jpeg_segment(0xEB, b"JP\0\0signed")]
        result = colorize(insert_segments(encode(gray_scene(), "JPEG"), *others), "jpeg")
        assert b"MPF\0" not in result
        assert b"signed" not in result


RGB_PROFILES = [
    pytest.param(photos.srgb_profile(), id="sRGB"),
    pytest.param(photos.wide_rgb_profile(), id="wide"),
]


class TestProfiles:
    @pytest.mark.parametrize("format", FORMATS)
    @pytest.mark.parametrize("profile", RGB_PROFILES)
    @pytest.mark.parametrize("source", ["gray JPEG", "color JPEG", "color PNG", "color TIFF", "color WEBP"])
    def test_an_rgb_profile_is_kept(self, source, profile, format):
        color, kind = source.split()
        data = encode(gray_scene() if color == "gray" else color_scene(), kind, icc_profile=profile)
        assert photos.pillow(colorize(data, format)).info["icc_profile"] == profile

    @pytest.mark.parametrize("format", FORMATS)
    def test_a_gray_profile_is_applied(self, format):
        dark = photos.decode(
            colorize(encode(gray_scene(), "JPEG", icc_profile=photos.gray_profile(3.0)), format)
        )
        plain = photos.decode(colorize(encode(gray_scene(), "JPEG"), format))
        assert plain.mean() - dark.mean() > 20
        data = colorize(encode(gray_scene(), "PNG", icc_profile=photos.gray_profile()), format)
        assert "icc_profile" not in photos.pillow(data).info

    def test_a_profile_of_many_segments(self):
        """The parts are in any order, and the numbers say which (ICC.1, annex B.4)."""
        profile = photos.wide_rgb_profile()
        parts = [
            jpeg_segment(0xE2, b"ICC_PROFILE\0" + bytes([n, 2]) + profile[cut])
            for n, cut in ((2, slice(300, None)), (1, slice(300)))
        ]
        assert read_photo(insert_segments(encode(gray_scene(), "JPEG"), *parts)).profile.data == profile
        assert read_photo(insert_segments(encode(gray_scene(), "JPEG"), parts[0])).profile is None

    def test_a_cmyk_profile_is_applied(self):
        inks = np.zeros((64, 96, 4), np.uint8)
        inks[:, 48:, 3] = 255  # black
        inks[:, 24:48, 0] = 255  # cyan, of which this profile knows nothing
        image = Image.frombytes("CMYK", (96, 64), inks.tobytes())
        data = encode(image, "JPEG", icc_profile=photos.cmyk_profile(), quality=100)
        lightness = lightness_of(read_photo(data).pixels)
        assert lightness[:, :48] == pytest.approx(100, abs=1)
        assert lightness[:, 56:] == pytest.approx(100 * 100 / 255, abs=1)
        assert "icc_profile" not in photos.pillow(colorize(data, "jpeg")).info

    def test_a_profile_that_does_not_fit_is_left_out(self):
        cmyk = Image.fromarray(color_scene()).convert("CMYK")
        data = encode(cmyk, "JPEG", icc_profile=photos.srgb_profile())
        assert "icc_profile" not in photos.pillow(colorize(data, "jpeg")).info

    @pytest.mark.parametrize("deep", [False, True])
    def test_lightness_is_read_through_the_profile(self, deep):
        pixels = color_scene()
        given = pixels.astype(np.uint16) * 257 if deep else pixels
        data = insert_chunks(
            photos.encode_deep(given),
            png_chunk(b"iCCP", b"x\0\0" + photos.zlib.compress(photos.wide_rgb_profile())),
        )
        photo = read_photo(data)
        expected = photos.icc_lightness(Image.fromarray(pixels), photos.wide_rgb_profile())
        level = np.interp(expected, photos.gray_lightness_levels(), np.arange(256))
        assert photo.pixels.dtype == given.dtype
        assert to_8_bit(photo.pixels) == pytest.approx(level, abs=1.5)


def test_jpegs_have_one_jfif_segment_first():
    for pixels in (gray_scene(), np.dstack([color_scene(), photos.ramp()])):
        data = colorize(encode(pixels, "PNG", dpi=(72, 72)), "jpeg")
        assert re.match(rb"\xff\xd8\xff\xe0\x00\x10JFIF\0\x01\x02\x01\0\x48\0\x48\0\0\xff\xe1", data)
        assert data.count(b"JFIF\0") == 1


def test_opencv_adds_no_metadata_of_its_own():
    """Else a result would have two profiles or two resolutions."""
    png = cv2.imencode(".png", color_scene())[1].tobytes()
    names = re.findall(rb"(IHDR|IDAT|IEND|pHYs|iCCP|sRGB|gAMA|cHRM|tEXt)", png)
    assert set(names) == {b"IHDR", b"IDAT", b"IEND"}


@pytest.mark.parametrize(("width", "height"), [(33, 21), (32, 21), (33, 20), (1, 1)])
def test_the_hidden_row_and_column_of_a_jpg_repeat_the_edge(width, height):
    neutral = np.full((2, (height + 1) // 2, (width + 1) // 2), 128, np.uint8)
    jpeg = bytearray(write_jpeg_planes((gray_scene(width, height), *neutral), 100, Metadata(), NOTE))
    even_height, even_width = height + height % 2, width + width % 2
    struct.pack_into(">HH", jpeg, jpeg.index(b"\xff\xc0") + 5, even_height, even_width)
    shown = simplejpeg.decode_jpeg(bytes(jpeg), "GRAY")[..., 0].astype(int)
    assert shown.shape == (even_height, even_width)
    assert abs(shown[-1] - shown[height - 1]).max() <= 3
    assert abs(shown[:, -1] - shown[:, width - 1]).max() <= 3
