"""The metadata of TIFF files (TIFF 6.0), in the shape that other formats keep it."""

import struct

from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from colorizer.photo.metadata import Metadata, sane_dpi, upright_xmp

XMP, IPTC, IMAGE_RESOURCES, ICC = 700, 33723, 34377, 34675
BITS_PER_SAMPLE, PHOTOMETRIC = 258, 262
EXIF_DIRECTORY, GPS_DIRECTORY = 0x8769, 0x8825
# Description, make, model, orientation, resolution (3), software, date, artist, host, copyright.
DESCRIPTIVE = (270, 271, 272, 274, 282, 283, 296, 305, 306, 315, 316, 33432)
IPTC_RESOURCE = 0x0404


def read_tiff_metadata(image: TiffImageFile) -> Metadata:
    """Collect what the tags of the first page say about the photo."""
    tags = image.tag_v2
    xmp = _bytes(tags.get(XMP))
    iptc = _bytes(tags.get(IPTC))
    return Metadata(
        exif=_exif(image),
        xmp=upright_xmp(xmp) if xmp else None,
        iptc=_bytes(tags.get(IMAGE_RESOURCES)) or (_resource(iptc) if iptc else None),
        dpi=sane_dpi(*image.info.get("dpi", (0, 0))),
        icc=image.info.get("icc_profile"),
    )


def is_deep_color(image: TiffImageFile) -> bool:
    """Tell whether the first page has colours of 16 bits per sample."""
    return image.tag_v2.get(BITS_PER_SAMPLE, (1,))[0] == 16 and image.mode in ("RGB", "RGBA", "RGBX")


def is_white_zero(image: Image.Image) -> bool:
    """Tell whether an image is a TIFF in which 0 means white."""
    return isinstance(image, TiffImageFile) and image.tag_v2.get(PHOTOMETRIC) == 0


def _exif(image: TiffImageFile) -> bytes:
    tags = image.getexif()
    exif = Image.Exif()
    for tag in DESCRIPTIVE:
        if tag in tags:
            exif[tag] = tags[tag]
    for directory in (EXIF_DIRECTORY, GPS_DIRECTORY):
        if entries := tags.get_ifd(directory):
            exif.get_ifd(directory).update(entries)
    return exif.tobytes().removeprefix(b"Exif\0\0")


def _bytes(value: object) -> bytes | None:
    return value if isinstance(value, bytes) else None


def _resource(iptc: bytes) -> bytes:
    """Wrap an IPTC record as one of Photoshop's image resources."""
    return b"8BIM" + struct.pack(">HHI", IPTC_RESOURCE, 0, len(iptc)) + iptc + b"\0" * (len(iptc) % 2)
