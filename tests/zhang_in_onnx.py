"""Zhang's deploy network a second time, as an ONNX graph run by ONNX Runtime: nothing is shared with OpenCV.

Written from the description of the network, layer by layer, over the blobs of a Caffe file.
"""

import numpy as np
import onnxruntime
from onnx_files import Graph

from colorizer.color.ab_bins import CENTRES

# /2 is stride 2, ~2 is dilation 2
LAYERS = """
bw_conv1_1 conv1_2/2 conv1_2norm
conv2_1 conv2_2/2 conv2_2norm
conv3_1 conv3_2 conv3_3/2 conv3_3norm
conv4_1 conv4_2 conv4_3 conv4_3norm
conv5_1~2 conv5_2~2 conv5_3~2 conv5_3norm
conv6_1~2 conv6_2~2 conv6_3~2 conv6_3norm
conv7_1 conv7_2 conv7_3 conv7_3norm
"""


def forward(blobs: dict[str, list[np.ndarray]], lightness: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return ab (56, 56, 2) and probabilities (56, 56, 313) for L* (224, 224)."""
    session = onnxruntime.InferenceSession(encode(blobs), providers=["CPUExecutionProvider"])
    ab, probabilities = session.run(["ab", "probabilities"], {"lightness": lightness[None, None]})
    return ab[0].transpose(1, 2, 0), probabilities[0].transpose(1, 2, 0)


def encode(blobs: dict[str, list[np.ndarray]]) -> bytes:
    """Return the bytes of the network's ONNX file."""
    graph = Graph()
    x = graph.node("Sub", "lightness", graph.constant(50.0))
    for layer in LAYERS.split():
        name, stride, dilation = layer[:-2] if layer[-2] in "/~" else layer, "/2" in layer, "~2" in layer
        if name.endswith("norm"):
            x = _norm(graph, x, blobs[name])
        else:
            x = _relu_of(graph, x, blobs[name], stride, dilation)
    up = {"kind": "ConvTranspose", "strides": [2, 2], "pads": [1] * 4}
    x = graph.node("Relu", _weighted(graph, x, blobs["conv8_1"], **up))
    x = _relu_of(graph, x, blobs["conv8_2"])
    x = _relu_of(graph, x, blobs["conv8_3"])
    x = _weighted(graph, x, blobs["conv8_313"])
    x = graph.node("Mul", x, graph.constant(2.606))
    x = graph.node("Softmax", x, axis=1, output="probabilities")
    graph.node("Conv", x, graph.constant(CENTRES.T.reshape(2, 313, 1, 1)), output="ab")
    outputs = {"ab": [1, 2, 56, 56], "probabilities": [1, 313, 56, 56]}
    return graph.encode({"lightness": [1, 1, 224, 224]}, outputs)


def _relu_of(graph, x, blobs, strided=False, dilated=False):
    dilation, stride = 2 if dilated else 1, 2 if strided else 1
    window = {"pads": [dilation] * 4, "dilations": [dilation] * 2, "strides": [stride] * 2}
    return graph.node("Relu", _weighted(graph, x, blobs, **window))


def _weighted(graph, x, blobs, kind="Conv", **window):
    return graph.node(kind, x, *(graph.constant(blob) for blob in blobs), **window)


def _norm(graph, x, blobs):
    mean, variance, factor = blobs
    shift = (mean / factor).reshape(1, -1, 1, 1)
    spread = np.sqrt(variance / factor + 1e-5).reshape(1, -1, 1, 1)
    return graph.node("Div", graph.node("Sub", x, graph.constant(shift)), graph.constant(spread))
