"""CIE Lab (D65, CIE 15:2004) against sRGB (IEC 61966-2-1)."""

import cv2
import numpy as np


def rgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    """Convert sRGB to CIE Lab.

    rgb: (h, w, 3), uint8 (0 to 255), uint16 (0 to 65535) or float32 (0 to 1).
    Returns float32 (h, w, 3): L* 0 to 100, a* and b* about -128 to 127.
    """
    if rgb.dtype != np.float32:
        rgb = rgb.astype(np.float32) / np.iinfo(rgb.dtype).max
    return cv2.cvtColor(rgb, cv2.COLOR_RGB2Lab)
