"""What a photo may come as: the bytes of its file, a path, an open file, an array, an image of Pillow."""

import os
from typing import Any, BinaryIO

import numpy as np
from PIL import Image

from colorizer.errors import NotAPhoto, PhotoError

FileSource = bytes | bytearray | memoryview | str | os.PathLike[str] | BinaryIO  # a str is a path
Source = FileSource | np.ndarray | Image.Image
FLOATS = (np.float32, np.float64)
DEEPEST = 65535  # what 1.0 becomes inside
FLOAT_NOISE = 1e-3  # beyond 0 and 1; sums of weights are seldom exact


def read_source(source: FileSource) -> bytes:
    """Return the bytes of a photo's file; raises PhotoError where it cannot be read, NotAPhoto for others."""
    if isinstance(source, bytes):
        return source
    if isinstance(source, bytearray | memoryview):
        return bytes(source)
    try:
        if isinstance(source, str | os.PathLike):
            with open(source, "rb") as file:
                return file.read()
        return _read(source)
    except OSError as error:
        raise PhotoError(f"The file cannot be read: {error.strerror}.") from error


def _read(file: BinaryIO) -> bytes:
    if not hasattr(file, "read"):
        raise NotAPhoto(
            f"A photo is the bytes of a file, its path, an open file, an array or an image of Pillow;"
            f" this is a {type(file).__name__}."
        )
    data = file.read()
    if not isinstance(data, bytes):
        raise NotAPhoto('The file is open as text. Open it with open(path, "rb").')
    return data


def check_array(array: np.ndarray) -> None:
    """Raise NotAPhoto, with how to convert it, where an array is none that `samples_of` takes."""
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (1, 3, 4))) or not array.size:
        raise NotAPhoto(f"The array is of shape {array.shape}; {_advice(array)}.")
    if array.dtype not in (np.uint8, np.uint16, *FLOATS):
        raise NotAPhoto(
            f"The array is of {array.dtype}; uint8, uint16, or float32 or float64 of 0 to 1 is expected."
            " Convert it with array.astype(...), scaled to the range of the new type."
        )


def samples_of(array: np.ndarray) -> np.ndarray:
    """Return an array as uint8 or uint16 samples: gray (h, w), RGB (h, w, 3) or RGBA (h, w, 4).

    array: those, or gray (h, w, 1); uint8, uint16, or float32 or float64 of 0 to 1, which become uint16.
    Raises NotAPhoto where floats are beyond 0 and 1.
    """
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    return _deep_of_floats(array) if array.dtype in FLOATS else array


def _advice(array: np.ndarray) -> str:
    if array.ndim == 3 and array.shape[0] in (1, 3, 4) and array.size:
        return "put the channels last, with np.moveaxis(array, 0, -1)"
    if array.ndim == 4 and array.size:
        return "give one photo at a time, as array[0]"
    return "(h, w), (h, w, 1), (h, w, 3) or (h, w, 4) is expected"


def _deep_of_floats(array: np.ndarray) -> np.ndarray:
    low, high = float(array.min()), float(array.max())
    if not (low >= -FLOAT_NOISE and high <= 1 + FLOAT_NOISE):  # also where there is a NaN
        raise NotAPhoto(
            f"The array's values go from {low:g} to {high:g}; floats are expected to be 0 to 1."
            " Divide them by the largest value that there can be, as 255."
        )
    levels: np.ndarray = np.rint(array.clip(0, 1) * DEEPEST)
    return levels.astype(np.uint16)


def samples_as(pixels: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
    """Return uint8 or uint16 pixels as the caller's kind of samples: floats of 0 to 1 where it gave such."""
    if dtype == pixels.dtype:
        return pixels
    shares: np.ndarray = pixels / DEEPEST
    return shares.astype(dtype)
