"""Our own network (docs/colornet.md), through ONNX Runtime: ab, confidence, scene, hints, likely colours."""

from pathlib import Path

import numpy as np

from colorizer.color.ab_bins import softmax
from colorizer.color.spreading import Guide
from colorizer.color.suggestions import likely_colors
from colorizer.errors import WeightsDamaged
from colorizer.strategies.base import ManifestStrategy, Prediction
from colorizer.strategies.onnx_net import OnnxModel

SCENES = ("people", "landscape", "urban", "animals", "other")
STRIDE = 32  # both sides shown are multiples of this
CELL = 4  # the outputs are this many times smaller than the lightness shown
LONGEST = 4.0  # times the short side; a longer panorama is squeezed, or one side would vanish


class Colornet(ManifestStrategy):
    """Fused local and global features, 313 ab bins, scene head and hints: see the model card."""

    takes_hints = True
    gives_suggestions = True

    def _build(self, path: Path) -> None:
        self.model = OnnxModel(self.name, path, self.device)
        if "shown_side" not in self.model.metadata:
            raise WeightsDamaged(
                f"The file of {self.name} does not say at which size photos are shown to it."
            )
        self.side = int(self.model.metadata["shown_side"])

    def network_size(self, width: int, height: int) -> tuple[int, int]:
        """Return the photo's shape with about as many pixels as the square that the network was tuned for."""
        return shown_size(width, height, self.side)

    def predict(self, lightness: np.ndarray, hints: np.ndarray | None = None) -> Prediction:
        """Colour one photo; see `Strategy.predict`. The grid is a quarter of the lightness each way."""
        outputs = ["ab", "confidence", "scene", "logits", "features"]
        ab, confidence, scene, logits, features = self._run(outputs, lightness, hints)
        likeliest = int(scene[0].argmax())
        confidence_map = confidence[0, 0].clip(0, 1)
        return Prediction(
            ab=np.ascontiguousarray(ab[0].transpose(1, 2, 0)),
            confidence=float(confidence_map.mean()),
            confidence_map=confidence_map,
            scene=(SCENES[likeliest], float(scene[0, likeliest].clip(0, 1))),
            guide=Guide(lightness, logits[0].transpose(1, 2, 0), features[0].transpose(1, 2, 0)),
        )

    def suggest(self, lightness: np.ndarray, x: int, y: int) -> list[tuple[tuple[float, float], float]]:
        """Return 3 to 6 likely colours at pixel (x, y) of `lightness`; see `Strategy.suggest`."""
        (logits,) = self._run(["logits"], lightness, None)
        return likely_colors(softmax(logits[0, :, y // CELL, x // CELL]))

    def _run(self, outputs: list[str], lightness: np.ndarray, hints: np.ndarray | None) -> list[np.ndarray]:
        if hints is None:
            hints = np.zeros((*lightness.shape, 3), np.float32)
        inputs = {"lightness": lightness[None, None], "hints": hints.transpose(2, 0, 1)[None]}
        return self.model.run(outputs, inputs)


def shown_size(width: int, height: int, side: int) -> tuple[int, int]:
    """Return the (width, height), multiples of 32, nearest to the photo's shape and to `side` squared pixels.

    One number of pixels for every shape: a photo of 3:2 costs no more time than a square one.
    """
    root = min(max(width / height, 1 / LONGEST), LONGEST) ** 0.5
    return round(side * root / STRIDE) * STRIDE, round(side / root / STRIDE) * STRIDE
