"""The languages of the page: one JSON file each in templates/languages/, named by its tag (BCP 47).

Each file has `name`, what speakers call the language; `page`, the sentences of the templates; `words`, those
that the scripts say; and `faq`, questions and answers by code.
"""

import json
from pathlib import Path

from werkzeug.datastructures import LanguageAccept

from colorizer.http.faq import sentences
from colorizer.process.resources import resource_folder

DEFAULT_LANGUAGE = "en"
FOLDER = Path("languages")


def load_languages() -> dict[str, dict]:
    """Return the contents of each language's file by its tag, the default first."""
    files = sorted((resource_folder("templates") / FOLDER).glob("*.json"))
    languages = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}
    return {DEFAULT_LANGUAGE: languages[DEFAULT_LANGUAGE], **languages}


def choose_language(asked: str | None, accepted: LanguageAccept, known: tuple[str, ...]) -> str:
    """Return the tag of `known` that a visitor asked for, else accepts best (RFC 4647), else the default."""
    if asked in known:
        return asked
    ranges = (tag for tag, quality in accepted if quality > 0)
    primary = {tag.split("-")[0]: tag for tag in known}
    found = (primary.get(tag.lower().replace("_", "-").split("-")[0]) for tag in ranges)
    return next((tag for tag in found if tag), DEFAULT_LANGUAGE)


def words_of(language: dict) -> dict[str, str]:
    """Return what the scripts say in a language: its words, and for each problem its question in the FAQ."""
    return {**language["words"], **sentences(language["faq"])}
