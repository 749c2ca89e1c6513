"""The page and its files: HTML in the visitor's language, everything else for a year and packed."""

from dataclasses import dataclass

from flask import Flask, Response, render_template, request, send_from_directory
from werkzeug.exceptions import NotFound

from colorizer import __version__
from colorizer.http.languages import choose_language, load_languages
from colorizer.http.static_files import (
    GZIP,
    hash_folder,
    media_type,
    modules,
    pack,
    packed_texts,
    takes_gzip,
)
from colorizer.process.resources import resource_folder

YEAR_SECONDS = 365 * 24 * 3600


@dataclass(frozen=True)
class _Text:
    """A text as it is, and packed."""

    plain: bytes
    packed: bytes

    def response(self, media_type: str) -> Response:
        """Answer with it in the form that the client takes."""
        packed = takes_gzip(request.accept_encodings)
        response = Response(self.packed if packed else self.plain, mimetype=media_type)
        response.vary.add("Accept-Encoding")
        if packed:
            response.content_encoding = GZIP
        return response


def add_page(app: Flask) -> None:
    """Add the routes of the page and of its files."""
    folder = resource_folder("static")
    version = hash_folder(folder)
    texts = {
        name: _Text((folder / name).read_bytes(), packed) for name, packed in packed_texts(folder).items()
    }
    app.jinja_env.globals["static_url"] = lambda name: f"/static/{version}/{name}"
    app.jinja_env.globals["modules"] = modules(folder)
    _add_index(app)

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


def _add_index(app: Flask) -> None:
    languages = load_languages()
    pages: dict[str, _Text] = {}

    @app.get("/")
    def index() -> Response:
        language = choose_language(request.args.get("lang"), request.accept_languages, tuple(languages))
        if language not in pages:
            html = _render(language, languages).encode()
            pages[language] = _Text(html, pack(html))
        response = pages[language].response("text/html")
        response.content_language.add(language)
        response.vary.add("Accept-Language")
        return response


def _render(language: str, languages: dict[str, dict]) -> str:
    names = {tag: texts["name"] for tag, texts in languages.items()}
    return render_template(
        "index.html", version=__version__, language=language, languages=names, **languages[language]
    )
