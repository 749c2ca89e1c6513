"""Zhang, Isola, Efros 2016, "Colorful Image Colorization": its Caffe network through OpenCV's dnn module.

The deploy network is written down here as tables, and its prototxt text made from them.
"""

import threading
from pathlib import Path

import cv2
import numpy as np

from colorizer.color.ab_bins import CENTRES, entropy_confidence
from colorizer.color.suggestions import likely_colors
from colorizer.errors import DeviceUnavailable, WeightsDamaged
from colorizer.process.memory_file import memory_file
from colorizer.strategies.base import ManifestStrategy, Prediction

SIDE, GRID = 224, 56  # pixels shown, and cells of the answer, each way
MIDDLE_LIGHTNESS = 50.0  # the network sees L* minus this
BINS = len(CENTRES)
SHARPENING = 2.606  # the logits are multiplied by this before the softmax: a temperature of 0.38
READING = threading.Lock()  # readNetFromCaffe crashes when two threads are in it (opencv#15757)

# Blocks 1 to 7: number of 3x3 convolutions, channels, stride of the last one, dilation. Each convolution
# is followed by ReLU, each block by batch normalisation.
BLOCKS = (
    (2, 64, 2, 1),
    (2, 128, 2, 1),
    (3, 256, 2, 1),
    (3, 512, 1, 1),
    (3, 512, 1, 2),
    (3, 512, 1, 2),
    (3, 512, 1, 1),
)
DECODER_CHANNELS = 256


class Zhang(ManifestStrategy):
    """Lightness at 224x224 in, ab and a distribution over the 313 bins at 56x56 out."""

    gives_suggestions = True

    def _build(self, path: Path) -> None:
        self._net = _read_net(path)
        _choose_device(self.name, self._net, self.device)
        # Off it is slower, but OpenCV needs half the memory, and the results are closer to Caffe's
        # (docs/models.md has the figures).
        self._net.enableWinograd(False)
        self._running = threading.Lock()  # running a net alters it
        try:
            self._forward(np.zeros((SIDE, SIDE), np.float32))  # OpenCV looks at the weights only now
        except cv2.error as error:
            raise WeightsDamaged(
                f"The file of {self.name} is not the Caffe network of Zhang et al. 2016."
            ) from error

    def network_size(self, width: int, height: int) -> tuple[int, int]:
        """Return 224x224: the network takes no other size."""
        return SIDE, SIDE

    def predict(self, lightness: np.ndarray, hints: np.ndarray | None = None) -> Prediction:
        """Colour one photo; see `Strategy.predict`. Confidence is 1 - entropy / log 313 of each cell."""
        ab, probabilities = self._forward(lightness)
        confidence_map = entropy_confidence(probabilities).clip(0, 1).astype(np.float32)
        return Prediction(ab, float(confidence_map.mean()), confidence_map)

    def suggest(self, lightness: np.ndarray, x: int, y: int) -> list[tuple[tuple[float, float], float]]:
        """Return 3 to 6 likely colours at pixel (x, y) of `lightness`; see `Strategy.suggest`."""
        _, probabilities = self._forward(lightness)
        return likely_colors(probabilities[y * GRID // SIDE, x * GRID // SIDE])

    def _forward(self, lightness: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return ab (56, 56, 2) and the distribution (56, 56, 313), both float32."""
        shown = (lightness - MIDDLE_LIGHTNESS).astype(np.float32)[None, None]
        with self._running:
            self._net.setInput(shown)
            ab, probabilities = self._net.forward(["class8_ab", "class8_313_rh"])
        return ab[0].transpose(1, 2, 0).copy(), probabilities[0].transpose(1, 2, 0).copy()


def _read_net(path: Path) -> cv2.dnn.Net:
    # From files, though OpenCV could read both from memory: that would take 240 MB more while it loads.
    with memory_file(deploy_prototxt()) as prototxt, READING:
        net = cv2.dnn.readNetFromCaffe(prototxt, str(path))
    _fill(net, "class8_ab", CENTRES.T.reshape(2, BINS, 1, 1))
    _fill(net, "conv8_313_rh", np.full((1, BINS), SHARPENING, np.float32))
    return net


def _fill(net: cv2.dnn.Net, layer: str, values: np.ndarray) -> None:
    """Give a layer its weights: published files differ in whether they carry those of the last two layers."""
    net.getLayer(net.getLayerId(layer)).blobs = [np.ascontiguousarray(values, np.float32)]


def _choose_device(name: str, net: cv2.dnn.Net, device: str) -> None:
    if device == "cpu":
        return
    backend, target = cv2.dnn.DNN_BACKEND_CUDA, cv2.dnn.DNN_TARGET_CUDA
    if target not in cv2.dnn.getAvailableTargets(backend):
        raise DeviceUnavailable(
            f"{name} cannot run on {device}: this build of OpenCV has no CUDA, or there is no such device. "
            "Install an OpenCV that was built with CUDA, or leave the device at cpu."
        )
    net.setPreferableBackend(backend)
    net.setPreferableTarget(target)


def deploy_prototxt() -> str:
    """Return the deploy network as Caffe's prototxt text, layers named as in the published files."""
    layers, bottom = [_input()], "data_l"
    for block, (count, channels, last_stride, dilation) in enumerate(BLOCKS, start=1):
        for index in range(1, count + 1):
            name = "bw_conv1_1" if (block, index) == (1, 1) else f"conv{block}_{index}"
            stride = last_stride if index == count else 1
            layers += [_convolution(name, bottom, channels, stride=stride, dilation=dilation), _relu(name)]
            bottom = name
        norm = f"conv{block}_{count}norm"
        layers.append(
            _layer(norm, "BatchNorm", bottom, "batch_norm_param { use_global_stats: true eps: 1e-5 }")
        )
        bottom = norm
    return "\n".join(layers + _head(bottom))


def _head(bottom: str) -> list[str]:
    deconvolution = "kernel_size: 4 stride: 2 pad: 1"
    return [
        _layer("conv8_1", "Deconvolution", bottom, _convolution_param(DECODER_CHANNELS, deconvolution)),
        _relu("conv8_1"),
        _convolution("conv8_2", "conv8_1", DECODER_CHANNELS),
        _relu("conv8_2"),
        _convolution("conv8_3", "conv8_2", DECODER_CHANNELS),
        _relu("conv8_3"),
        _layer("conv8_313", "Convolution", "conv8_3", _convolution_param(BINS, "kernel_size: 1")),
        _layer("conv8_313_rh", "Scale", "conv8_313", "scale_param { bias_term: false }"),
        _layer("class8_313_rh", "Softmax", "conv8_313_rh"),
        _layer(
            "class8_ab",
            "Convolution",
            "class8_313_rh",
            _convolution_param(2, "kernel_size: 1 bias_term: false"),
        ),
    ]


def _input() -> str:
    return f'input: "data_l"\ninput_shape {{ dim: 1 dim: 1 dim: {SIDE} dim: {SIDE} }}'


def _layer(name: str, kind: str, bottom: str, parameters: str = "", top: str = "") -> str:
    return f'layer {{ name: "{name}" type: "{kind}" bottom: "{bottom}" top: "{top or name}" {parameters} }}'


def _relu(name: str) -> str:
    return _layer(f"{name}_relu", "ReLU", name, top=name)


def _convolution(name: str, bottom: str, channels: int, stride: int = 1, dilation: int = 1) -> str:
    window = f"kernel_size: 3 pad: {dilation} dilation: {dilation} stride: {stride}"
    return _layer(name, "Convolution", bottom, _convolution_param(channels, window))


def _convolution_param(channels: int, window: str) -> str:
    return f"convolution_param {{ num_output: {channels} {window} }}"
