"""The page's files: small, ours alone, and fit for the strict Content-Security-Policy."""

import re

import pytest
from serving import serve

from colorizer import errors
from colorizer.http import problems
from colorizer.process.resources import resource_folder

STATIC = resource_folder("static")
TEMPLATES = resource_folder("templates")
SCRIPTS = sorted(STATIC.glob("*.js"))
STYLE = STATIC / "style.css"
BUDGET = 60 * 1024
BROWSER_CODES = {"offline", "bad-reply", "too-many-requests"}  # what only the page itself can meet


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    with serve(tmp_path_factory.mktemp("page")) as server:
        return server.request("GET", "/").body.decode()


def all_codes():
    def below(kind):
        return {kind.code}.union(*(below(child) for child in kind.__subclasses__()))

    return below(errors.ColorizerError) | {code for _, code, _ in problems.all_problems()} | BROWSER_CODES


def test_the_page_weighs_less_than_60_kb(page):
    """As sent: the HTML with its templates filled in."""
    weight = len(page.encode()) + sum(path.stat().st_size for path in [*SCRIPTS, STYLE])
    assert weight < BUDGET


def test_examples_are_light():
    for path in (STATIC / "examples").iterdir():
        assert path.stat().st_size < 70_000, path.name


def test_nothing_is_inline(page):
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert re.findall(r"<script[^>]*>[^<]", page) == []


def test_nothing_comes_from_elsewhere(page):
    assert re.findall(r'(?:src|srcset|action)="(?!/static/)[^"]*"', page) == []
    assert re.findall(r'<link[^>]*href="(?!/static/)[^"]*"', page) == []
    for path in [*SCRIPTS, STYLE]:
        assert not re.search(r"https?:|//[a-z]+\.|@import", path.read_text()), path.name


def test_every_file_of_ours_is_in_one_folder_named_by_a_hash(page):
    assert len(set(re.findall(r"/static/(\w+)/", page))) == 1


def test_text_never_becomes_markup():
    for path in SCRIPTS:
        assert not re.search(r"(inner|outer|Adjacent)HTML|document\.write|\beval\b", path.read_text())


def test_every_problem_has_its_faq_entry(page):
    ids = re.findall(r'id="faq-([\w-]+)"', page)
    assert len(ids) == len(set(ids))
    assert all_codes() <= set(ids)


def test_links_to_the_faq_lead_somewhere():
    ids = set(re.findall(r'"([a-z -]+)", "', (TEMPLATES / "faq.html").read_text()))
    codes = {code for group in ids for code in group.split()}
    named = re.findall(r'new Problem\("([\w-]+)"', "".join(path.read_text() for path in SCRIPTS))
    assert named
    assert set(named) <= codes


def test_every_import_names_a_file():
    for path in SCRIPTS:
        for name in re.findall(r'from "\./([\w.]+)"', path.read_text()):
            assert (STATIC / name).exists(), f"{path.name} imports {name}"


def test_every_export_is_documented():
    for path in SCRIPTS:
        undocumented = re.findall(r"(?<!\*/\n)^export .*", path.read_text(), re.MULTILINE)
        assert undocumented == [], path.name
