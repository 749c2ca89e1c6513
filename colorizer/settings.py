"""What an operator can set, read once from the environment; docs/configuration.md has the same table."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from colorizer.errors import SettingsError

PREFIX = "COLORIZER_"
MEBIBYTE = 1024 * 1024
TOKEN = re.compile(r"([A-Za-z0-9_.-]{1,60}):([0-9a-fA-F]{64})(?::([0-9]{1,7}))?")
ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")


@dataclass(frozen=True)
class Token:
    """A bearer token that an operator gave out: whose it is, its SHA-256, and a quota of bytes or None."""

    name: str
    digest: str
    quota: int | None = None


@dataclass(frozen=True)
class Settings:
    """The service's settings.

    strategy: the default strategy, or None: richzhang where its weights are installed, else colornet.
    models_dir: where fetched weights are kept, or None: models/ in a checkout, else the user's data folder.
    cors_origins: origins of other sites that may call us; ("*",) for all.
    uploads_at_once: requests whose bodies are held in memory; photos_at_once: photos being coloured;
    queue: photos that wait for that. store_url: where images are kept, file:///folder or s3://bucket/prefix,
    or None: nothing is kept; database_url: of what is known of them, or None: an SQLite file in that folder;
    keep_hours: how long; owner_quota_bytes, store_bytes: how much, of one owner and of all; tokens: whose
    images outlive a browser; max_job_bytes: of a request that brings the photos of a job;
    processes: how many serve, or None: two where memory allows it.
    """

    strategy: str | None = None
    device: str = "cpu"
    models_dir: Path | None = None
    max_upload_bytes: int = 5 * MEBIBYTE
    max_pixels: int = 50_000_000
    upload_seconds: float = 20.0
    photos_at_once: int = 2
    queue: int = 8
    uploads_at_once: int = 32
    cors_origins: tuple[str, ...] = ()
    store_url: str | None = None
    database_url: str | None = None
    keep_hours: float = 24.0
    owner_quota_bytes: int = 500 * MEBIBYTE
    store_bytes: int = 10_000 * MEBIBYTE
    tokens: tuple[Token, ...] = ()
    max_job_bytes: int = 100 * MEBIBYTE
    processes: int | None = None

    @classmethod
    def from_env(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the variables of `environ` that concern us; an empty one counts as unset.

        Raises SettingsError that names every wrong or unknown variable at once.
        """
        given = {
            name: text.strip()
            for name, text in environ.items()
            if (name.startswith(PREFIX) or name in VARIABLES) and text.strip()
        }
        values: dict[str, Any] = {}
        problems = []
        for name, text in given.items():
            try:
                field, parse = VARIABLES[name]
                values[field] = parse(text)
            except KeyError:
                problems.append(f"{name} is no setting; the settings are {', '.join(VARIABLES)}.")
            except ValueError as error:
                problems.append(f"{name} must be {error}, not {text!r}.")
        if problems:
            raise SettingsError(" ".join(problems))
        return cls(**values)


def _strategy(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", text):
        raise ValueError("the name of a strategy, as colornet")
    return text


def _device(text: str) -> str:
    if text not in ("cpu", "cuda"):
        raise ValueError("cpu or cuda")
    return text


def _number(low: float, high: float) -> Callable[[str], float]:
    """Return a parser of numbers from `low` to `high`."""

    def parse(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = math.nan
        if not low <= number <= high:  # also false for NaN
            raise ValueError(f"a number from {low:g} to {high:g}")
        return number

    return parse


def _integer(low: int, high: int) -> Callable[[str], int]:
    """Return a parser of whole numbers from `low` to `high`."""

    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(text)

    return parse


def _scaled(parse: Callable[[str], float], factor: int) -> Callable[[str], int]:
    return lambda text: round(parse(text) * factor)


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(origin.strip().rstrip("/") for origin in text.split(","))
    if origins != ("*",) and not all(ORIGIN.fullmatch(origin) for origin in origins):
        raise ValueError("origins separated by commas, as https://photos.example, or * for all")
    return origins


def _store(text: str) -> str:
    if not re.fullmatch(r"file:///[^?#]+|s3://[a-z0-9.-]+(/[0-9a-z][0-9a-z./-]*)?", text):
        raise ValueError("file:///folder or s3://bucket/prefix")
    return text.rstrip("/")


def _tokens(text: str) -> tuple[Token, ...]:
    return tuple(_token(line) for line in re.split(r"[,\n]", text) if line.strip())


def _tokens_file(text: str) -> tuple[Token, ...]:
    try:
        return _tokens(Path(text).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError("a file that can be read") from error


def _token(text: str) -> Token:
    found = TOKEN.fullmatch(text.strip())
    if not found:
        raise ValueError("name:sha256 or name:sha256:quota in MB, separated by commas or lines")
    name, digest, quota = found.groups()
    return Token(name, digest.lower(), int(quota) * MEBIBYTE if quota else None)


def _database(text: str) -> str:
    if not re.match(r"(sqlite|postgres(ql)?)://", text):
        raise ValueError("sqlite:////folder/file or postgresql://user:password@host/name")
    return text


# name: (field, parser); a parser raises ValueError that says what the value must be.
VARIABLES: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "COLORIZER_STRATEGY": ("strategy", _strategy),
    "COLORIZER_DEVICE": ("device", _device),
    "COLORIZER_MODELS_DIR": ("models_dir", Path),
    "COLORIZER_MAX_UPLOAD_MB": ("max_upload_bytes", _scaled(_number(0.01, 500), MEBIBYTE)),
    "COLORIZER_MAX_MEGAPIXELS": ("max_pixels", _scaled(_number(0.01, 1000), 1_000_000)),
    "COLORIZER_UPLOAD_SECONDS": ("upload_seconds", _number(0.1, 3600)),
    "COLORIZER_PHOTOS_AT_ONCE": ("photos_at_once", _integer(1, 64)),
    "COLORIZER_QUEUE": ("queue", _integer(0, 1000)),
    "COLORIZER_UPLOADS_AT_ONCE": ("uploads_at_once", _integer(1, 1000)),
    "COLORIZER_CORS_ORIGINS": ("cors_origins", _origins),
    "COLORIZER_STORE_URL": ("store_url", _store),
    "DATABASE_URL": ("database_url", _database),
    "COLORIZER_KEEP_HOURS": ("keep_hours", _number(0.01, 100_000)),
    "COLORIZER_OWNER_QUOTA_MB": ("owner_quota_bytes", _scaled(_number(0.01, 1e6), MEBIBYTE)),
    "COLORIZER_TOKENS": ("tokens", _tokens),
    "COLORIZER_TOKENS_FILE": ("tokens", _tokens_file),
    "COLORIZER_MAX_JOB_MB": ("max_job_bytes", _scaled(_number(0.01, 10_000), MEBIBYTE)),
    "COLORIZER_STORE_MB": ("store_bytes", _scaled(_number(0.01, 1e9), MEBIBYTE)),
    "WEB_CONCURRENCY": ("processes", _integer(1, 1000)),  # hosting platforms set it
}
