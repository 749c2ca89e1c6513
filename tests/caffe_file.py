"""Writes Caffe model files like Zhang's, with generated weights, byte by byte after caffe.proto.

NetParameter: field 100 = layer. LayerParameter: 1 = name, 2 = type, 7 = blobs. BlobProto: 5 = data (packed
float), 7 = shape. BlobShape: 1 = dim (packed int64).
"""

import numpy as np

from colorizer.strategies.zhang import BINS, BLOCKS, DECODER_CHANNELS

BATCH_NORM_FACTOR = 2.5  # divides the stored mean and variance; Caffe's own files have one other than 1


def scaled_tables(width: float) -> tuple:
    """Return zhang.BLOCKS and zhang.DECODER_CHANNELS with all channels times `width`."""
    blocks = tuple((count, round(channels * width), *rest) for count, channels, *rest in BLOCKS)
    return blocks, round(DECODER_CHANNELS * width)


def generate_blobs(width: float = 1.0, seed: int = 0, filled: bool = True) -> dict[str, list[np.ndarray]]:
    """Return blobs by layer name, channels times `width`; `filled` adds the last two layers' blobs."""
    random = np.random.default_rng(seed)
    blocks, decoder_channels = scaled_tables(width)
    blobs, inputs = {}, 1
    for block, (count, outputs, _, _) in enumerate(blocks, start=1):
        for index in range(1, count + 1):
            name = "bw_conv1_1" if (block, index) == (1, 1) else f"conv{block}_{index}"
            blobs[name] = _convolution(random, (outputs, inputs, 3, 3), 9 * inputs)
            inputs = outputs
        blobs[f"conv{block}_{count}norm"] = _batch_norm(random, outputs)
    outputs = decoder_channels
    blobs["conv8_1"] = _convolution(random, (inputs, outputs, 4, 4), 4 * inputs, outputs)
    blobs["conv8_2"] = _convolution(random, (outputs, outputs, 3, 3), 9 * outputs)
    blobs["conv8_3"] = _convolution(random, (outputs, outputs, 3, 3), 9 * outputs)
    blobs["conv8_313"] = _convolution(random, (BINS, outputs, 1, 1), 500 * outputs)  # not too sure of itself
    if filled:
        blobs["conv8_313_rh"] = [np.zeros(BINS, np.float32)]
        blobs["class8_ab"] = [np.zeros((2, BINS, 1, 1), np.float32), np.zeros(2, np.float32)]
    return blobs


def _convolution(random, shape, fan_in, biases=None):
    scale = np.float32(np.sqrt(2 / fan_in))
    weights = random.standard_normal(shape, np.float32) * scale
    return [weights, random.standard_normal(biases or shape[0], np.float32) * np.float32(0.1)]


def _batch_norm(random, channels):
    mean = random.uniform(0.2, 0.6, channels).astype(np.float32)
    variance = random.uniform(0.5, 1.5, channels).astype(np.float32)
    factor = np.array([BATCH_NORM_FACTOR], np.float32)
    return [mean * factor, variance * factor, factor]


def encode_caffe(blobs: dict[str, list[np.ndarray]]) -> bytes:
    """Return the bytes of a .caffemodel file."""
    return b"".join(_field(100, _layer(name, arrays)) for name, arrays in blobs.items())


def _layer(name, arrays):
    kind = {"norm": "BatchNorm", "nv8_1": "Deconvolution", "13_rh": "Scale"}
    kind = next((value for ending, value in kind.items() if name.endswith(ending)), "Convolution")
    head = _field(1, name.encode()) + _field(2, kind.encode())
    return head + b"".join(_field(7, _blob(array)) for array in arrays)


def _blob(array):
    dims = b"".join(_varint(side) for side in array.shape)
    return _field(5, array.astype("<f4").tobytes()) + _field(7, _field(1, dims))


def _field(number, payload):
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _varint(value):
    encoded = bytearray()
    while value > 127:
        encoded.append(value & 127 | 128)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)
