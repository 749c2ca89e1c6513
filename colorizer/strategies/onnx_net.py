"""ONNX Runtime, and any ONNX network that takes a gray RGB picture and gives ab (DDColor and its kin)."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from colorizer.color.lab import lab_to_rgb, limit_chroma
from colorizer.errors import DeviceUnavailable, WeightsDamaged
from colorizer.process.cpus import available_cpus
from colorizer.process.onnx_runtime import onnxruntime
from colorizer.strategies.base import ManifestStrategy, Prediction

PROVIDERS = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
DTYPES = {"tensor(float)": np.float32, "tensor(float16)": np.float16}
ERRORS_ONLY = 3


class OnnxModel:
    """A network in ONNX Runtime: arrays in by name, arrays out by name. Safe from several threads."""

    def __init__(self, name: str, path: Path, device: str = "cpu") -> None:
        """Load the file; raises DeviceUnavailable, or WeightsDamaged where it is no ONNX network."""
        provider = PROVIDERS[device]
        if provider not in onnxruntime.get_available_providers():
            raise DeviceUnavailable(
                f"{name} cannot run on {device}: this build of ONNX Runtime has no {provider}. "
                "Install onnxruntime-gpu in its place, or leave the device at cpu."
            )
        try:
            self.session = onnxruntime.InferenceSession(str(path), _session_options(), [provider])
        except Exception as error:  # ONNX Runtime's errors have no common base but this
            raise WeightsDamaged(f"The file of {name} is not an ONNX network that can be loaded.") from error
        self.metadata: Mapping[str, str] = self.session.get_modelmeta().custom_metadata_map
        self.dtypes = {item.name: DTYPES[item.type] for item in self.session.get_inputs()}

    def run(self, outputs: list[str], inputs: Mapping[str, np.ndarray]) -> list[np.ndarray]:
        """Return the named outputs as float32, inputs cast to what the network takes."""
        feeds = {name: np.ascontiguousarray(array, self.dtypes[name]) for name, array in inputs.items()}
        return [np.asarray(array, np.float32) for array in self.session.run(outputs, feeds)]


def gray_levels(lightness: np.ndarray) -> np.ndarray:
    """Return the sRGB level, float32 (h, w), 0 to 1, of the gray of each L* (its Rec. 601 luma too)."""
    neutral = np.zeros((*lightness.shape, 2), np.float32)
    return lab_to_rgb(lightness, neutral, np.uint16)[..., 0] / np.float32(65535)


def _session_options() -> onnxruntime.SessionOptions:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = available_cpus()
    options.add_session_config_entry("session.force_spinning_stop", "1")  # free between photos
    options.enable_mem_pattern = False  # photos have many sizes, and each pattern would keep its memory
    options.enable_cpu_mem_arena = False  # else it keeps for itself what the photo's own planes could use
    options.log_severity_level = ERRORS_ONLY
    return options


class OnnxNet(ManifestStrategy):
    """An ONNX network that takes RGB 0 to 1, gray, of a fixed size, and gives ab of the same size.

    It has one input [1, 3, h, w] and one output [1, 2, h, w]; float32 and float16 both do.
    """

    def _build(self, path: Path) -> None:
        self.model = OnnxModel(self.name, path, self.device)
        session = self.model.session
        try:
            (given,), (answer,) = session.get_inputs(), session.get_outputs()
            _, _, self._rows, self._columns = (int(side) for side in given.shape)
        except (ValueError, TypeError) as error:
            raise WeightsDamaged(
                f"The network of {self.name} must have one input of a fixed size and one output."
            ) from error
        self._input, self._output = given.name, answer.name

    def network_size(self, width: int, height: int) -> tuple[int, int]:
        """Return the one (width, height) that the network takes."""
        return self._columns, self._rows

    def predict(self, lightness: np.ndarray, hints: np.ndarray | None = None) -> Prediction:
        """Colour one photo; see `Strategy.predict`. ab is limited to what sRGB can show at each lightness."""
        gray = np.repeat(gray_levels(lightness)[None, None], 3, axis=1)
        (ab,) = self.model.run([self._output], {self._input: gray})
        return Prediction(limit_chroma(lightness, np.ascontiguousarray(ab[0].transpose(1, 2, 0))))
