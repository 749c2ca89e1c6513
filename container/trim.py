"""Takes out of a folder of installed packages what the service never loads: python3 container/trim.py FOLDER.

It needs binutils, patchelf, tcc, and Debian's liblapack3.
"""

import re
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from os.path import relpath
from pathlib import Path

# Tools, tests, training, types, and what others' code is compiled with.
UNUSED = (
    *("bin", "**/__pycache__", "**/tests", "**/*.a", "**/*.c", "**/*.h", "**/*.pxd", "**/*.pyi", "**/*.pyx"),
    *("cv2/data", "numpy/distutils", "numpy/f2py", "sqlalchemy/testing"),
    *(f"onnxruntime/{name}" for name in ("datasets", "quantization", "tools", "transformers")),
    "onnxruntime/capi/libonnxruntime.so*",  # for C programs: Python's module has all of it inside
    "PIL/_imagingtk.*",  # windows
)
# What TIFF files are packed with (colorizer/photo/tiff_file.py), LittleCMS, and what these share.
CODECS = (
    *("ccitt", "cms", "deflate", "imcd", "jpeg8", "jpegsof3", "ljpeg", "lzma", "shared", "shared_cython"),
    *("tiff", "zlib", "zstd"),
)
# Binaries with their sources' symbols. Of others, as in *.libs, patchelf has moved parts: strip breaks them.
WITH_SYMBOLS = (
    *("av/**/*.so", "greenlet/*.so", "imagecodecs/*.so", "obstore/*.so", "PIL/*.so", "sqlalchemy/**/*.so"),
    *("wrapt/*.so", "yaml/*.so"),
)
LIBRARY = re.compile(
    r"(lib[\w-]+?)(?:-[0-9a-f]{8})+\.so([.0-9]*)"
)  # as auditwheel names what wheels bring along
OPENCV, FFMPEG, POSTGRESQL = "opencv_python_headless.libs", "av.libs", "psycopg_binary.libs"
Replacements = dict[str, Path]  # a library's name, and the one that serves in its place


def trim(folder: Path) -> None:
    """Take out what nobody loads, in place."""
    for path in [*_found(folder, UNUSED), *_other_codecs(folder)]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    for path in _found(folder, WITH_SYMBOLS):
        subprocess.run(["strip", "--strip-unneeded", path], check=True)
    for replacements in (_twins, _debian_openssl, _plain_algebra, _no_x265):
        _replace(folder, replacements(folder))
    _drop_libraries(folder)


def _found(folder: Path, patterns: Iterable[str]) -> Iterator[Path]:
    for pattern in patterns:
        yield from folder.glob(pattern)


def _other_codecs(folder: Path) -> Iterator[Path]:
    for path in folder.glob("imagecodecs/_*.so"):
        if path.name.split(".")[0].removeprefix("_") not in CODECS:
            yield path


def _twins(folder: Path) -> Replacements:
    """Where packages bring the same version of a library, let one copy serve all, rather not OpenCV's."""
    copies = defaultdict(list)
    for path in sorted(folder.glob("*.libs/*"), key=lambda path: (path.parent.name == OPENCV, path)):
        if found := LIBRARY.fullmatch(path.name):
            copies[found.groups()].append(path)
    for _, *others in copies.values():
        for other in others:
            other.unlink()
    return {other.name: first for first, *others in copies.values() for other in others}


def _debian_openssl(folder: Path) -> Replacements:
    """Let psycopg use the OpenSSL that Python uses, and that Debian mends."""
    bundled = [*folder.glob(f"{POSTGRESQL}/libssl-*.so.3"), *folder.glob(f"{POSTGRESQL}/libcrypto-*.so.3")]
    return {path.name: Path(path.name.partition("-")[0] + ".so.3") for path in bundled}


def _plain_algebra(folder: Path) -> Replacements:
    """Give OpenCV the reference LAPACK: OpenBLAS is five times as large, and only quicker."""
    debian = Path("/usr/lib")
    found = [*debian.glob("*/lapack/liblapack.so.3"), *debian.glob("*/blas/libblas.so.3")]
    copies = {path.name: Path(shutil.copy(path, folder / OPENCV)) for path in found}
    (fortran,) = folder.glob("numpy.libs/libgfortran-*")
    (openblas,) = folder.glob(f"{OPENCV}/libopenblas*")
    return {**copies, openblas.name: copies["liblapack.so.3"], "libgfortran.so.5": fortran}


def _no_x265(folder: Path) -> Replacements:
    """Take the encoder of H.265 out, which no job asks for: what FFmpeg finds says that it can do nothing."""
    (x265,), (codecs,) = folder.glob(f"{FFMPEG}/libx265-*"), folder.glob(f"{FFMPEG}/libavcodec-*")
    asked = _symbols(x265, "--defined-only") & _symbols(codecs, "--undefined-only")
    source = [f"void *{name}(void) {{ return 0; }}\n" for name in asked]
    none = x265.with_name("libx265-none.so")
    build = ["tcc", "-shared", "-nostdlib", f"-Wl,-soname={none.name}", "-o", none, "-"]
    subprocess.run(build, input="".join(source), text=True, check=True)
    return {x265.name: none}


def _symbols(path: Path, which: str) -> set[str]:
    return {line.split()[0] for line in _said("nm", "--dynamic", "--format=posix", which, path).splitlines()}


def _replace(folder: Path, replacements: Replacements) -> None:
    """Let all binaries load the one in the place of the other."""
    for path in _binaries(folder):
        changed = {name: replacements[name] for name in _needed(path) if name in replacements}
        for name, new in changed.items():
            subprocess.run(["patchelf", "--replace-needed", name, new.name, path], check=True)
        for there in {relpath(new.parent, path.parent) for new in changed.values() if new.is_absolute()}:
            # As an RPATH, which holds for what the other needs too.
            subprocess.run(["patchelf", "--force-rpath", "--add-rpath", f"$ORIGIN/{there}", path], check=True)


def _drop_libraries(folder: Path) -> None:
    """Delete the libraries that no module needs any more, nor what a module needs."""
    libraries = {path.name: path for path in folder.glob("*.libs/*")}
    waiting = [path for path in _binaries(folder) if path.name not in libraries]
    while waiting:
        waiting += [libraries.pop(name) for name in _needed(waiting.pop()) if name in libraries]
    for path in libraries.values():
        path.unlink()


def _binaries(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.so*") if path.is_file() and not path.is_symlink()]


def _needed(path: Path) -> list[str]:
    """Return the names of the libraries that a binary asks for."""
    return re.findall(r"\(NEEDED\).*\[(.+)\]", _said("readelf", "--dynamic", path))


def _said(*command: str | Path) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


if __name__ == "__main__":
    trim(Path(sys.argv[1]).resolve())
