"""The wheel as a stranger gets it: outside the tree, with the packages that it asks for and no others."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tomllib
import venv
from importlib.metadata import distribution
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PIL import Image
from serving import free_port, running

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
SERVER = EXTRAS["server"]


def requirements(name: str) -> set[str]:
    lines = (ROOT / name).read_text().splitlines()
    return {line for line in lines if line and not line.startswith(("#", "-r"))}


def test_requirements_txt_and_pyproject_name_the_same_packages():
    assert requirements("requirements.txt") == {*PROJECT["dependencies"], *SERVER}


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "requirements-release.txt"])
def test_every_requirement_has_a_lower_and_an_upper_bound(name):
    for line in requirements(name):
        assert re.fullmatch(r"[a-z0-9-]+(\[[a-z0-9,]+\])?>=[0-9.]+,<[0-9.]+", line)


def test_the_lock_holds_what_the_image_needs_with_hashes_and_names_no_server():
    text = (ROOT / "requirements.lock").read_text()
    entries = re.findall(
        r"^([a-z0-9-]+)==(\S+) ;.*\\\n((?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)", text, re.MULTILINE
    )
    assert len(entries) == len(re.findall(r"^[a-z]", text, re.MULTILINE))
    assert not re.search(r"https?:|--(?!hash)", text)
    locked = {name: version for name, version, _ in entries}
    extras = re.search(r"^LOCKED := (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)[1].split()
    wanted = [*PROJECT["dependencies"], *(line for extra in extras for line in EXTRAS[extra])]
    for requirement in map(Requirement, wanted):
        if requirement.name != PROJECT["name"]:
            assert locked[canonicalize_name(requirement.name)] in requirement.specifier


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    return install(tmp_path_factory.mktemp("installed"), wheel, PROJECT["dependencies"])


@pytest.fixture(scope="module")
def with_server(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    return install(tmp_path_factory.mktemp("with_server"), wheel, [*PROJECT["dependencies"], *SERVER])


def install(environment: Path, wheel: Path, packages: list[str]) -> Path:
    """Make an environment with our wheel and these packages alone; returns its bin folder."""
    venv.create(environment, symlinks=True)
    site_packages = next(environment.glob("lib/python*/site-packages"))
    for name in needed(packages):
        copy_distribution(name, site_packages)
    pip("--python", environment / "bin" / "python", "install", "--no-deps", "--no-index", wheel)
    return environment / "bin"


def pip(*arguments: str | Path) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *map(str, arguments)], check=True, cwd="/")


def needed(texts: list[str]) -> set[str]:
    """Return the names of the packages asked for, and of those that they ask for in turn."""
    found, open_texts = set(), list(texts)
    while open_texts:
        requirement = Requirement(open_texts.pop())
        wanted = requirement.marker is None or requirement.marker.evaluate({"extra": ""})
        name = canonicalize_name(requirement.name)
        if wanted and name not in found:
            found.add(name)
            open_texts += distribution(name).requires or []
    return found


def copy_distribution(name: str, site_packages: Path) -> None:
    """Install a package that this environment has into another one, without a download."""
    installed = distribution(name)
    for file in installed.files:
        if ".." not in file.parts and "__pycache__" not in file.parts:
            target = site_packages / file
            target.parent.mkdir(parents=True, exist_ok=True)
            link_or_copy(installed.locate_file(file), target)


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name where the file system can, else copy it."""
    try:
        target.hardlink_to(source)
    except OSError:
        shutil.copyfile(source, target)


@pytest.fixture
def outside(tmp_path, monkeypatch) -> Path:
    """A current folder, and a home, outside the tree."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for name in [name for name in os.environ if name.startswith(("COLORIZER_", "PYTHON", "XDG_"))]:
        monkeypatch.delenv(name)
    gray = (np.add.outer(np.arange(48), np.arange(64)) * 2).astype(np.uint8)
    Image.fromarray(gray).save("photo.jpg")
    return tmp_path


def output(*command: str | Path) -> str:
    return subprocess.run(map(str, command), check=True, text=True, stdout=subprocess.PIPE).stdout


def test_the_wheel_colors(installed, outside):
    assert output(installed / "image-colorizer", "--version").startswith("image-colorizer ")
    assert output(installed / "image-colorizer", "colorize", "photo.jpg") == "photo-colorized.jpg\n"
    assert output(installed / "python", "-m", "colorizer", "strategies").startswith("NAME")
    with Image.open("photo-colorized.jpg") as result:
        assert result.size == (64, 48)


def test_the_wheel_is_a_library(installed, outside):
    code = (
        "from image_colorizer import ImageColorizer; import colorizer;"
        "print(len(ImageColorizer().colorize(open('photo.jpg', 'rb').read()).data), colorizer.__file__)"
    )
    length, file = output(installed / "python", "-c", code).split()
    assert int(length) > 0
    assert Path(file).is_relative_to(installed.parent)


def test_fetched_weights_go_to_the_home_folder(installed, outside):
    code = "from colorizer.weights.manifest import default_models_dir; print(default_models_dir())"
    assert Path(output(installed / "python", "-c", code).strip()).is_relative_to(outside / "home")


def test_the_wheel_serves(with_server, outside, monkeypatch):
    (outside / "colorizer.py").write_text("raise SystemExit('another colorizer in the current folder')")
    (outside / "tokens").write_text(f"anna:{'0' * 64}")
    monkeypatch.setenv("COLORIZER_TOKENS_FILE", "tokens")
    port = free_port()
    with open("server.log", "wb") as log:
        process = subprocess.Popen(
            [with_server / "image-colorizer", "serve", "--port", str(port)], stderr=log
        )
    with running(process, port, Path("server.log")) as server:
        assert b"<title>" in server.request("GET", "/").body
        assert server.request("GET", "/readyz").json["strategy"] == "colornet"
        assert server.colorize(Path("photo.jpg").read_bytes(), Accept="image/png").body.startswith(b"\x89PNG")


def test_a_second_server_on_the_same_port_is_one_line(with_server, outside, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        ran = subprocess.run([with_server / "image-colorizer", "serve"], stderr=subprocess.PIPE, check=False)
    assert ran.returncode == 2
    assert ran.stderr.decode().startswith(f"image-colorizer: Port {port} is taken")
    assert ran.stderr.count(b"\n") == 1


def test_the_library_alone_is_light(installed, outside):
    code = (
        "from importlib.util import find_spec;"
        "print([name for name in ('flask', 'flask_cors', 'gunicorn', 'app') if find_spec(name)])"
    )
    assert output(installed / "python", "-c", code) == "[]\n"


@pytest.mark.parametrize(
    ("command", "extra"),
    [
        (["serve"], "server"),
        (["worker"], "jobs"),
        (["video", "a.mp4"], "video"),
        (["archive", "a", "--output", "b"], "cluster"),
    ],
)
def test_a_command_without_its_extra_is_one_line_that_names_it(installed, outside, command, extra):
    words = [installed / "image-colorizer", *command]
    ran = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert f"pip install 'image-colorizer[{extra}]'" in ran.stderr


def test_types_come_with_it(installed, outside):
    code = "import colorizer, pathlib; print((pathlib.Path(colorizer.__file__).parent / 'py.typed').exists())"
    assert output(installed / "python", "-c", code) == "True\n"
