"""To whom kept images and jobs belong: the holder of a token, or the browser that holds a cookie."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable

from colorizer.errors import UnknownToken
from colorizer.settings import Token
from colorizer.store.images import Owner

COOKIE_BYTES = 16  # 128 random bits
TOKEN_OWNER = "token:"  # begins the names of owners with a token


def has_token(owner: Owner) -> bool:
    """Return whether an owner is one whom the operator gave a token."""
    return owner.name.startswith(TOKEN_OWNER)


class Owners:
    """Tells owners apart; knows digests of tokens, never tokens."""

    def __init__(self, tokens: Iterable[Token], quota: int) -> None:
        """quota: bytes, of every owner whose token names no other."""
        self._tokens, self._quota = tuple(tokens), quota

    def find(self, authorization: str, cookie: str | None) -> Owner | None:
        """Return the owner of a request, or None where it says nothing of one.

        authorization: the header, which goes before the cookie. Raises UnknownToken.
        """
        if authorization:
            return self._of_token(authorization)
        return self._of_cookie(cookie) if cookie else None

    def welcome(self) -> tuple[Owner, str]:
        """Return a new owner, and the cookie by which a browser will be known again."""
        cookie = secrets.token_urlsafe(COOKIE_BYTES)
        return self._of_cookie(cookie), cookie

    def _of_token(self, authorization: str) -> Owner:
        scheme, _, token = authorization.partition(" ")
        digest = hashlib.sha256(token.strip().encode("utf-8", "replace")).hexdigest()
        for known in self._tokens:
            if scheme.lower() == "bearer" and hmac.compare_digest(digest, known.digest):
                return Owner(f"{TOKEN_OWNER}{known.name}", known.quota or self._quota)
        raise UnknownToken(
            "The token is none that this service knows. Send Authorization: Bearer TOKEN, with a token of the"
            " operator's."
        )

    def _of_cookie(self, cookie: str) -> Owner:
        """The database holds a digest: who reads it cannot take anybody's place."""
        digest = hashlib.sha256(cookie.encode("utf-8", "replace")).hexdigest()
        return Owner(f"cookie:{digest[:40]}", self._quota)
