"""Every photo that is shown is named in NOTICE with its terms, and the network learned from none of them."""

import re
from pathlib import Path

import pytest

from benchmarks.outlines import FILES, OF_PACKAGES
from colorizer.http.languages import load_languages

ROOT = Path(__file__).parent.parent
EXAMPLES = {path.stem.split("-")[0] for path in (ROOT / "static" / "examples").iterdir()}
PICTURES = {path.stem for path in (ROOT / "benchmarks" / "pictures").iterdir()}
SCRIPTS = "".join(path.read_text() for path in (ROOT / "docs").glob("make_*.py"))
SHOWN_IN_DOCS = {*re.findall(r'"(\w+)"', SCRIPTS)} & {*FILES, *OF_PACKAGES, *PICTURES}
LEARNED_FROM = {"astronaut", "chelsea", "coffee", "rocket"}  # as training/nearest.py tells
TERMS = ("public domain", "CC0", "CC BY 2.0 (https://creativecommons.org/licenses/by/2.0/)")
ENTRIES = dict(re.findall(r"^- (\w+)(.*(?:\n  .*)*)", (ROOT / "NOTICE").read_text(), re.MULTILINE))


def test_notice_names_the_photos_that_are_there_and_no_other():
    assert ENTRIES.keys() == EXAMPLES | PICTURES | SHOWN_IN_DOCS


@pytest.mark.parametrize("name", ENTRIES)
def test_a_photo_has_terms_and_says_who_carries_it(name):
    entry = " ".join(ENTRIES[name].split())
    assert any(terms in entry for terms in TERMS)
    assert "; from " in entry


def test_nothing_that_the_network_learned_from_is_shown():
    assert LEARNED_FROM.isdisjoint(EXAMPLES | SHOWN_IN_DOCS)


@pytest.mark.parametrize("language", load_languages().values(), ids=load_languages())
def test_the_page_credits_those_of_its_examples_who_ask_for_it(language):
    owners = [re.search(r"(\w+) on Flickr", ENTRIES[name]) for name in EXAMPLES]
    credited = [owner[1] in language.page["photos-by"] for owner in owners if owner]
    assert credited == [True, True]
