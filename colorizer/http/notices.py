"""The fields of a job that say who is to be told when it is finished."""

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from colorizer.errors import BadField
from colorizer.http.owners import has_token
from colorizer.jobs.notices import CALLBACK, EMAIL, EMAILS_AN_HOUR, Notices
from colorizer.settings import ADDRESS, Settings
from colorizer.store.images import Owner

MOST_CHARACTERS = {CALLBACK: 2000, EMAIL: 254}


def take_notices(
    fields: dict[str, str], owner: Owner, settings: Settings, notices: Notices
) -> dict[str, str]:
    """Take whom to tell out of the fields, checked, as `Notices.add` takes them.

    Only owners with a token, whom the operator knows, may let us write to others. Raises BadField.
    """
    targets = {kind: fields.pop(kind) for kind in (CALLBACK, EMAIL) if kind in fields}
    for kind, target in targets.items():
        _check_offered(kind, settings)
        if not has_token(owner):
            raise BadField(f"{kind} is for owners with a token: send Authorization: Bearer TOKEN.")
        if len(target) > MOST_CHARACTERS[kind] or not _CHECKS[kind](target, settings):
            raise BadField(f"{kind} must be {_expected(kind, settings)}, not {target!r:.80}.")
    if EMAIL in targets and not notices.may_ask_for_email(owner):
        raise BadField(
            f"notify_email can be asked for {EMAILS_AN_HOUR} times an hour. Leave it out this time."
        )
    return targets


def offered(settings: Settings) -> tuple[str, ...]:
    """Return the fields that the operator has turned on."""
    given: Mapping[str, str | None] = {CALLBACK: settings.webhook_secret, EMAIL: settings.smtp_url}
    return tuple(kind for kind, setting in given.items() if setting)


def _check_offered(kind: str, settings: Settings) -> None:
    if kind not in offered(settings):
        raise BadField(f"{kind} is not offered here: the operator has not turned it on.")


def _expected(kind: str, settings: Settings) -> str:
    if kind == EMAIL:
        return "one e-mail address, as anna@photos.example"
    return f"an address that begins with {' or '.join(_schemes(settings))}"


def _schemes(settings: Settings) -> tuple[str, ...]:
    return ("https://", "http://") if settings.webhook_allow else ("https://",)


def _is_callback(target: str, settings: Settings) -> bool:
    try:
        parts = urlsplit(target)
        port = parts.port  # raises ValueError for one that is none
    except ValueError:
        return False
    plain = re.fullmatch(r"[!-~]+", target) and parts.username is None and port != 0
    return bool(plain and parts.hostname and target.startswith(_schemes(settings)))


def _is_email(target: str, settings: Settings) -> bool:
    return bool(re.fullmatch(ADDRESS, target))


_CHECKS: Mapping[str, Callable[[str, Settings], bool]] = {CALLBACK: _is_callback, EMAIL: _is_email}
