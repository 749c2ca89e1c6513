"""What is noted of a photo or film that could not be coloured."""

import logging
import uuid

from colorizer.errors import ColorizerError

Problem = dict[str, str]  # {"code", "detail"}

log = logging.getLogger("colorizer")


def problem_of(error: Exception) -> Problem:
    """Return what its owner is told; of an error that is none of ours, only where the log has it."""
    if isinstance(error, ColorizerError):
        return {"code": error.code, "detail": str(error)}
    number = uuid.uuid4().hex
    log.error("Internal error %s", number, exc_info=error)
    return {"code": ColorizerError.code, "detail": f"Something went wrong on our side ({number})."}


def given_up(what: str) -> Problem:
    """Return what is told of a photo or film that ended our process too often."""
    detail = f"Colouring this {what} ended our process several times, so we gave it up."
    return {"code": ColorizerError.code, "detail": detail}
