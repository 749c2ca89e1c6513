"""Errors as problem documents (RFC 9457): those of colorizer.errors, and those of the routing."""

from collections.abc import Iterator
from typing import Any

from colorizer import errors

MEDIA_TYPE = "application/problem+json"
Document = dict[str, Any]
ROUTING = {
    400: (errors.MalformedRequest.code, errors.MalformedRequest.title),
    404: ("not-found", "There is nothing here"),
    405: ("method-not-allowed", "This address takes other methods"),
    413: (errors.TooManyBytes.code, errors.TooManyBytes.title),
    416: ("no-such-part", "The file has no such part"),
}
# Raised on the command line, at start or by the worker only; in answer to a request they are internal errors.
NOT_OVER_HTTP = {
    errors.DownloadFailed,
    errors.FilmError,
    errors.NotAFilm,
    errors.DamagedFilm,
    errors.UnsupportedFilm,
    errors.FilmTooLong,
}


def problem_of(error: errors.ColorizerError) -> Document:
    """Return the problem document of an error whose message may be shown to anyone."""
    return _problem(error.status, error.code, error.title, detail=str(error))


def routing_problem(status: int) -> Document:
    """Return the problem document of an HTTP status that the routing itself found."""
    code, title = ROUTING.get(status, ROUTING[400])
    return _problem(status, code, title)


def internal_problem() -> Document:
    """Return the problem document of an error of ours, which tells the client nothing of it."""
    kind = errors.ColorizerError
    return _problem(kind.status, kind.code, kind.title)


def _problem(status: int, code: str, title: str, **members: str) -> Document:
    """`type` leads to the entry of the page's FAQ that explains the problem."""
    return {"type": f"/#faq-{code}", "title": title, "status": status, "code": code, **members}


def all_problems() -> list[tuple[int, str, str]]:
    """Return (status, code, title) of every problem that a request can be answered with, by status."""
    internal = errors.ColorizerError.status
    ours = {(kind.status, kind.code, kind.title) for kind in _kinds() if kind.status != internal}
    ours.add((internal, errors.ColorizerError.code, errors.ColorizerError.title))
    routing = {(status, *code_and_title) for status, code_and_title in ROUTING.items()}
    return sorted(ours | routing)


def _kinds() -> Iterator[type[errors.ColorizerError]]:
    kinds = (kind for kind in vars(errors).values() if isinstance(kind, type))
    return (kind for kind in kinds if issubclass(kind, errors.ColorizerError) and kind not in NOT_OVER_HTTP)
