"""The library in somebody else's process: it changes nothing there, and needs nothing that only Linux has."""

import os
import subprocess
import sys

import pytest
from photos import encode, gray_scene

STATE = """
import locale, logging, os, sys, threading, warnings
import cv2, numpy, PIL.Image

def state():
    loggers = {name: log for name, log in logging.Logger.manager.loggerDict.items()
               if isinstance(log, logging.Logger) and (log.level or log.handlers or not log.propagate)}
    return {
        "warnings": list(warnings.filters),
        "environment": dict(os.environ),
        "locale": locale.setlocale(locale.LC_ALL),
        "threads of OpenCV": cv2.getNumThreads(),
        "Pillow's limit": PIL.Image.MAX_IMAGE_PIXELS,
        "numpy's errors": numpy.geterr(),
        "root logger": (logging.root.level, list(logging.root.handlers)),
        "loggers": loggers,
        "umask, folder": (os.umask(0o22), os.getcwd()),
        "switches": (sys.getrecursionlimit(), sys.getswitchinterval(), sys.excepthook, threading.excepthook),
        "our files": sorted(os.listdir(os.environ["HOME"])),
    }
"""
USE = """
os.umask(0o22)
cv2.setNumThreads(3)
before = state()
import image_colorizer
from colorizer.process import memory
called, real = set(), memory._call
memory._call = lambda name, *rest: (called.add(name), real(name, *rest))
colorizer = image_colorizer.ImageColorizer()
colorizer.load()
colorizer.colorize("photo.jpg").save("a.jpg")
colorizer.colorize(numpy.zeros((2100, 2100), numpy.uint8)).save("a.png")
after = state()
for name, value in before.items():
    assert after[name] == value, (name, value, after[name])
assert called == {"malloc_trim"}, called
"""
BRINGS_LITTLE = """
import sys
import image_colorizer
image_colorizer.ImageColorizer().colorize("photo.jpg")
few_need = {"ssl", "sqlite3", "PIL.ImageDraw", "tifffile", "imagecodecs", "av"}
assert not few_need & set(sys.modules), few_need & set(sys.modules)
"""
ELSEWHERE = """
import sys
sys.modules["fcntl"] = None
import ctypes
def no_library(name, *rest, **more):
    if name is None:
        raise TypeError("expected str, bytes or os.PathLike object, not NoneType")
    raise OSError(name)
ctypes.CDLL = no_library
import importlib, pkgutil, warnings
warnings.filterwarnings("ignore", message="only soft file lock")  # Windows has a lock of its own
import colorizer, image_colorizer
for module in pkgutil.walk_packages(colorizer.__path__, "colorizer."):
    if not module.name.startswith(SERVICE):
        importlib.import_module(module.name)
image_colorizer.ImageColorizer().colorize("photo.jpg").save("a.jpg")
"""

# Runs where gunicorn and the locks of jobs do: on POSIX systems. Dask takes Windows' own locks where there is
# no fcntl, and this machine has neither then.
SERVICE = (
    *("colorizer.http", "colorizer.jobs", "colorizer.store", "colorizer.commands.worker"),
    *("colorizer.archive", "colorizer.commands.archive", "colorizer.__main__"),
    "colorizer.process.own_folder",  # gunicorn's
)


@pytest.fixture
def program(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(encode(gray_scene(), "JPEG"))
    (tmp_path / "home").mkdir()

    def run(code):
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home")}
        environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
        command = [sys.executable, "-W", "error", "-c", code]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done

    return run


def test_a_photo_brings_no_package_that_it_does_not_need(program):
    program(BRINGS_LITTLE)


def test_nothing_of_the_host_is_changed(program):
    done = program(STATE + USE)
    assert (done.stdout, done.stderr) == ("", "")


def test_it_works_where_there_is_neither_fcntl_nor_glibc(program):
    program(f"SERVICE = {SERVICE}" + ELSEWHERE)
