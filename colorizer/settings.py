"""What an operator can set, read once from the environment; docs/configuration.md has the same table."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from colorizer.errors import SettingsError
from colorizer.options import MAX_PIXELS

PREFIX = "COLORIZER_"
MEBIBYTE = 1024 * 1024
TOKEN = re.compile(r"([A-Za-z0-9_.-]{1,60}):([0-9a-fA-F]{64})(?::([0-9]{1,7}))?")
ADDRESS = (
    r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"  # of e-mail, as RFC 5321 has it
)
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
    strategies: those that clients may ask for; none: all installed ones. networks_loaded: how many at once.
    models_dir: where fetched weights are kept, or None: models/ in a checkout, else the user's data folder.
    cors_origins: origins of other sites that may call us; ("*",) for all.
    uploads_at_once: requests whose bodies are held in memory; photos_at_once: photos being coloured;
    queue: photos that wait for that. store_url: where images are kept, file:///folder or s3://bucket/prefix,
    or None: nothing is kept; database_url: of what is known of them, or None: an SQLite file in that folder;
    keep_hours: how long; owner_quota_bytes, store_bytes: how much, of one owner and of all; tokens: whose
    images outlive a browser; max_job_bytes: of a request that brings the photos of a job; max_film_bytes,
    max_film_seconds: the largest and the longest film, no bytes where no films are taken;
    webhook_secret: signs what is posted when a job is finished, or None: nothing is; webhook_allow: private
    networks that may be called so; smtp_url, mail_from: through and from whom e-mail is sent, or None: none
    is; base_url: where clients reach the service, for the links in it;
    processes: how many serve, or None: two where memory allows it. log_format: text or json.
    metrics: whether /metrics counts what happens. rate_limit: how often a client may ask for work, or None.
    proxies: how many before us are believed; prefix: the path that all addresses begin with, as /colors.
    """

    strategy: str | None = None
    strategies: tuple[str, ...] = ()
    networks_loaded: int = 2
    device: str = "cpu"
    models_dir: Path | None = None
    max_upload_bytes: int = 5 * MEBIBYTE
    max_pixels: int = MAX_PIXELS
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
    max_film_bytes: int = 200 * MEBIBYTE
    max_film_seconds: float = 600.0
    webhook_secret: str | None = None
    webhook_allow: tuple[str, ...] = ()
    smtp_url: str | None = None
    mail_from: str | None = None
    base_url: str | None = None
    processes: int | None = None
    log_format: str = "text"
    metrics: bool = False
    rate_limit: str | None = None
    proxies: int = 0
    prefix: str = ""

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
                field, kind = VARIABLES[name]
                values[field] = kind.read(text)
            except KeyError:
                problems.append(f"{name} is no setting; the settings are {', '.join(VARIABLES)}.")
            except ValueError as error:
                problems.append(f"{name} must be {error}, not {text!r}.")
        if problems:
            raise SettingsError(" ".join(problems))
        return cls(**values)

    def __post_init__(self) -> None:
        """Hold settings that are made by hand to the same; raises SettingsError that names all problems."""
        problems = [
            f"{field} ({name}: {kind.expected}) cannot be {getattr(self, field)!r}."
            for name, (field, kind) in VARIABLES.items()
            if getattr(self, field) != getattr(type(self), field) and not kind.holds(getattr(self, field))
        ]
        if self.smtp_url and not (self.mail_from and self.base_url):
            problems.append("COLORIZER_SMTP_URL needs COLORIZER_MAIL_FROM and COLORIZER_BASE_URL beside it.")
        if problems:
            raise SettingsError(" ".join(problems))


@dataclass(frozen=True)
class Kind:
    """What a setting may be: in words, how its text is understood, and which values make sense."""

    expected: str
    understand: Callable[[str], Any]  # raises ValueError for a text that means nothing
    holds: Callable[[Any], bool]

    def read(self, text: str) -> Any:
        """Return the value that a text stands for; raises ValueError that says what was expected."""
        try:
            value = self.understand(text)
        except (ValueError, OSError) as error:
            raise ValueError(self.expected) from error
        if not self.holds(value):
            raise ValueError(self.expected)
        return value


def _text(pattern: str, expected: str) -> Kind:
    """Return the kind of texts that match a pattern."""
    return Kind(expected, str, lambda value: isinstance(value, str) and bool(re.fullmatch(pattern, value)))


def _number(low: float, high: float) -> Kind:
    """Return the kind of numbers from `low` to `high`."""
    return Kind(f"a number from {low:g} to {high:g}", float, partial(_is_within, low, high))


def _integer(low: int, high: int) -> Kind:
    """Return the kind of whole numbers from `low` to `high`."""

    def holds(value: Any) -> bool:
        return isinstance(value, int) and _is_within(low, high, value)

    return Kind(f"a whole number from {low} to {high}", _digits, holds)


def _scaled(kind: Kind, factor: int) -> Kind:
    """Return the kind of whole numbers that are given in units of `factor`."""
    return Kind(
        kind.expected,
        lambda text: round(kind.read(text) * factor),
        lambda value: isinstance(value, int) and kind.holds(value / factor),
    )


def _is_within(low: float, high: float, value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high


def _digits(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise ValueError
    return int(text)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _origins(text: str) -> tuple[str, ...]:
    return tuple(origin.strip().rstrip("/") for origin in text.split(","))


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True


def _are_origins(value: Any) -> bool:
    return value == ("*",) or _are_all(value, ORIGIN.fullmatch)


def _are_all(value: Any, holds: Callable[[Any], object]) -> bool:
    return isinstance(value, tuple) and all(holds(item) for item in value)


def _tokens(text: str) -> tuple[Token, ...]:
    return tuple(_token(line) for line in re.split(r"[,\n]", text) if line.strip())


def _token(text: str) -> Token:
    found = TOKEN.fullmatch(text.strip())
    if not found:
        raise ValueError
    name, digest, quota = found.groups()
    return Token(name, digest.lower(), int(quota) * MEBIBYTE if quota else None)


def _are_tokens(value: Any) -> bool:
    return _are_all(value, lambda token: isinstance(token, Token))


STRATEGY = _text(r"[A-Za-z0-9_.-]+", "the name of a strategy, as colornet")
STRATEGIES = Kind(
    "names of strategies separated by commas, as colornet, richzhang",
    _names,
    lambda value: bool(value) and _are_all(value, STRATEGY.holds),
)
DEVICE = _text("cpu|cuda", "cpu or cuda")
PATH = Kind(
    "a path, as /colors",
    lambda text: text.rstrip("/"),
    _text(r"(/[A-Za-z0-9_~-][A-Za-z0-9_.~-]*)*", "").holds,
)
LOG_FORMAT = _text("text|json", "text or json")
FLAG = Kind("1 or 0", lambda text: bool(("0", "1").index(text)), lambda value: isinstance(value, bool))
FOLDER = Kind("a folder", Path, lambda value: isinstance(value, Path))
ORIGINS = Kind("origins separated by commas, as https://photos.example, or * for all", _origins, _are_origins)
STORE = Kind(
    "file:///folder or s3://bucket/prefix",
    lambda text: text.rstrip("/"),
    _text(r"file:///[^?#]+|s3://[a-z0-9.-]+(/[0-9a-z][0-9a-z./-]*)?", "").holds,
)
DATABASE = _text(
    r"(?s)(sqlite:///|postgres(ql)?:/)/.*", "sqlite:////folder/file or postgresql://user:password@host/name"
)
TOKENS = Kind("name:sha256 or name:sha256:quota in MB, separated by commas or lines", _tokens, _are_tokens)
TOKENS_FILE = Kind(
    f"a file that can be read, of lines as {TOKENS.expected}",
    lambda text: _tokens(Path(text).read_text(encoding="utf-8")),
    _are_tokens,
)
RATE = _text(
    "[1-9][0-9]{0,5}/(second|minute|hour|day)", "a number in a second, minute, hour or day, as 60/minute"
)
SECRET = _text(r"whsec_[A-Za-z0-9+/]{32,86}={0,2}", "whsec_ and 24 to 64 random bytes in base64")
NETWORKS = Kind(
    "networks separated by commas, as 10.0.0.0/8, fd00::/8",
    _names,
    lambda value: bool(value) and _are_all(value, _is_network),
)
SMTP = _text(
    r"smtps?://([^@/\s]+@)?[A-Za-z0-9.-]+(:[0-9]{1,5})?", "smtp:// or smtps://user:password@host:port"
)
EMAIL = _text(ADDRESS, "an e-mail address")
BASE = Kind(
    "where clients reach the service, as https://photos.example",
    lambda text: text.rstrip("/"),
    _text(rf"{ORIGIN.pattern}(/[A-Za-z0-9._~-]+)*", "").holds,
)

# name: (field, what it may be)
VARIABLES: Mapping[str, tuple[str, Kind]] = {
    "COLORIZER_STRATEGY": ("strategy", STRATEGY),
    "COLORIZER_STRATEGIES": ("strategies", STRATEGIES),
    "COLORIZER_NETWORKS_LOADED": ("networks_loaded", _integer(1, 100)),
    "COLORIZER_DEVICE": ("device", DEVICE),
    "COLORIZER_MODELS_DIR": ("models_dir", FOLDER),
    "COLORIZER_MAX_UPLOAD_MB": ("max_upload_bytes", _scaled(_number(0.01, 500), MEBIBYTE)),
    "COLORIZER_MAX_MEGAPIXELS": ("max_pixels", _scaled(_number(0.01, 1000), 1_000_000)),
    "COLORIZER_UPLOAD_SECONDS": ("upload_seconds", _number(0.1, 3600)),
    "COLORIZER_PHOTOS_AT_ONCE": ("photos_at_once", _integer(1, 64)),
    "COLORIZER_QUEUE": ("queue", _integer(0, 1000)),
    "COLORIZER_UPLOADS_AT_ONCE": ("uploads_at_once", _integer(1, 1000)),
    "COLORIZER_CORS_ORIGINS": ("cors_origins", ORIGINS),
    "COLORIZER_STORE_URL": ("store_url", STORE),
    "DATABASE_URL": ("database_url", DATABASE),
    "COLORIZER_KEEP_HOURS": ("keep_hours", _number(0.01, 100_000)),
    "COLORIZER_OWNER_QUOTA_MB": ("owner_quota_bytes", _scaled(_number(0.01, 1e6), MEBIBYTE)),
    "COLORIZER_TOKENS": ("tokens", TOKENS),
    "COLORIZER_TOKENS_FILE": ("tokens", TOKENS_FILE),
    "COLORIZER_MAX_JOB_MB": ("max_job_bytes", _scaled(_number(0.01, 10_000), MEBIBYTE)),
    "COLORIZER_MAX_VIDEO_MB": ("max_film_bytes", _scaled(_number(0, 10_000), MEBIBYTE)),
    "COLORIZER_MAX_VIDEO_SECONDS": ("max_film_seconds", _number(1, 100_000)),
    "COLORIZER_STORE_MB": ("store_bytes", _scaled(_number(0.01, 1e9), MEBIBYTE)),
    "COLORIZER_WEBHOOK_SECRET": ("webhook_secret", SECRET),
    "COLORIZER_WEBHOOK_ALLOW": ("webhook_allow", NETWORKS),
    "COLORIZER_SMTP_URL": ("smtp_url", SMTP),
    "COLORIZER_MAIL_FROM": ("mail_from", EMAIL),
    "COLORIZER_BASE_URL": ("base_url", BASE),
    "COLORIZER_LOG_FORMAT": ("log_format", LOG_FORMAT),
    "COLORIZER_PROXIES": ("proxies", _integer(0, 10)),
    "COLORIZER_PREFIX": ("prefix", PATH),
    "COLORIZER_METRICS": ("metrics", FLAG),
    "COLORIZER_RATE_LIMIT": ("rate_limit", RATE),
    "WEB_CONCURRENCY": ("processes", _integer(1, 1000)),  # hosting platforms set it
}
PATHS = tuple(name for name, (_, kind) in VARIABLES.items() if kind in (FOLDER, TOKENS_FILE))


def with_absolute_paths(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables so that they name the same files from any folder."""
    given = {name: environ[name].strip() for name in PATHS if name in environ}
    return {**environ, **{name: str(Path(text).absolute()) for name, text in given.items() if text}}
