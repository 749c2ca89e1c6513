"""Takes out of a folder of installed packages what the service never loads: python3 container/trim.py FOLDER.

It needs binutils and patchelf.
"""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

# Tools, tests, training, types, and what others' code is compiled with.
UNUSED = (
    *("bin", "**/__pycache__", "**/tests", "**/*.a", "**/*.c", "**/*.h", "**/*.pxd", "**/*.pyi", "**/*.pyx"),
    *("cv2/data", "numpy/distutils", "numpy/f2py", "sqlalchemy/testing"),
    *(f"onnxruntime/{name}" for name in ("datasets", "quantization", "tools", "transformers")),
    "onnxruntime/capi/libonnxruntime.so*",  # for C programs: Python's module has all of it inside
    "PIL/_imagingft.*",  # fonts
    "PIL/_imagingtk.*",  # windows
)
# What TIFF files are packed with (colorizer/photo/tiff_file.py), LittleCMS, and what these share.
CODECS = (
    *("ccitt", "cms", "deflate", "imcd", "jpeg8", "jpegsof3", "ljpeg", "lzma", "shared", "shared_cython"),
    *("tiff", "zlib", "zstd"),
)
# Binaries with their sources' symbols. Of others, as in *.libs, patchelf has moved parts: strip breaks them.
WITH_SYMBOLS = ("av/**/*.so", "imagecodecs/*.so", "obstore/*.so", "sqlalchemy/**/*.so")
# OpenCV and PyAV each bring FFmpeg; where both have the same version, one copy serves both.
OPENCV, FFMPEG = "cv2/cv2.abi3.so", "av.libs"
LIBRARY = re.compile(r"(lib\w+)-[0-9a-f]{8}\.so(\.[0-9.]+)")


def trim(folder: Path) -> None:
    """Take out what nobody loads, in place."""
    for path in [*_found(folder, UNUSED), *_other_codecs(folder)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    _share_ffmpeg(folder)
    _drop_libraries(folder)
    for path in _found(folder, WITH_SYMBOLS):
        subprocess.run(["strip", "--strip-unneeded", path], check=True)


def _found(folder: Path, patterns: Iterable[str]) -> Iterator[Path]:
    for pattern in patterns:
        yield from folder.glob(pattern)


def _other_codecs(folder: Path) -> Iterator[Path]:
    for path in folder.glob("imagecodecs/_*.so"):
        if path.name.split(".")[0].removeprefix("_") not in CODECS:
            yield path


def _share_ffmpeg(folder: Path) -> None:
    """Let OpenCV load PyAV's copies of the libraries that it has the same version of."""
    module = folder / OPENCV
    theirs = {found.groups(): path.name for path, found in _versions(folder / FFMPEG)}
    for name in _needed(module):
        found = LIBRARY.fullmatch(name)
        if found and found.groups() in theirs and found[1].startswith(("libav", "libsw")):
            twin = theirs[found.groups()]
            subprocess.run(["patchelf", "--replace-needed", name, twin, module], check=True)
            subprocess.run(["patchelf", "--add-rpath", f"$ORIGIN/../{FFMPEG}", module], check=True)


def _versions(folder: Path) -> Iterator[tuple[Path, re.Match[str]]]:
    for path in folder.glob("*"):
        if found := LIBRARY.fullmatch(path.name):
            yield path, found


def _drop_libraries(folder: Path) -> None:
    """Delete the libraries that no binary needs any more, until there are none."""
    while True:
        needed = {name for path in _binaries(folder) for name in _needed(path)}
        unused = [path for path in folder.glob("*.libs/*") if path.name not in needed]
        if not unused:
            return
        for path in unused:
            path.unlink()


def _binaries(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.so*") if path.is_file() and not path.is_symlink()]


def _needed(path: Path) -> list[str]:
    """Return the names of the libraries that a binary asks for."""
    said = subprocess.run(["readelf", "--dynamic", path], check=True, capture_output=True, text=True).stdout
    return re.findall(r"\(NEEDED\).*\[(.+)\]", said)


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
