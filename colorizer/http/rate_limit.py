"""How often one client may ask for work; imported only where COLORIZER_RATE_LIMIT is set.

Each process counts for itself: a service of two lets a client through up to twice as often.
"""

import time
from contextlib import suppress
from functools import partial
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from typing import TYPE_CHECKING, NoReturn

from flask import Flask, request
from flask_limiter import Limiter, RequestLimit

from colorizer.errors import TooManyRequests, UnknownToken

if TYPE_CHECKING:
    from colorizer.http.owners import Owners

WORK = ("POST", "PATCH")  # the methods that bring work; looking and deleting are free
NETWORK_BITS = 64  # of an IPv6 address: one client has all that follow


def add_rate_limit(app: Flask, rate: str, owners: "Owners | None") -> None:
    """Answer 429 to who asks for work more often than `rate`, as 60/minute, in any window of that length.

    owners: tells holders of tokens, who count by their names; everyone else counts by address, for a cookie
    is soon thrown away.
    """
    Limiter(
        partial(_client, owners),
        app=app,
        application_limits=[rate],
        application_limits_exempt_when=lambda: request.method not in WORK,
        on_breach=_refuse,
        storage_uri="memory://",
        strategy="moving-window",
    )


def _client(owners: "Owners | None") -> str:
    with suppress(UnknownToken):
        if owners and (owner := owners.find(request.headers.get("Authorization", ""), cookie=None)):
            return owner.name
    return _network_of(request.remote_addr)


def _network_of(address: str | None) -> str:
    """Return what stands for a client: its IPv4 address, or the network of its IPv6 address."""
    if not address:  # a socket file: a proxy that is not believed
        return ""
    found = ip_address(address)
    if not isinstance(found, IPv6Address):
        return address
    return str(found.ipv4_mapped or ip_network((found, NETWORK_BITS), strict=False))


def _refuse(limit: RequestLimit) -> NoReturn:
    seconds = max(1, ceil(limit.reset_at - time.time()))
    raise TooManyRequests(f"One client gets {limit.limit} answered. Try again in {seconds:,} s.", seconds)
