"""Where the service seems to be from outside: behind proxies, and perhaps below a path of another site."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.utils import redirect

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def behind_proxies(app: "WSGIApplication", count: int, prefix: str) -> "WSGIApplication":
    """Return the app as it looks from outside.

    count: how many proxies are believed what they say in X-Forwarded-For, -Proto, -Host and -Prefix.
    prefix: the path that all addresses begin with, as /colors, or "".
    """
    if prefix:
        app = _Below(prefix, app)
    if count:
        app = ProxyFix(app, x_for=count, x_proto=count, x_host=count, x_prefix=count)
    return app


class _Below:
    """An app below a path. Whether a proxy takes the path away, or passes it on, makes no difference."""

    def __init__(self, prefix: str, app: "WSGIApplication") -> None:
        self._prefix, self._app = prefix, app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == self._prefix:  # addresses relative to it would lead beside it
            query = environ.get("QUERY_STRING")
            return redirect(f"{path}/?{query}" if query else f"{path}/", 308)(environ, start_response)
        environ["SCRIPT_NAME"] = self._prefix
        if path.startswith(self._prefix + "/"):
            environ["PATH_INFO"] = path.removeprefix(self._prefix)
        return self._app(environ, start_response)
