"""The light that a photo is seen in, warmer or cooler: as the white balance of a camera."""

import numpy as np

# X and Z of the light of D50 (evening sun, 5000 K) over those of D65 (noon, 6500 K); CIE 15:2004, table T.3
WARMER = np.array([0.96422 / 0.95047, 0.82521 / 1.08883])
A_SCALE, B_SCALE = 500, 200  # of the definition of a* and b*


def warm(ab: np.ndarray, lightness: np.ndarray, warmth: float) -> np.ndarray:
    """Return ab in the light of D50 where warmth is 1, as far the other way where it is -1, as it is at 0.

    ab: float32 (h, w, 2). lightness: float32 (h, w), L*, which stays. Returns float32 (h, w, 2).
    X and Z are scaled (von Kries 1902, in XYZ as CIE Lab itself does it), which is a straight line in ab.
    """
    x_share, z_share = np.cbrt(WARMER**warmth)
    white = (lightness + 16) / 116
    tint = np.stack([A_SCALE * (x_share - 1) * white, B_SCALE * (1 - z_share) * white], axis=-1)
    warmed: np.ndarray = (ab * np.array([x_share, z_share]) + tint).astype(np.float32)
    return warmed
