"""The page's files: small, ours alone, and fit for the strict Content-Security-Policy."""

import re
from graphlib import TopologicalSorter
from pathlib import Path

import cv2
import pytest
from serving import serve

from colorizer import errors
from colorizer.http import problems
from colorizer.http.static_files import CODE, text_files
from colorizer.process.resources import resource_folder

STATIC = resource_folder("static")
TEMPLATES = resource_folder("templates")
SCRIPTS = sorted(STATIC.rglob("*.js"))
STYLE = STATIC / "style.css"
BUDGET = 120 * 1024  # before compression
OVER_THE_WIRE = 120_000  # bytes of a first visit, with its pictures
BROWSER_CODES = {"offline", "bad-reply"}  # what only the page itself can meet


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("page")) as server:
        yield server


@pytest.fixture(scope="module")
def page(server):
    return server.request("GET", "/").body.decode()


@pytest.fixture(scope="module")
def faq(server):
    return server.request("GET", "/faq").body.decode()


def all_codes():
    def below(kind):
        return {kind.code}.union(*(below(child) for child in kind.__subclasses__()))

    return below(errors.ColorizerError) | {code for _, code, _ in problems.all_problems()} | BROWSER_CODES


def test_html_css_and_scripts_weigh_little(page):
    """As sent: the HTML with its templates filled in, the rest without comments."""
    weight = len(page.encode()) + sum(
        len(data) for name, data in text_files(STATIC).items() if Path(name).suffix in CODE
    )
    assert weight <= BUDGET


def test_examples_are_light():
    for path in (STATIC / "examples").iterdir():
        assert path.stat().st_size < 70_000, path.name
        if path.suffix == ".webp":
            assert cv2.imread(str(path)).shape[1] == 400, path.name


def test_nothing_is_inline(page):
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert re.findall(r"<script[^>]*>[^<]", page) == []


def test_nothing_comes_from_elsewhere(page):
    assert re.findall(r'(?:src|srcset|action)="(?!static/)[^"]*"', page) == []
    assert re.findall(r'<link[^>]*href="(?!static/|api/)[^"]*"', page) == []
    for path in [*SCRIPTS, STYLE]:
        assert not re.search(r"https?:|//[a-z]+\.|@import", path.read_text()), path.name


def test_every_file_of_ours_is_in_one_folder_named_by_a_hash(page):
    assert len(set(re.findall(r"static/(\w+)/", page))) == 1


def test_text_never_becomes_markup():
    for path in SCRIPTS:
        assert not re.search(r"(inner|outer|Adjacent)HTML|document\.write|\beval\b", path.read_text())


def test_what_is_left_out_of_scripts_can_be_told():
    """Spaces and comments are found without a parser: strings are on one line and have double quotes."""
    for path in SCRIPTS:
        code = re.sub(r"//.*|/\*(?s:.*?)\*/", "", path.read_text())
        assert "'" not in code, path.name
        assert not re.search(r"[-+] +[-+]", code), path.name
        assert all(line.count("`") % 2 == 0 for line in code.splitlines()), path.name
        assert not re.search(r"\$\{[^}`]*`", code), path.name


def test_every_problem_has_its_faq_entry(faq):
    ids = re.findall(r'id="faq-([\w-]+)"', faq)
    assert len(ids) == len(set(ids))
    assert all_codes() <= set(ids)


def test_problems_of_the_page_itself_have_faq_entries(faq):
    codes = set(re.findall(r'new Problem\("([\w-]+)"', "".join(path.read_text() for path in SCRIPTS)))
    assert "damaged-photo" in codes
    assert codes <= set(re.findall(r'id="faq-([\w-]+)"', faq))


# room: those that it may import; what it needs of others lies further down
ROOMS = {
    "ground": (),
    "service": ("ground",),
    "photo": ("ground", "service"),
    "state": ("ground",),
    "work": ("ground", "service", "photo", "state"),
    "view": ("ground", "service", "photo", "state", "work"),
    "film": ("ground", "service", "photo", "state", "work"),
    "": ("ground", "service", "photo", "state", "work", "view"),
}


def imports(path):
    """The files that a module imports."""
    return [(path.parent / name).resolve() for name in re.findall(r'from "(\.[^"]+)"', path.read_text())]


def room(path):
    return path.parent.name if path.parent != STATIC else ""


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.relative_to(STATIC).as_posix())
def test_modules_import_files_of_rooms_below(path):
    for target in imports(path):
        assert target.exists(), target
        assert room(target) in (*ROOMS[room(path)], room(path)), f"{path.name} imports {target}"


def test_no_module_imports_itself_in_a_circle():
    TopologicalSorter({path: imports(path) for path in SCRIPTS}).prepare()


def test_every_import_is_used():
    for path in SCRIPTS:
        text = path.read_text()
        for names in re.findall(r"import \{ ([^}]+) \}", text):
            for name in names.split(", "):
                assert len(re.findall(rf"\b{name}\b", text)) > 1, f"{path.name} imports {name}"


def test_every_export_is_documented():
    for path in SCRIPTS:
        undocumented = re.findall(r"(?<!\*/\n)^export .*", path.read_text(), re.MULTILINE)
        assert undocumented == [], path.name
