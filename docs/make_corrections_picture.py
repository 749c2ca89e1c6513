"""Make docs/pictures/corrections.jpg and corrections-wrong.jpg: `python -m docs.make_corrections_picture`.

Corrections that do what a person means, and some that do not: each time the photo as colornet colours it, and
with one hint, whose spot is ringed. The photos have clear terms (NOTICE); colornet learned from none of them.
"""

from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from benchmarks.outlines import load
from image_colorizer import ImageColorizer

FOLDER = Path(__file__).parent / "pictures"
WIDTH, QUALITY = 420, 80
PICTURES = {
    "corrections": (
        ("china", {"x": 175, "y": 130, "color": "#a03030"}),
        ("camera", {"x": 400, "y": 400, "color": "#b09060"}),
        ("flower", {"x": 300, "y": 150, "color": "#e08a50"}),
    ),
    "corrections-wrong": (
        ("grace_hopper", {"x": 215, "y": 245, "color": "#b04060"}),  # too small to be told from the face
        ("brothers", {"x": 430, "y": 380, "color": "#802030"}),  # light and shade too far apart
        ("couple", {"x": 275, "y": 230, "color": "#2f6b5f"}),  # a face in shade, and black before black
        ("raccoon", {"x": 165, "y": 330, "color": "#3f8f30"}),  # many leaves, each with edges of its own
    ),
}


def main() -> None:
    """Write both pictures."""
    colorizer = ImageColorizer("colornet")
    for name, cases in PICTURES.items():
        pairs = [pair(colorizer, load(photo), hint) for photo, hint in cases]
        Image.fromarray(np.vstack(pairs)).save(FOLDER / f"{name}.jpg", quality=QUALITY, optimize=True)


def pair(colorizer: ImageColorizer, rgb: np.ndarray, hint: dict[str, object]) -> np.ndarray:
    """Return a photo without and with a hint, side by side, RGB uint8 (h, 2 * WIDTH, 3)."""
    gray = cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
    without, corrected = colorizer.colorize(gray).array, colorizer.colorize(gray, hints=[hint]).array
    for radius, color in ((9, (0, 0, 0)), (7, (255, 255, 255))):
        cv2.circle(corrected, (hint["x"], hint["y"]), radius, color, 2, cv2.LINE_AA)
    size = (WIDTH, round(WIDTH * rgb.shape[0] / rgb.shape[1]))
    return np.hstack([cv2.resize(half, size, interpolation=cv2.INTER_AREA) for half in (without, corrected)])


if __name__ == "__main__":
    main()
