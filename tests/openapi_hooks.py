"""What Schemathesis has to know beyond the OpenAPI document: photos, and rules across fields."""

import io
import json
import zipfile

import cv2
import numpy as np
import schemathesis
from hypothesis import strategies as st
from photos import color_scene, encode
from serving import gray_photo

from colorizer.http.schemas import RAW_KINDS
from colorizer.options import LOSSLESS

WIDTH, HEIGHT = 40, 24
SIDES = {"x": WIDTH, "y": HEIGHT}
PHOTOS = [gray_photo(WIDTH, HEIGHT, seed, extension) for seed in range(3) for extension in (".jpg", ".png")]
COLORS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
EITHER_WAY = st.integers(0, min(WIDTH, HEIGHT) - 1)  # inside the photo even where it is turned
PLACE = {"x": EITHER_WAY, "y": EITHER_WAY}
REACH = {"reach": st.sampled_from([0.25, 1, 4])}
HINT = st.fixed_dictionaries({**PLACE, "color": COLORS}, optional=REACH) | st.fixed_dictionaries(
    {**PLACE, "keep": st.just(True)}, optional=REACH
)

MASK = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
MASK[5:15, 5:20] = 30, 90, 200, 255
MASKS = [cv2.imencode(".png", cv2.resize(MASK, None, fx=scale, fy=scale))[1].tobytes() for scale in (1, 2)]

REFERENCE = encode(color_scene(WIDTH, HEIGHT), "PNG")


def packed(photos: list[bytes]) -> bytes:
    """Return a zip of photos."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, photo in enumerate(photos):
            archive.writestr(f"{number}.jpg", photo)
    return file.getvalue()


photos = st.sampled_from(PHOTOS)
schemathesis.openapi.format("binary", photos)
schemathesis.openapi.format("color-hints", st.lists(HINT, max_size=5).map(json.dumps))
schemathesis.openapi.format("kept-images", st.just("[]"))
schemathesis.openapi.media_type("application/zip", st.sampled_from([packed(PHOTOS[:1]), packed(PHOTOS)]))
for kind in RAW_KINDS:
    schemathesis.openapi.media_type(kind, photos)


@schemathesis.hook
def map_case(context, case):
    """Keep valid requests valid where OpenAPI cannot say how: a pixel in the photo, no needless quality."""
    if case.meta.generation.mode.is_positive:
        query = case.query
        query.update({axis: int(query[axis]) % side for axis, side in SIDES.items() if axis in query})
        if query.get("format") in LOSSLESS:
            query.pop("quality", None)
        if isinstance(case.body, dict) and "mask" in case.body:
            case.body["mask"] = MASKS[len(case.body["mask"]) % len(MASKS)]  # of the photo as it lies
            query.pop("turn", None)
        if isinstance(case.body, dict) and "reference" in case.body:
            case.body["reference"] = REFERENCE
        case.headers.pop("Idempotency-Key", None)  # another request with the same one is refused
        if case.path.endswith("/jobs") and isinstance(case.body, dict):
            make_one_job(case)
    return case


def make_one_job(case):
    """Let a form be over photos only, and a correction without hints, which must fit its film."""
    if case.media_type == "application/json":
        case.body.pop("hints", None)
    else:
        case.body.pop("film", None)
        case.body.setdefault("image", PHOTOS[0])
