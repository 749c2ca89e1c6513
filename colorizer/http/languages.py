"""The languages of the page: one JSON file each in templates/languages/, named by its tag (BCP 47)."""

import json
from dataclasses import dataclass
from pathlib import Path

from werkzeug.datastructures import LanguageAccept

from colorizer.http.faq import sentences
from colorizer.process.resources import resource_folder

DEFAULT_LANGUAGE = "en"
FOLDER = Path("languages")


@dataclass(frozen=True)
class Language:
    """All texts in one language.

    name: what speakers call it. page: the sentences of the templates by key. words: those that the scripts
    say. colors: what "#rrggbb" is called. faq: question and answer of each entry.
    """

    name: str
    page: dict[str, str]
    words: dict[str, str]
    colors: dict[str, str]
    faq: dict[str, list[str]]

    @property
    def said(self) -> dict[str, str | dict[str, str]]:
        """What the scripts say, problems and colours included."""
        return {**self.words, **sentences(self.faq), "colors": self.colors}


def load_languages() -> dict[str, Language]:
    """Return each language by its tag, the default first."""
    files = sorted((resource_folder("templates") / FOLDER).glob("*.json"))
    languages = {file.stem: Language(**json.loads(file.read_text(encoding="utf-8"))) for file in files}
    return {DEFAULT_LANGUAGE: languages[DEFAULT_LANGUAGE], **languages}


def choose_language(asked: str | None, accepted: LanguageAccept, known: tuple[str, ...]) -> str:
    """Return the tag of `known` that a visitor asked for, else accepts best (RFC 4647), else the default."""
    if asked in known:
        return asked
    by_language = {_language_of(tag): tag for tag in known}
    found = (by_language.get(_language_of(tag)) for tag, quality in accepted if quality > 0)
    return next((tag for tag in found if tag), DEFAULT_LANGUAGE)


def _language_of(tag: str) -> str:
    """Return the language alone, as zh of zh-Hans-CN."""
    return tag.lower().split("-")[0]
