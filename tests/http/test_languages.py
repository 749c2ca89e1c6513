"""Every language has every text, says it in the same places, and is chosen as visitors ask."""

import re

import pytest
from werkzeug.datastructures import LanguageAccept

from colorizer.http.faq import SECTIONS
from colorizer.http.languages import choose_language, load_languages
from colorizer.process.resources import resource_folder

LANGUAGES = load_languages()
KNOWN = tuple(LANGUAGES)
ENGLISH = LANGUAGES["en"]
SCRIPTS = "".join(path.read_text() for path in sorted(resource_folder("static").rglob("*.js")))
TEMPLATES = "".join(path.read_text() for path in sorted(resource_folder("templates").glob("*.html")))


def places(text):
    """What a translation must keep: places to fill in, and markup."""
    return sorted(re.findall(r"\{\w+\}|</?\w+|href=\S+?[\"']>", text))


@pytest.mark.parametrize("tag", KNOWN)
def test_a_language_has_every_text_and_no_other(tag):
    language = LANGUAGES[tag]
    for part in ("page", "words", "colors", "faq"):
        ours, theirs = getattr(language, part), getattr(ENGLISH, part)
        assert ours.keys() == theirs.keys()
        assert all(ours.values())


@pytest.mark.parametrize("tag", KNOWN)
def test_a_text_has_the_same_places_in_every_language(tag):
    language = LANGUAGES[tag]
    for part in ("page", "words"):
        for key, text in getattr(language, part).items():
            assert places(text) == places(getattr(ENGLISH, part)[key]), key
    for key, entry in language.faq.items():
        assert [places(text) for text in entry] == [places(text) for text in ENGLISH.faq[key]], key


def test_every_text_is_used():
    for key in ENGLISH.words.keys() - {"use-spot", "use-dropper", "use-brush"}:  # `use-${tool}`
        assert re.search(rf"""["'`]{key}["'`]|\b{key}: "#""", SCRIPTS), key
    headings = set(SECTIONS)
    for key in ENGLISH.page.keys() - headings - {"brothers", "grace_hopper", "china", "camera"}:
        assert re.search(rf"""page\[["']{key}["']\]""", TEMPLATES), key


def test_no_text_is_missing():
    assert set(re.findall(r'\bword\("([\w-]+)"', SCRIPTS)) <= ENGLISH.words.keys()
    assert set(re.findall(r"""page\[["']([\w-]+)["']\]""", TEMPLATES)) <= ENGLISH.page.keys()
    assert {codes[0] for section in SECTIONS.values() for codes in section} == ENGLISH.faq.keys()


@pytest.mark.parametrize(
    ("asked", "accepted", "chosen"),
    [
        (None, [], "en"),
        (None, [("de-AT", 1), ("en", 0.8)], "de"),
        (None, [("nl", 1), ("fr", 0.5)], "fr"),
        (None, [("nl", 1)], "en"),
        (None, [("zh-CN", 1)], "zh-Hans"),
        (None, [("ja", 0), ("es", 0.1)], "es"),
        ("ja", [("de", 1)], "ja"),
        ("xx", [("de", 1)], "de"),
        ("<script>", [], "en"),
    ],
)
def test_the_language_that_a_visitor_asks_for_or_accepts(asked, accepted, chosen):
    known = ("en", "de", "es", "fr", "ja", "zh-Hans")
    assert choose_language(asked, LanguageAccept(accepted), known) == chosen
