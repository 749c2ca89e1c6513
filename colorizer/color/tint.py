"""Tells a photo that is in colour from one that is only tinted: sepia, cyanotype, selenium, a yellowed print.

A tint is one colour for each lightness. So the ab of a tinted photo is a curve over L*, and what remains
when the curve is taken away is small; the colours of a coloured photo differ at the same lightness.
"""

import cv2
import numpy as np

from colorizer.color.lab import rgb_to_lab

CURVE_DEGREE = 3
COLORED = 4.0  # root mean square of ab beside the curve; old tinted and stained prints stay well below it
CALM = 5  # pixels: the median over this square removes what paper grain and JPEG add


def is_colored(rgb: np.ndarray) -> bool:
    """Tell whether a photo is in colour. rgb: uint8 (h, w, 3), small is enough."""
    lab = rgb_to_lab(cv2.medianBlur(rgb, CALM))
    lightness, ab = lab[..., 0].ravel() / 50 - 1, lab[..., 1:].reshape(-1, 2)
    curve = np.vander(lightness, CURVE_DEGREE + 1)
    fitted = curve @ np.linalg.lstsq(curve, ab, rcond=None)[0]
    return float(np.sqrt(np.mean((ab - fitted) ** 2) * 2)) > COLORED
