"""In which form to answer with a coloured photo, under which name, and what to say about it."""

import base64
import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

import cv2
import numpy as np
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from colorizer.errors import BadField, NotAcceptable
from colorizer.options import FORMATS
from colorizer.photo.formats import WRITTEN
from colorizer.results import ColorizedPhoto, Variant

JSON = "application/json"
MAX_STEM_LENGTH = 100
MAX_MAP_SIDE = 512


@dataclass(frozen=True)
class AnswerForm:
    """as_json: a JSON document that holds the picture, else its bytes; format: of `FORMATS`."""

    as_json: bool
    format: str


def choose_form(accept: str, format: str | None) -> AnswerForm:
    """Settle the Accept header with the field `format` (RFC 9110, section 12.5.1).

    JSON where the header is empty or allows anything; a picture where it names one; `image/*` takes `format`.
    Raises NotAcceptable, or BadField where header and field disagree.
    """
    ranges = _parse_ranges(accept or "*/*")
    preferred = sorted(FORMATS, key=lambda name: name != format)  # a stable sort: the rest keeps its order
    best = max((JSON, *(f"image/{name}" for name in preferred)), key=lambda kind: _rank(ranges, kind))
    if _rank(ranges, best)[0] <= 0:
        raise NotAcceptable(
            f"Accept must allow {JSON} or one of {', '.join(f'image/{name}' for name in FORMATS)}."
        )
    if best == JSON:
        return AnswerForm(True, format or "jpeg")
    if format and _rank(ranges, f"image/{format}")[0] <= 0:
        raise BadField(f"format is {format}, but Accept asks for {best}. Make them agree, or leave one out.")
    return AnswerForm(False, format or best.removeprefix("image/"))


def check_accepts(accept: str, media_type: str) -> None:
    """Raise NotAcceptable where the Accept header excludes what is kept in one form only."""
    if _rank(_parse_ranges(accept or "*/*"), media_type)[0] <= 0:
        raise NotAcceptable(
            f"The file is kept as {media_type}, which Accept excludes. PATCH the image with another format to"
            " get another result."
        )


def _parse_ranges(accept: str) -> dict[str, tuple[float, int]]:
    """Return {media range: (quality, minus its position)}."""
    ranges: dict[str, tuple[float, int]] = {}
    for position, (text, quality) in enumerate(parse_accept_header(accept, MIMEAccept)):
        media_range = text.partition(";")[0].strip().lower()
        ranges.setdefault("*/*" if media_range == "*" else media_range, (quality, -position))
    return ranges


def _rank(ranges: dict[str, tuple[float, int]], kind: str) -> tuple[float, int, int]:
    """Return (quality, specificity, minus position) of the most specific range that covers `kind`."""
    wider = (kind, kind.partition("/")[0] + "/*", "*/*")
    for specificity, media_range in zip((2, 1, 0), wider, strict=True):
        if media_range in ranges:
            quality, position = ranges[media_range]
            return quality, specificity, position
    return 0.0, 0, 0


def colorized_name(filename: str | None, format: str) -> str:
    """Return the name of the result: grandma.png becomes grandma-colorized.jpg; paths are dropped."""
    return named_colorized(filename or "photo", WRITTEN[format].suffix)


def named_colorized(filename: str, suffix: str) -> str:
    """Return the name of a result with an ending of its own."""
    name = re.split(r"[/\\]", filename)[-1]
    printable = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C")
    stem = printable.rpartition(".")[0] or printable
    stem = stem.strip(" .")[:MAX_STEM_LENGTH].rstrip(" .") or "photo"
    return f"{stem}-colorized{suffix}"


def content_disposition(filename: str) -> str:
    """Return the header that names a download (RFC 6266): plain for old clients, UTF-8 for the others."""
    plain = unicodedata.normalize("NFKD", filename).encode("ascii", "ignore").decode("ascii")
    plain = re.sub(r'["\\%]', "_", plain)
    header = f'attachment; filename="{plain}"'
    return header if plain == filename else f"{header}; filename*=UTF-8''{quote(filename, safe='')}"


def encode_confidence_map(confidence_map: np.ndarray) -> str:
    """Return a map of 0 to 1 (float32, (h, w)) as a gray PNG of at most 512 pixels a side, in base64."""
    height, width = confidence_map.shape
    scale = min(1.0, MAX_MAP_SIDE / max(width, height))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = cv2.resize(confidence_map, size, interpolation=cv2.INTER_AREA)
    _, png = cv2.imencode(".png", np.rint(small * 255).clip(0, 255).astype(np.uint8))
    return base64.b64encode(png.tobytes()).decode("ascii")


def result_document(result: ColorizedPhoto, filename: str, with_map: bool) -> dict[str, object]:
    """Return the JSON answer; with_map adds how sure the network is of each place, where it says so."""
    document: dict[str, object] = {
        "image": base64.b64encode(result.data).decode("ascii"),
        "media_type": result.media_type,
        "filename": filename,
        "width": result.width,
        "height": result.height,
        "strategy": result.strategy,
        "confidence": rounded(result.confidence),
        "already_colored": result.already_colored,
        "frames": result.frames,
        "scene": result.scene and {"name": result.scene[0], "share": rounded(result.scene[1])},
        "timings": {stage: round(ms, 1) for stage, ms in result.timings.items()},
    }
    if with_map:
        sure = result.confidence_map
        document["confidence_map"] = None if sure is None else encode_confidence_map(sure)
    return document


def variant_document(variant: Variant) -> dict[str, object]:
    """Return a variant as JSON has it."""
    image = base64.b64encode(variant.data).decode("ascii")
    return {"image": image, "media_type": variant.media_type, "hints": variant.hints}


def result_headers(result: ColorizedPhoto, filename: str) -> dict[str, str]:
    """Return the headers that go with the picture's bytes."""
    headers = {
        "Content-Disposition": content_disposition(filename),
        "X-Strategy": result.strategy,
        "Server-Timing": ", ".join(f"{stage};dur={ms:.1f}" for stage, ms in result.timings.items()),
    }
    if result.confidence is not None:
        headers["X-Confidence"] = str(rounded(result.confidence))
    return headers


def rounded(share: float | None) -> float | None:
    """Return a share of 0 to 1 with four digits, as a plain float."""
    return None if share is None else round(float(share), 4)
