"""Where the files that are not Python code lie, in a checkout and in an installed wheel.

A checkout keeps `models`, `static`, `templates` and `gunicorn.conf.py` at its top level; a wheel carries
them inside the package (see `force-include` in pyproject.toml).
"""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def resource_folder(name: str) -> Path:
    """Return the folder `name`: "models", "static" or "templates"."""
    return _resource(name)


def resource_file(name: str) -> Path:
    """Return the file `name`, as "gunicorn.conf.py"."""
    return _resource(name)


def _resource(name: str) -> Path:
    installed = PACKAGE / name
    return installed if installed.exists() else PACKAGE.parent / name
