"""Small ONNX networks with the signatures of the real ones and generated weights."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from colorizer.color.ab_bins import ANNEALING, CENTRES

OPSET, IR_VERSION = 17, 8
HIDDEN = 8  # channels of the small networks


class Graph:
    """Collects nodes and weights; each method adds a node and returns the name of its output."""

    def __init__(self, seed=0):
        self.random = np.random.default_rng(seed)
        self.nodes, self.weights = [], []

    def node(self, kind, *inputs, output=None, **attributes):
        output = output or f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, values, dtype=np.float32):
        name = f"weights_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values, dtype), name))
        return name

    def convolution(self, source, shape, kind="Conv", scale=1.0, dtype=np.float32, **attributes):
        fan_in = shape[1] * shape[2] * shape[3]
        kernel = self.random.standard_normal(shape) * scale / np.sqrt(fan_in)
        return self.node(kind, source, self.constant(kernel, dtype), **attributes)

    def encode(self, inputs, outputs, dtype=TensorProto.FLOAT, metadata=None):
        """Return the file's bytes; inputs and outputs are shapes by name, a string stands for a free side."""
        sides = [
            [helper.make_tensor_value_info(name, dtype, shape) for name, shape in side.items()]
            for side in (inputs, outputs)
        ]
        graph = helper.make_graph(self.nodes, "generated", *sides, self.weights)
        opset = [helper.make_opsetid("", OPSET)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION)
        helper.set_model_props(model, metadata or {})
        onnx.checker.check_model(model)
        return model.SerializeToString()


def colornet_onnx(side=64, seed=0):
    """Return a network that looks at each 4x4 cell alone (and at the whole for the scene)."""
    graph = Graph(seed)
    scaled = graph.node("Mul", "lightness", graph.constant(0.02))
    hints = graph.node("Mul", "hints", graph.constant(np.array([0.02, 0.02, 1.0]).reshape(1, 3, 1, 1)))
    planes = graph.node("Concat", scaled, hints, axis=1)
    cells = graph.node("AveragePool", planes, kernel_shape=[4, 4], strides=[4, 4])
    hidden = graph.node("Tanh", graph.convolution(cells, (HIDDEN, 4, 1, 1), scale=2.0))
    logits = graph.convolution(hidden, (313, HIDDEN, 1, 1), scale=2.0, output="logits")
    graph.node("ReduceMax", graph.node("Softmax", logits, axis=1), output="confidence", axes=[1], keepdims=1)
    annealed = graph.node("Softmax", graph.node("Div", logits, graph.constant(ANNEALING)), axis=1)
    centres = graph.constant(CENTRES.T.reshape(2, 313, 1, 1))
    graph.node("Conv", annealed, centres, output="ab")
    whole = graph.node("GlobalAveragePool", hidden)
    scene = graph.node("Flatten", graph.convolution(whole, (5, HIDDEN, 1, 1)))
    graph.node("Softmax", scene, output="scene", axis=1)
    blocks = graph.node("AveragePool", hidden, kernel_shape=[4, 4], strides=[4, 4])
    graph.node("Identity", blocks, output="features")
    full, grid = ["H", "W"], ["h", "w"]
    return graph.encode(
        {"lightness": ["N", 1, *full], "hints": ["N", 3, *full]},
        {
            "ab": ["N", 2, *grid],
            "confidence": ["N", 1, *grid],
            "logits": ["N", 313, *grid],
            "scene": ["N", 5],
            "features": ["N", HIDDEN, "h/4", "w/4"],
        },
        metadata={"shown_side": str(side)},
    )


def zeruniverse_onnx(channels=128, seed=0):
    """Return a network of the generator's shape; 128 channels are the real one's."""
    graph, quarter, half = Graph(seed), channels // 4, channels // 2
    border = graph.constant([0, 0, 40, 40, 0, 0, 40, 40], np.int64)
    x = graph.node("Pad", "luma", border, mode="reflect")
    x = graph.node("Relu", graph.convolution(x, (quarter, 1, 9, 9), pads=[4] * 4))
    x = graph.node("Relu", graph.convolution(x, (half, quarter, 3, 3), pads=[1] * 4, strides=[2, 2]))
    x = graph.node("Relu", graph.convolution(x, (channels, half, 3, 3), pads=[1] * 4, strides=[2, 2]))
    starts, ends, axes = (graph.constant(values, np.int64) for values in ([2, 2], [-2, -2], [2, 3]))
    for _ in range(5):
        inner = graph.node("Relu", graph.convolution(x, (channels, channels, 3, 3)))
        inner = graph.convolution(inner, (channels, channels, 3, 3), scale=0.3)
        x = graph.node("Add", graph.node("Slice", x, starts, ends, axes), inner)
    up = {"kind": "ConvTranspose", "pads": [1] * 4, "strides": [2, 2], "output_padding": [1, 1]}
    x = graph.node("Relu", graph.convolution(x, (channels, half, 3, 3), **up))
    x = graph.node("Relu", graph.convolution(x, (half, quarter, 3, 3), **up))
    x = graph.node("Tanh", graph.convolution(x, (2, quarter, 9, 9), pads=[4] * 4))
    graph.node("Mul", x, graph.constant(np.array([0.436, 0.615]).reshape(1, 2, 1, 1)), output="uv")
    return graph.encode({"luma": ["N", 1, "H", "W"]}, {"uv": ["N", 2, "H", "W"]})


def ddcolor_onnx(side=512, dtype=np.float32, seed=0):
    """Return a network from gray RGB to ab, at one size, in float32 or float16."""
    graph = Graph(seed)
    hidden = graph.node(
        "Tanh", graph.convolution("input", (HIDDEN, 3, 3, 3), dtype=dtype, scale=2, pads=[1] * 4)
    )
    ab = graph.convolution(hidden, (2, HIDDEN, 3, 3), dtype=dtype, pads=[1] * 4)
    graph.node("Mul", ab, graph.constant(150.0, dtype), output="output")  # well outside the gamut at times
    shapes = {"input": [1, 3, side, side]}, {"output": [1, 2, side, side]}
    return graph.encode(*shapes, dtype=helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))
