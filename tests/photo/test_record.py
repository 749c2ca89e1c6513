import hashlib
import re
import zlib
from dataclasses import replace

import cv2
import numpy as np
import pytest
from photos import WarmCool, encode, gray_scene, insert_segments, jpeg_segment, pillow

from colorizer.options import FORMATS, Look
from colorizer.photo.record import NAMESPACE, Record, is_sealed, read_record, seal
from colorizer.pipeline import ImageColorizer
from colorizer.stages import record_of

RECORD = Record("ab" * 32, 'jpeg, "quick" & <dirty>', "warm-cool", "1")
PACKET = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<r:Description r:about="uuid:7" xmlns:dc="http://purl.org/dc/elements/1.1/" dc:format="image/jpeg"/>'
    b"</r:RDF></x:xmpmeta>"
)


def digest(photo: bytes) -> str:
    return hashlib.sha256(photo).hexdigest()


def colored(format: str) -> bytes:
    return ImageColorizer(WarmCool()).colorize(encode(gray_scene(), "PNG"), format=format).data


def test_a_record_is_read_as_it_was_written():
    assert read_record(RECORD.joined(None, 2**16)) == RECORD


def test_what_the_photos_packet_says_stays_and_the_subject_is_the_same():
    packet = RECORD.joined(PACKET, 2**16)
    assert b'dc:format="image/jpeg"/>' in packet
    assert set(re.findall(rb'r:about="([^"]*)"', packet)) == {b"uuid:7"}
    assert read_record(packet) == RECORD


def test_a_new_record_takes_the_place_of_an_earlier_one():
    packet = replace(RECORD, strategy="other").joined(RECORD.joined(PACKET, 2**16), 2**16)
    assert read_record(packet).strategy == "other"
    assert packet.count(NAMESPACE.encode()) == 1


def test_a_record_that_another_program_merged_or_rewrote_is_read_and_replaced_too():
    attributes = b'xmlns:colorizer="%s" colorizer:Source="s" ' % NAMESPACE.encode()
    elements = b"".join(
        b"<colorizer:%s>x</colorizer:%s>" % (name, name) for name in (b"Options", b"Strategy")
    )
    elements += b"<colorizer:Network>n</colorizer:Network>"
    merged = PACKET.replace(b'dc:format="image/jpeg"/>', attributes + b'dc:format="image/jpeg">' + elements)
    merged = merged.replace(b"</r:RDF>", b"</r:Description></r:RDF>")
    assert read_record(merged) == Record("s", "x", "x", "n")
    replaced = RECORD.joined(merged, 2**16)
    assert read_record(replaced) == RECORD
    assert b'dc:format="image/jpeg">' in replaced


@pytest.mark.parametrize("xmp", [b"", b"no packet", PACKET.replace(b"</r:RDF>", b""), PACKET + b" " * 2**16])
def test_where_a_packet_is_broken_or_too_large_the_record_stands_alone(xmp):
    packet = RECORD.joined(xmp, 2**16)
    assert len(packet) < 2**16
    assert read_record(packet) == RECORD


def test_a_file_without_a_record_has_none_and_is_sealed_by_nobody():
    photo = encode(gray_scene(), "PNG")
    assert read_record(photo) is None
    assert seal(photo) == photo
    assert not is_sealed(photo)


@pytest.mark.parametrize("format", FORMATS)
def test_every_result_says_what_it_was_made_from(format):
    photo = encode(gray_scene(), "PNG")
    made = read_record(colored(format))
    assert made == record_of(digest(photo), WarmCool(), Look(format))


@pytest.mark.parametrize("format", FORMATS)
def test_a_result_is_sealed_and_any_change_breaks_the_seal(format):
    result = colored(format)
    assert is_sealed(result)
    assert not is_sealed(result[:-1])
    assert not is_sealed(result + b"\0")
    for at in range(0, len(result), max(1, len(result) // 50)):
        assert not is_sealed(result[:at] + bytes([result[at] ^ 1]) + result[at + 1 :])


@pytest.mark.parametrize("format", FORMATS)
def test_other_programs_read_a_sealed_result(format):
    image = pillow(colored(format))
    assert np.asarray(image).shape == (64, 96, 3)
    assert b"colorizer:Source" in image.info["xmp"] if format != "png" else image.info["XML:com.adobe.xmp"]


def test_every_checksum_of_a_sealed_png_holds():
    png = colored("png")
    at = 8
    while at < len(png):
        end = at + 12 + int.from_bytes(png[at : at + 4])
        assert zlib.crc32(png[at + 4 : end - 4]) == int.from_bytes(png[end - 4 : end])
        at = end


def test_the_photos_own_packet_is_kept_in_a_result():
    photo = insert_segments(
        encode(gray_scene(), "JPEG"), jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + PACKET)
    )
    result = ImageColorizer(WarmCool()).colorize(photo).data
    assert b'dc:format="image/jpeg"' in result
    assert read_record(result).source == record_of(digest(photo), WarmCool(), Look("jpeg")).source


def test_options_source_and_network_tell_records_apart():
    photo, other = (cv2.imencode(".png", np.full((9, 9), level, np.uint8))[1].tobytes() for level in (1, 2))
    records = {
        record_of(digest(photo), WarmCool(), Look("jpeg")),
        record_of(digest(other), WarmCool(), Look("jpeg")),
        record_of(digest(photo), WarmCool(), Look("png")),
        record_of(digest(photo), WarmCool(), Look("jpeg", quality=80)),
        record_of(digest(photo), WarmCool(), Look("jpeg", saturation=1.2)),
        record_of(digest(photo), WarmCool(), Look("jpeg"), hints=[(1, 2, 3, 4)]),
    }
    assert len(records) == 6
    assert record_of(digest(photo), WarmCool(), Look("png", quality=1)) == record_of(
        digest(photo), WarmCool(), Look("png")
    )


def test_a_networks_version_is_the_digest_of_its_file():
    assert re.fullmatch("[0-9a-f]{64}", ImageColorizer("colornet").strategy.version)
