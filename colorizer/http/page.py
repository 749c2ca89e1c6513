"""The page in the visitor's language, what there is to read beside it, and its files, packed."""

import json
from dataclasses import dataclass

from flask import Flask, Response, render_template, request, send_from_directory
from werkzeug.exceptions import NotFound

from colorizer import __version__
from colorizer.http.faq import SECTIONS
from colorizer.http.languages import Language, choose_language, load_languages
from colorizer.http.static_files import GZIP, hash_folder, media_type, modules, pack, text_files
from colorizer.process.resources import resource_folder

YEAR_SECONDS = 365 * 24 * 3600
PAGES = {"/": "index.html", "/faq": "faq.html", "/about": "about.html"}


@dataclass(frozen=True)
class _Text:
    """A text as it is, and packed."""

    plain: bytes
    packed: bytes

    def response(self, media_type: str) -> Response:
        """Answer with it in the form that the client takes."""
        packed = request.accept_encodings[GZIP] > 0
        response = Response(self.packed if packed else self.plain, mimetype=media_type)
        response.vary.add("Accept-Encoding")
        if packed:
            response.content_encoding = GZIP
        return response


def _packed(data: bytes) -> _Text:
    return _Text(data, pack(data))


def add_page(app: Flask) -> None:
    """Add the routes of the page, of what there is to read beside it, and of its files."""
    folder = resource_folder("static")
    version = hash_folder(folder)
    languages = load_languages()
    texts = {name: _packed(data) for name, data in text_files(folder).items()}
    texts |= {f"words/{tag}.json": _packed(_json(each.said)) for tag, each in languages.items()}
    app.jinja_env.globals["static_url"] = lambda name: f"static/{version}/{name}"
    app.jinja_env.globals["modules"] = modules(folder)
    _add_pages(app, languages)

    @app.get("/static/<asked>/<path:name>")
    def static_file(asked: str, name: str) -> Response:
        if asked != version:  # a file of another version under this address would be kept for a year
            raise NotFound
        if name in texts:
            response = texts[name].response(media_type(name))
            response.cache_control.max_age = YEAR_SECONDS
        else:
            response = send_from_directory(folder, name, mimetype=media_type(name), max_age=YEAR_SECONDS)
        response.cache_control.public = True
        response.cache_control.immutable = True
        return response


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


def _add_pages(app: Flask, languages: dict[str, Language]) -> None:
    rendered: dict[tuple[str, str], _Text] = {}

    def page() -> Response:
        language = choose_language(request.args.get("lang"), request.accept_languages, tuple(languages))
        key = (request.path, language)
        if key not in rendered:
            rendered[key] = _packed(_render(PAGES[request.path], language, languages).encode())
        response = rendered[key].response("text/html")
        response.content_language.add(language)
        response.vary.add("Accept-Language")
        return response

    for path in PAGES:
        app.add_url_rule(path, view_func=page)


def _render(template: str, language: str, languages: dict[str, Language]) -> str:
    texts = languages[language]
    return render_template(
        template,
        version=__version__,
        language=language,
        languages={tag: each.name for tag, each in languages.items()},
        page=texts.page,
        faq=texts.faq,
        sections=SECTIONS,
    )
