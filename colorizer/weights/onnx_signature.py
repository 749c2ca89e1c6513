"""What an ONNX file looks like inside, held against what the manifest says it must be.

ONNX Runtime tells the inputs and outputs, but not the shapes of the parameters. Those are read from the file
itself, a protocol buffer: ModelProto.graph (7) . GraphProto.initializer (5) . TensorProto.dims (1).
"""

from collections.abc import Iterable, Iterator

from colorizer.errors import WeightsDamaged
from colorizer.process.onnx_runtime import onnxruntime
from colorizer.weights.manifest import Shapes, Signature

GRAPH, INITIALIZER, DIMS = 7, 5, 1
VARINT = 0  # a wire type
FIXED_SIZES = {1: 8, 5: 4}  # wire type: bytes; what is left begins with its length


def check_signature(data: bytes, expected: Signature) -> None:
    """Raise WeightsDamaged, saying what differs, unless the ONNX file's bytes match the signature."""
    inputs, outputs = _read_ends(data)
    for kind, found, wanted in (("inputs", inputs, expected.inputs), ("outputs", outputs, expected.outputs)):
        if found != dict(wanted):
            raise WeightsDamaged(f"its {kind} are {_describe(found)}, expected {_describe(wanted)}")
    if expected.parameters and kernel_shapes(data) != expected.parameters:
        raise WeightsDamaged("its convolutions do not have the shapes of this network")


def kernel_shapes(data: bytes) -> tuple[tuple[int, ...], ...]:
    """Return the sorted shapes of all convolution kernels larger than 1x1 in an ONNX file.

    The other parameters (biases, constants) may be stored in many ways by those who convert networks.
    """
    shapes = (
        _dims(tensor)
        for graph in _submessages(memoryview(data), GRAPH)
        for tensor in _submessages(graph, INITIALIZER)
    )
    return tuple(sorted(shape for shape in shapes if len(shape) == 4 and min(shape[2:]) > 1))


def _read_ends(data: bytes) -> tuple[Shapes, Shapes]:
    """Return the shapes by name of inputs and outputs, None for a free side."""
    try:
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime's errors have no common base but this
        raise WeightsDamaged("it is not an ONNX network that can be loaded") from error
    return _shapes(session.get_inputs()), _shapes(session.get_outputs())


def _shapes(ends: Iterable[onnxruntime.NodeArg]) -> Shapes:
    return {item.name: tuple(side if isinstance(side, int) else None for side in item.shape) for item in ends}


def _describe(shapes: Shapes) -> str:
    sides = {
        name: ", ".join("any" if side is None else str(side) for side in shape)
        for name, shape in shapes.items()
    }
    return " and ".join(f"{name} [{listed}]" for name, listed in sides.items())


def _dims(tensor: memoryview) -> tuple[int, ...]:
    """Return the dims of a TensorProto, which writers store one by one or packed."""
    dims: list[int] = []
    for number, value in _fields(tensor):
        if number == DIMS:
            dims += [value] if isinstance(value, int) else _varints(value)
    return tuple(dims)


def _submessages(message: memoryview, wanted: int) -> Iterator[memoryview]:
    for number, value in _fields(message):
        if number == wanted and not isinstance(value, int):
            yield value


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield (field number, value) of a protocol buffer message: an int, or the bytes of what has a length."""
    position = 0
    while position < len(message):
        tag, position = _varint(message, position)
        if tag & 7 == VARINT:
            number, position = _varint(message, position)
            yield tag >> 3, number
            continue
        size = FIXED_SIZES.get(tag & 7)
        if size is None:
            size, position = _varint(message, position)
        yield tag >> 3, message[position : position + size]
        position += size


def _varints(packed: memoryview) -> Iterator[int]:
    position = 0
    while position < len(packed):
        value, position = _varint(packed, position)
        yield value


def _varint(message: memoryview, position: int) -> tuple[int, int]:
    """Return the number at `position`, seven bits a byte, lowest first, and the position after it."""
    value = shift = 0
    while True:
        byte = message[position]
        value |= (byte & 127) << shift
        position, shift = position + 1, shift + 7
        if byte < 128:
            return value, position
