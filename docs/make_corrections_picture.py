"""Make docs/pictures/corrections.jpg: `python docs/make_corrections_picture.py`.

Corrections that do what a person means, then some that do not: each time the photo as colornet colours it,
and with one hint, whose spot is ringed. The photos are scikit-image's and scikit-learn's (NOTICE).
"""

from pathlib import Path

import cv2
import numpy as np
import skimage.data
from PIL import Image
from sklearn.datasets import load_sample_image

from image_colorizer import ImageColorizer

FILE = Path(__file__).parent / "pictures" / "corrections.jpg"
WIDTH, QUALITY = 420, 85
CASES = (
    (skimage.data.astronaut, {"x": 150, "y": 350, "color": "#2050c0"}),
    (skimage.data.chelsea, {"x": 330, "y": 60, "color": "#808080"}),
    (lambda: load_sample_image("flower.jpg"), {"x": 300, "y": 150, "color": "#b04090"}),
    # and what still goes wrong: a nose is too small to be told from the fur, light and shade too far apart
    (skimage.data.chelsea, {"x": 262, "y": 243, "color": "#c05050"}),
    (skimage.data.coffee, {"x": 130, "y": 230, "color": "#2050a0"}),
)


def main() -> None:
    """Write the picture."""
    colorizer = ImageColorizer("colornet")
    pairs = [pair(colorizer, photo(), hint) for photo, hint in CASES]
    Image.fromarray(np.vstack(pairs)).save(FILE, quality=QUALITY, optimize=True)


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
