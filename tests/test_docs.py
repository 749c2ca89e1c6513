"""The documents say what the program does: every name in both, and every example run."""

import argparse
import contextlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from generated_weights import install_generated_weights, narrow_zhang
from photos import color_scene, decode
from PIL import Image
from serving import free_port, gray_photo, serve

from colorizer.cli import build_parser, main
from colorizer.http.application import create_app
from colorizer.http.problems import all_problems
from colorizer.photo.formats import READ, WRITTEN
from colorizer.settings import VARIABLES, Settings

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "ARCHITECTURE.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def read(name: str | Path) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    return [text for found, text in BLOCK.findall(read(name)) if found == language]


def commands() -> dict[str, argparse.ArgumentParser]:
    (action,) = [action for action in build_parser()._actions if isinstance(action.choices, dict)]
    return action.choices


def options(parser: argparse.ArgumentParser) -> set[str]:
    return {name for action in parser._actions for name in action.option_strings} - {"-h", "--help"}


# Names


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_is_there(document):
    folders = "colorizer|tests|training|benchmarks|models|static|templates|docs"
    named = re.findall(rf"`((?:{folders})/[\w./-]+)`", document.read_text(encoding="utf-8"))
    assert [name for name in named if not (ROOT / name).exists() and not is_ignored(name)] == []


def is_ignored(name: str) -> bool:
    """Whether a file is made or fetched, not committed."""
    return subprocess.run(["git", "check-ignore", "--quiet", name], cwd=ROOT, check=False).returncode == 0


def test_architecture_md_has_every_room():
    table = re.findall(r"^\| (`.+?) \|", read("ARCHITECTURE.md"), re.MULTILINE)
    named = {name for cell in table for name in re.findall(r"`([a-z_]+)(?:/|\.py)`", cell)}
    rooms = {path.stem for path in (ROOT / "colorizer").iterdir() if path.suffix == ".py" or path.is_dir()}
    assert named == {room for room in rooms if not room.startswith("__")}


def test_every_command_and_option_is_in_cli_md_and_the_other_way_round():
    sections = re.split(r"^## image-colorizer (\w+)", read("docs/cli.md"), flags=re.MULTILINE)[1:]
    documented = dict(zip(sections[::2], sections[1::2], strict=True))
    assert set(documented) == set(commands())
    for name, parser in commands().items():
        assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", documented[name])) == options(parser)


def test_every_setting_is_in_configuration_md_with_its_default_and_the_other_way_round():
    rows = dict(
        re.findall(r"^\| `((?!PORT)[A-Z_]+)` \| (.+?) \|", read("docs/configuration.md"), re.MULTILINE)
    )
    assert set(rows) == set(VARIABLES)
    for name, default in rows.items():
        assert default == "(none)" or Settings.from_env({name: default.strip("`")}) == Settings()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_no_document_names_a_setting_that_does_not_exist(document):
    assert set(re.findall(r"COLORIZER_[A-Z_]+\b", read(document))) <= set(VARIABLES)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\((?!https?://|#)([^)#\s]+)", read(document)):
        assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_named_scripts_exist(document):
    for module in re.findall(r"python3? -m ((?:benchmarks|training)\.\w+)", read(document)):
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file(), module
    for script in re.findall(r"python3? ([\w/]+\.py)", read(document)):
        assert (ROOT / script).is_file(), script


@pytest.mark.parametrize("name", ["docs/performance.md", "docs/colornet.md"])
def test_every_table_of_figures_names_the_command_that_prints_it(name):
    for section in re.split(r"^## ", read(name), flags=re.MULTILINE):
        if re.search(r"^\|.*\| *\**-?\d[\d,.]*\D{0,4}\**\|", section, re.MULTILINE):
            assert re.search(r"(python -m (benchmarks|training)\.|make (soak|fuzz))", section), section[:60]


def test_every_format_is_in_formats_md_with_its_largest_side():
    text = read("docs/formats.md")
    for kind in READ.values():
        assert re.search(rf"^\| {kind.title} \|", text, re.MULTILINE), kind.title
    for name, kind in WRITTEN.items():
        row = rf"^\| {name} \|.*\| {kind.longest_side:,} \|$"
        assert re.search(row, text, re.MULTILINE), name


def test_every_route_is_in_api_md_and_the_other_way_round(tmp_path):
    settings = Settings(strategy="colornet", store_url=f"file://{tmp_path}", metrics=True)
    rules = create_app(settings).url_map.iter_rules()
    methods = {"GET", "POST", "PATCH", "DELETE"}
    routes = {(method, rule.rule) for rule in rules for method in rule.methods & methods}
    page = {("GET", "/"), ("GET", "/faq"), ("GET", "/about"), ("GET", "/static/<asked>/<path:name>")}
    described = re.findall(rf"`({'|'.join(methods)}) (/[^`? ]*)", read("docs/api.md"))
    assert set(described) - page == routes - page


def test_every_problem_is_in_api_md_and_the_other_way_round():
    assert (
        set(re.findall(r"^\| [45]\d\d \| `([a-z-]+)`", read("docs/api.md"), re.MULTILINE)) == problem_codes()
    )


def test_every_problem_is_in_the_faq():
    page = create_app(Settings(strategy="colornet")).test_client().get("/faq").text
    assert set(re.findall(r'id="faq-([a-z-]+)"', page)) >= problem_codes()


def problem_codes() -> set[str]:
    return {code for _, code, _ in all_problems()}


def test_the_readme_comes_to_the_first_command_within_a_hundred_words():
    assert len(read("README.md").partition("```")[0].split()) < 100


# Examples


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("server"), COLORIZER_STRATEGY="colornet") as server:
        yield server


@pytest.fixture
def album(tmp_path, monkeypatch) -> Path:
    """A current folder with the photos that the examples name."""
    (tmp_path / "album").mkdir()
    for number, name in enumerate(["grandma.jpg", "album/beach.jpg", "album/wedding.jpg"]):
        (tmp_path / name).write_bytes(gray_photo(600, 400, seed=number))
    Image.fromarray(color_scene(600, 400)).save(tmp_path / "garden.jpg")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLORIZER_MODELS_DIR", str(tmp_path / "models"))
    return tmp_path


def run(line: str) -> str:
    """Run one line of an example and return what it prints."""
    if line.startswith("image-colorizer "):
        printed = io.TextIOWrapper(io.BytesIO(), write_through=True)
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            call_main(shlex.split(line)[1:])
        return printed.buffer.getvalue().decode()
    return subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True, timeout=60).stdout


def call_main(arguments: list[str]) -> None:
    with contextlib.suppress(SystemExit):  # --version exits by itself
        main(arguments)


def steps(block: str) -> list[tuple[str, str]]:
    """Split a console block into (line typed, output shown)."""
    parts = re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]
    return [tuple(re.split(r"(?<!\\)\n", part, maxsplit=1)) for part in parts]


def test_the_readmes_commands_typed_one_after_the_other_print_what_it_shows(server, album):
    for language, block in BLOCK.findall(read("README.md")):
        if language == "python":
            run(f"PYTHONPATH={ROOT} {sys.executable} -c {shlex.quote(block)}")
        for line, shown in steps(block) if language == "console" else ():
            if not line.startswith("make "):  # tests/test_makefile.py
                assert run(line.replace("http://127.0.0.1:5000", f"http://127.0.0.1:{server.port}")) == shown


def test_the_readmes_curl_line_brings_a_photo(server, album):
    (line,) = [line for block in blocks("README.md", "console") for line, _ in steps(block) if " -o " in line]
    run(line.replace("http://127.0.0.1:5000", f"http://127.0.0.1:{server.port}"))
    assert is_jpeg(album / "grandma-colorized.jpg")


def test_the_readmes_library_example_prints_what_it_shows(album):
    (code,), (shown,) = blocks("README.md", "python"), blocks("README.md", "text")
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    assert subprocess.check_output([sys.executable, "-c", code], text=True, env=environ) == shown
    assert is_jpeg(album / "grandma-colorized.jpg")


def test_the_programs_of_python_md_print_what_it_shows(album):
    shown = "".join(blocks("docs/python.md", "text"))
    code = "\n".join(blocks("docs/python.md", "python"))
    environ = os.environ | {"PYTHONPATH": str(ROOT)}
    assert subprocess.check_output([sys.executable, "-c", code], text=True, env=environ) == shown
    assert is_jpeg(album / "grandma-warmer.jpg")
    pictures = {
        name: (album / f"grandma-{name}.jpg").read_bytes() for name in ("0", "1", "as-garden", "chosen")
    }
    assert len(set(pictures.values())) == len(pictures)


@pytest.mark.parametrize("block", blocks("docs/api.md", "sh"))
def test_the_curl_lines_of_api_md_bring_what_they_promise(block, server, album):
    strokes = np.zeros((200, 300, 4), np.uint8)
    strokes[50:90, 40:160] = 160, 60, 40, 255
    Image.fromarray(strokes).save("strokes.png")
    run("set -e\n" + block.replace("http://127.0.0.1:5000", f"http://127.0.0.1:{server.port}"))
    (name,) = re.findall(r"-o (\S+)", block)
    if name.endswith(".json"):
        assert 2 <= len(json.loads(Path(name).read_text())["variants"]) <= 4
    else:
        picture = decode(Path(name).read_bytes())
        assert picture.shape == (400, 600, 3)
        assert np.ptp(picture, axis=2).mean() > 1


@pytest.fixture(scope="module")
def keeping_server(tmp_path_factory):
    """A server that keeps images for the token of the examples, with its worker."""
    folder = tmp_path_factory.mktemp("keeping")
    environ = {
        "COLORIZER_STRATEGY": "colornet",
        "COLORIZER_STORE_URL": f"file://{folder}/kept",
        "COLORIZER_TOKENS": f"anna:{sha256(b'sesame').hexdigest()}",
    }
    with serve(folder, **environ) as server:
        line = [sys.executable, "-m", "colorizer", "worker"]
        worker = subprocess.Popen(line, cwd=ROOT, env=os.environ | environ)
        yield server
        worker.kill()
        worker.wait()


@pytest.mark.parametrize("block", blocks("docs/api.md", "console"))
def test_the_sessions_of_api_md_print_what_it_shows(block, keeping_server, album):
    lines = [line.replace(":5000", f":{keeping_server.port}") for line, _ in steps(block)]
    printed = run("\n".join(lines))
    assert predictable(printed) == predictable("".join(shown for _, shown in steps(block)))


def predictable(text: str) -> str:
    """Return a text without what is another each time: ids, times and what the network thinks."""
    text = re.sub(r"[0-9a-f]{32}|\d{4}-\d\d-\d\dT[\d:]+Z", "...", text)
    return re.sub(r'("confidence": ).+|("scene": )(null|\{[^}]*\})', r"\1\2...", text)


def test_jobs_md_typed_as_written_keeps_a_photo_for_the_owner_of_its_token(album):
    port = free_port()
    install, token, secret = blocks("docs/jobs.md", "sh")
    serving = install.splitlines()[-1].replace("/srv/colorizer", str(album / "kept"))
    keep = (
        f'curl -s --retry 60 --retry-delay 1 --retry-all-errors -H "Authorization: Bearer $token"'
        f" -F image=@grandma.jpg http://127.0.0.1:{port}/api/v1/images"
    )
    place = f"export PORT={port} PATH={Path(sys.executable).parent}:$PATH\n"
    script = f"{token}{secret}{place}{serving} >server.log 2>&1 & {keep}; kill $!"
    *_, made, kept = run(script).splitlines()
    assert Settings.from_env({"COLORIZER_WEBHOOK_SECRET": made})
    assert json.loads(kept)["name"] == "grandma.jpg"


@pytest.mark.parametrize("block", blocks("docs/cli.md", "console"))
def test_the_commands_of_cli_md_print_what_it_shows(block, album, monkeypatch):
    install_generated_weights(album / "models")
    narrow_zhang(monkeypatch)
    for line, shown in steps(block):
        assert run(line) == shown


def is_jpeg(path: Path) -> bool:
    return path.read_bytes().startswith(b"\xff\xd8\xff")
