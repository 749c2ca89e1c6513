"""The generator of the neural-colorization project: luma in, Rec. 601 U and V out, through ONNX Runtime."""

from pathlib import Path

import numpy as np

from colorizer.color.lab import rgb_to_lab
from colorizer.strategies.base import ManifestStrategy, Prediction
from colorizer.strategies.onnx_net import OnnxModel, gray_levels

LONGEST, SHORTEST = 512, 64  # the network mirrors 40 pixels at each border, so it needs more than that
STRIDE = 4


class Zeruniverse(ManifestStrategy):
    """Shown a photo at a long side of at most 512; gives ab at the same size and no confidence."""

    def _build(self, path: Path) -> None:
        self.model = OnnxModel(self.name, path, self.device)

    def network_size(self, width: int, height: int) -> tuple[int, int]:
        """Return the photo's (width, height) within 512 (never enlarged but to 64), multiples of 4."""
        scale = min(1.0, LONGEST / max(width, height))
        return _shown_side(width * scale), _shown_side(height * scale)

    def predict(self, lightness: np.ndarray, hints: np.ndarray | None = None) -> Prediction:
        """Colour one photo; see `Strategy.predict`."""
        luma = gray_levels(lightness)
        (uv,) = self.model.run(["uv"], {"luma": luma[None, None] - np.float32(0.5)})
        return Prediction(ab_of_yuv(luma, uv[0, 0], uv[0, 1]))


def ab_of_yuv(y: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return a* and b*, float32 (h, w, 2), of Rec. 601 planes: Y 0 to 1, U within 0.436, V within 0.615.

    What lies outside sRGB is clipped first. The L* of that colour is not used: the photo keeps its own.
    """
    red, green, blue = y + 1.13983 * v, y - 0.39465 * u - 0.58060 * v, y + 2.03211 * u
    rgb = np.stack([red, green, blue], axis=-1).clip(0, 1).astype(np.float32)
    return rgb_to_lab(rgb)[..., 1:].copy()


def _shown_side(side: float) -> int:
    return max(SHORTEST, round(side / STRIDE) * STRIDE)
