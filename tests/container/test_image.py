"""The Containerfile, built by buildah on a base of our own, and the image run as its own configuration says.

`make test-container` runs it: it takes a minute or two, needs root, and the packages buildah and mmdebstrap.
"""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
from films import Clip
from serving import ROOT, Server, free_port, gray_photo, multipart, running

pytestmark = pytest.mark.skipif("CONTAINER" not in os.environ, reason="make test-container runs it")

LARGEST = 350e6  # bytes; docs/deploy.md says what is in them
# What debian:bookworm-slim leaves out of Debian.
LEFT_OUT = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "info", "locale", "man")]
# Runs a command in a folder of an image that is read-only, but for what container engines let be written.
INSIDE = """
set -e
root=$1 kept=$2 folder=$3 user=$4; shift 4
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
mount --bind "$kept" "$root/kept"
exec unshare --root="$root" --wd="$folder" --setuid="${user%:*}" --setgid="${user#*:}" "$@"
"""


class Image:
    """The built image, unpacked in a folder. config: what it says of how to run it."""

    def __init__(self, folder: Path, buildah) -> None:
        self.folder, self.buildah = folder, buildah
        self.config = json.loads(buildah("inspect", "--type", "image", "colorizer"))["Docker"]["config"]
        self.root = buildah("mount", buildah("from", "colorizer"))
        self.kept = folder / "kept"
        self.kept.mkdir()
        uid, gid = map(int, self.config["User"].split(":"))
        os.chown(self.kept, uid, gid)

    def start(self, *command: str, **environ: str) -> subprocess.Popen:
        """Run a command inside, with the variables of the image and no others but those given."""
        where = [self.root, self.kept, self.config["WorkingDir"], self.config["User"]]
        run = ["unshare", "--mount", "sh", "-c", INSIDE, "sh", *map(str, where), *command]
        variables = dict(text.split("=", 1) for text in self.config["Env"]) | environ
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(run, env=variables, stdout=log, stderr=log)

    @contextmanager
    def serving(self, **environ: str):
        """Run what the image runs by default."""
        port = free_port()
        command = [*self.config["Entrypoint"], *self.config["Cmd"]]
        process = self.start(*command, PORT=str(port), **environ)
        with running(process, port, self.folder / "log") as server:
            yield server


@pytest.fixture(scope="module")
def buildah(tmp_path_factory):
    """Returns a function that runs buildah with a store of this test's own, and returns what it says."""
    folder = tmp_path_factory.mktemp("store")
    ours = ["--root", folder / "images", "--runroot", folder / "run", "--storage-driver", "vfs"]

    def run(*arguments):
        command = ["buildah", *ours, *arguments]
        return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout.strip()

    yield run
    run("umount", "--all")
    run("rm", "--all")
    run("rmi", "--all", "--force")


@pytest.fixture(scope="module")
def image(tmp_path_factory, buildah):
    folder = tmp_path_factory.mktemp("image")
    make_base(folder, buildah)
    wheels = folder / "wheels"
    lock = ["--only-binary", ":all:", "--require-hashes", "--requirement", ROOT / "requirements.lock"]
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--dest", wheels, *lock], check=True)
    offline = {"BASE": "base", "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": "/wheels"}
    given = [f"--build-arg={name}={value}" for name, value in offline.items()]
    mounted = ["--isolation", "chroot", "--volume", f"{wheels}:/wheels:ro"]
    buildah("bud", "--format", "docker", "--tag", "colorizer", *given, *mounted, ROOT)
    return Image(folder, buildah)


def make_base(folder: Path, buildah) -> None:
    """Make what stands for debian:bookworm-slim, from Debian's packages."""
    tar = folder / "base.tar"
    options = ["--quiet", "--variant=minbase", "--dpkgopt=force-unsafe-io", *LEFT_OUT]
    subprocess.run(["mmdebstrap", *options, "bookworm", tar], check=True)
    container = buildah("from", "scratch")
    buildah("add", "--quiet", container, tar)
    buildah("commit", "--quiet", "--rm", container, "base")
    tar.unlink()


def test_it_is_small(buildah, image):
    (found,) = [each for each in json.loads(buildah("images", "--json")) if "colorizer" in str(each["names"])]
    assert found["size"].endswith(" MB")
    assert float(found["size"].split()[0]) * 1e6 < LARGEST


def test_it_colours_as_a_user_without_rights_where_nothing_can_be_written(image):
    assert image.config["User"] == "10001:10001"
    with image.serving() as server:
        answer = server.colorize(gray_photo(301, 203), Accept="image/png")
        picture = cv2.imdecode(np.frombuffer(answer.body, np.uint8), cv2.IMREAD_COLOR)
        assert (answer.status, picture.shape) == (200, (203, 301, 3))
        assert np.ptp(picture.astype(int), axis=2).max() > 8
        assert is_healthy(image, server)
    assert "Traceback" not in server.log


def test_it_is_unhealthy_where_nothing_answers(image):
    assert image.start(*image.config["Healthcheck"]["Test"][1:], PORT=str(free_port())).wait(30) != 0


def is_healthy(image: Image, server: Server) -> bool:
    assert image.config["Healthcheck"]["Test"][0] == "CMD"
    return image.start(*image.config["Healthcheck"]["Test"][1:], PORT=str(server.port)).wait(30) == 0


def test_it_reads_every_kind_of_photo(image):
    with image.serving() as server:
        for extension in (".avif", ".png", ".tiff", ".webp"):
            assert server.colorize(gray_photo(extension=extension)).status == 200, server.log


def test_the_worker_and_films_are_in_it_too(image, tmp_path):
    film = Clip().write(tmp_path / "film.mp4").read_bytes()
    with image.serving(COLORIZER_STORE_URL="file:///kept") as server:
        for body, kind in ((gray_photo(), "image/jpeg"), multipart(("film", film, "film.mp4"))):
            started = server.request("POST", "/api/v1/jobs", body, Content_Type=kind)
            cookie, end = started.headers["Set-Cookie"].partition(";")[0], time.monotonic() + 60
            while server.request("GET", started.headers["Location"], Cookie=cookie).json["state"] != "done":
                assert time.monotonic() < end, server.log
                time.sleep(0.2)


# Certificates, PostgreSQL's client, and OpenCV's LAPACK, which takes large matrices only.
PARTS = """
import ssl, cv2, numpy as np, psycopg
assert ssl.create_default_context().get_ca_certs()
assert psycopg.pq.__impl__ == "binary"
matrix = np.eye(300) + 1
solved, x = cv2.solve(matrix, np.ones((300, 1)), flags=cv2.DECOMP_CHOLESKY)
assert solved and abs(matrix @ x - 1).max() < 1e-9
"""


def test_parts_that_stand_in_for_others_work(image):
    assert image.start("python3", "-c", PARTS).wait(60) == 0, (image.folder / "log").read_text()


def test_no_tool_to_build_with_is_left_and_no_shell(image):
    tools = (
        "apt",
        "cc",
        "dpkg",
        "gcc",
        "ld",
        "make",
        "patchelf",
        "perl",
        "pip",
        "pip3",
        "sh",
        "strip",
        "tcc",
    )
    assert [name for name in tools if (Path(image.root) / "usr/bin" / name).exists()] == []
    packages = Path(image.root) / "packages"
    assert [path for path in packages.iterdir() if path.name in ("bin", "pip", "setuptools")] == []


def test_of_the_project_only_what_runs_is_in_it(image):
    top = {path.name for path in (Path(image.root) / "app").iterdir()}
    folders = {"colorizer", "models", "static", "templates"}
    files = {"LICENSE", "NOTICE", "container", "gunicorn.conf.py", "image_colorizer.py", "requirements.lock"}
    assert top == folders | files
