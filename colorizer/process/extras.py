"""The optional parts of the program, and the packages that each brings."""

from importlib.util import find_spec

from colorizer.errors import ExtraMissing

EXTRAS = {
    "server": ("flask", "flask_cors", "gunicorn"),
    "video": ("av",),
    "store": ("obstore", "psycopg", "sqlalchemy"),
    "metrics": ("prometheus_client",),
    "limits": ("flask_limiter",),
    "cluster": ("distributed", "obstore"),
    "watch": ("watchfiles",),
    "jobs": ("obstore", "psycopg", "sqlalchemy", "dbos", "AntiSSRF", "standardwebhooks"),
}


def is_installed(extra: str) -> bool:
    """Return whether all packages of an extra are there."""
    return all(find_spec(package) for package in EXTRAS[extra])


def require(extra: str, what: str) -> None:
    """Raise ExtraMissing, for `what` that was asked for, where a package of the extra is not installed."""
    if not is_installed(extra):
        raise ExtraMissing(
            f"{what} needs the extra [{extra}], which is not installed:"
            f" pip install 'image-colorizer[{extra}]'."
        )
