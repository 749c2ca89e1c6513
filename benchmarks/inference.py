"""Each network alone: OpenCV against ONNX Runtime, one thread and two, smaller numbers, and what they cost.

    python -m benchmarks.inference [--data DIR] [--json]

"ab error" is the root mean square difference of the predicted ab from the photos' own, averaged down to the
network's grid (gray: ab = 0): it shows what a variant loses in quality. Zhang's network has generated
weights, so that its colours, and their error, mean nothing.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import onnx
import onnxruntime
import zhang_in_onnx
from caffe_file import generate_blobs
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process
from onnxruntime.transformers.float16 import convert_float_to_float16

from benchmarks.photos import color_photos
from benchmarks.reference import CAFFEMODEL, generated_models
from benchmarks.report import argument_parser, median_ms, show
from colorizer.color.chroma import lightness_shown
from colorizer.color.lab import rgb_to_lab
from colorizer.process.resources import resource_folder
from colorizer.strategies.registry import create_strategy

COLORNET = resource_folder("models") / "colornet.onnx"
SIDE = 224  # Zhang's
CALIBRATION_PHOTOS = 24
HEADS = 4  # the last convolutions stay in floats: with them in bytes the colours are gone

Run = Callable[[np.ndarray], np.ndarray]  # lightness (h, w) to ab (2, h, w)


def main(arguments: list[str]) -> None:
    """Measure all variants, and print the table."""
    parser = argument_parser(__doc__)
    parser.add_argument("--data", type=Path, help="a folder of photos or zip files (default: sample photos)")
    parser.add_argument("--most", type=int, default=100, help="photos of it to use (default: 100)")
    options = parser.parse_args(arguments)
    pairs = list(_shown_and_true(options.data, options.most))
    rows = [{"network": "gray", "ab error": _error(lambda lightness: np.zeros((2, 1, 1), np.float32), pairs)}]
    with tempfile.TemporaryDirectory() as folder:
        for name, make in _variants(Path(folder), pairs).items():
            rows.append(_measure(name, make, pairs, options.seconds))
            print(rows[-1], file=sys.stderr)
    show("inference", rows, options.json)


def _measure(name: str, make: Callable[[int], Run], pairs: list, seconds: float) -> dict[str, object]:
    """Return a row: milliseconds on one and two threads, and the error."""
    milliseconds = {}
    for threads in (1, 2):
        cv2.setNumThreads(threads)
        run = make(threads)
        milliseconds[f"ms, {threads} thread"] = median_ms({"run": lambda run=run: run(pairs[0][0])}, seconds)[
            "run"
        ]
    error = "" if name.startswith("richzhang") else _error(run, pairs)
    return {"network": name, **milliseconds, "ab error": error}


def _variants(folder: Path, pairs: list) -> dict[str, Callable[[int], Run]]:
    """Return, by name, what makes each variant for a number of threads."""
    half, bytes_ = folder / "half.onnx", folder / "bytes.onnx"
    _write_half(half)
    _quantize(bytes_, folder, pairs)
    return {
        "colornet, ONNX Runtime": lambda threads: _onnx_runtime(COLORNET, threads),
        "colornet, ONNX Runtime, fp16": lambda threads: _onnx_runtime(half, threads),
        "colornet, ONNX Runtime, int8 but for the heads": lambda threads: _onnx_runtime(bytes_, threads),
        "richzhang, ONNX Runtime": lambda threads: _zhang_onnx_runtime(folder, threads),
        "richzhang, OpenCV": lambda threads: _opencv_caffe(winograd=False),
        "richzhang, OpenCV, Winograd": lambda threads: _opencv_caffe(winograd=True),
    }


def _shown_and_true(data: Path | None, most: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the lightness that colornet is shown of a photo, and the photo's own ab on its grid."""
    colornet = create_strategy("colornet")
    colornet.load()
    for photo in color_photos(data, most):
        lightness = lightness_shown(photo, *colornet.network_size(photo.shape[1], photo.shape[0]))
        grid = (lightness.shape[1] // 4, lightness.shape[0] // 4)
        ab = cv2.resize(rgb_to_lab(photo)[..., 1:].copy(), grid, interpolation=cv2.INTER_AREA)
        yield lightness, ab.transpose(2, 0, 1)


def _error(run: Run, pairs: list) -> float:
    return float(np.sqrt(np.mean([np.square(run(lightness) - ab).mean() for lightness, ab in pairs])))


def _inputs(lightness: np.ndarray) -> dict[str, np.ndarray]:
    return {"lightness": lightness[None, None], "hints": np.zeros((1, 3, *lightness.shape), np.float32)}


def _onnx_runtime(path: Path, threads: int) -> Run:
    session = _session(path, threads)
    return lambda lightness: session.run(["ab"], _inputs(lightness))[0][0]


def _session(path: Path, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])


def _zhang_onnx_runtime(folder: Path, threads: int) -> Run:
    path = folder / "zhang.onnx"
    path.write_bytes(zhang_in_onnx.encode(generate_blobs()))
    session = _session(path, threads)
    return lambda lightness: session.run(
        ["ab"], {"lightness": cv2.resize(lightness, (SIDE, SIDE))[None, None]}
    )[0][0]


def _opencv_caffe(winograd: bool) -> Run:
    models = generated_models()
    net = cv2.dnn.readNetFromCaffe(str(models / "deploy.prototxt"), str(models / CAFFEMODEL))
    net.enableWinograd(winograd)

    def run(lightness: np.ndarray) -> np.ndarray:
        net.setInput(cv2.resize(lightness, (SIDE, SIDE))[None, None] - 50)
        return net.forward("class8_ab")[0]

    return run


def _write_half(path: Path) -> None:
    onnx.save(convert_float_to_float16(onnx.load(COLORNET), keep_io_types=True, op_block_list=[]), path)


def _quantize(path: Path, folder: Path, pairs: list) -> None:
    """Write colornet in 8-bit integers, their ranges taken from what the first photos need."""

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self._inputs = iter([_inputs(lightness) for lightness, _ in pairs[:CALIBRATION_PHOTOS]])

        def get_next(self) -> dict[str, np.ndarray] | None:
            return next(self._inputs, None)

    prepared = folder / "prepared.onnx"
    quant_pre_process(str(COLORNET), str(prepared), skip_symbolic_shape=True)
    convolutions = [node.name for node in onnx.load(prepared).graph.node if node.op_type == "Conv"]
    options = {"op_types_to_quantize": ["Conv"], "nodes_to_exclude": convolutions[-HEADS:]}
    quantize_static(prepared, path, Reader(), quant_format=QuantFormat.QDQ, per_channel=True, **options)


if __name__ == "__main__":
    main(sys.argv[1:])
