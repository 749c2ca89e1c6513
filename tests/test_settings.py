from pathlib import Path

import pytest

from colorizer.errors import SettingsError
from colorizer.settings import Settings, Token, with_absolute_paths


def test_an_empty_environment_gives_the_defaults():
    assert Settings.from_env({}) == Settings()
    assert Settings().max_upload_bytes == 5 * 1024 * 1024
    assert Settings().upload_seconds == 20


def test_an_empty_variable_counts_as_unset():
    assert Settings.from_env({"COLORIZER_STRATEGY": " ", "COLORIZER_QUEUE": ""}) == Settings()


def test_variables_of_others_are_left_alone():
    assert Settings.from_env({"PORT": "80", "PATH": "/bin"}) == Settings()


@pytest.mark.parametrize(
    ("name", "text", "field", "value"),
    [
        ("COLORIZER_STRATEGY", "richzhang-norebal", "strategy", "richzhang-norebal"),
        ("COLORIZER_STRATEGIES", "colornet, richzhang,", "strategies", ("colornet", "richzhang")),
        ("COLORIZER_NETWORKS_LOADED", "1", "networks_loaded", 1),
        ("COLORIZER_DEVICE", "cuda", "device", "cuda"),
        ("COLORIZER_MODELS_DIR", "/srv/models", "models_dir", Path("/srv/models")),
        ("COLORIZER_MAX_UPLOAD_MB", "1.5", "max_upload_bytes", 1_572_864),
        ("COLORIZER_MAX_MEGAPIXELS", "0.25", "max_pixels", 250_000),
        ("COLORIZER_UPLOAD_SECONDS", "7.5", "upload_seconds", 7.5),
        ("COLORIZER_PHOTOS_AT_ONCE", "4", "photos_at_once", 4),
        ("COLORIZER_QUEUE", "0", "queue", 0),
        ("COLORIZER_UPLOADS_AT_ONCE", "100", "uploads_at_once", 100),
        ("COLORIZER_MAX_VIDEO_MB", "0", "max_film_bytes", 0),
        ("COLORIZER_MAX_VIDEO_SECONDS", "90", "max_film_seconds", 90),
        ("COLORIZER_CORS_ORIGINS", "https://a.example, http://b.example:8080/", "cors_origins",
         ("https://a.example", "http://b.example:8080")),
        ("COLORIZER_CORS_ORIGINS", "*", "cors_origins", ("*",)),
        ("COLORIZER_WEBHOOK_ALLOW", "10.0.0.0/8, fd00::/8", "webhook_allow", ("10.0.0.0/8", "fd00::/8")),
        ("COLORIZER_MAIL_FROM", "photos@photos.example", "mail_from", "photos@photos.example"),
        ("COLORIZER_BASE_URL", "https://photos.example/color/", "base_url", "https://photos.example/color"),
        ("COLORIZER_LOG_FORMAT", "json", "log_format", "json"),
        ("COLORIZER_METRICS", "1", "metrics", True),
        ("COLORIZER_RATE_LIMIT", "60/minute", "rate_limit", "60/minute"),
        ("COLORIZER_PROXIES", "1", "proxies", 1),
        ("COLORIZER_PREFIX", "/photos/colors/", "prefix", "/photos/colors"),
    ],
)  # fmt: skip
def test_each_variable_is_read(name, text, field, value):
    assert getattr(Settings.from_env({name: text}), field) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("COLORIZER_STRATEGY", "a b"),
        ("COLORIZER_STRATEGIES", ","),
        ("COLORIZER_STRATEGIES", "colornet, a b"),
        ("COLORIZER_NETWORKS_LOADED", "0"),
        ("COLORIZER_DEVICE", "gpu"),
        ("COLORIZER_MAX_UPLOAD_MB", "0"),
        ("COLORIZER_MAX_UPLOAD_MB", "nan"),
        ("COLORIZER_MAX_MEGAPIXELS", "-1"),
        ("COLORIZER_UPLOAD_SECONDS", "soon"),
        ("COLORIZER_UPLOAD_SECONDS", "inf"),
        ("COLORIZER_PHOTOS_AT_ONCE", "0"),
        ("COLORIZER_PHOTOS_AT_ONCE", "1.5"),
        ("COLORIZER_QUEUE", "-1"),
        ("COLORIZER_UPLOADS_AT_ONCE", "٣"),
        ("COLORIZER_MAX_VIDEO_MB", "-1"),
        ("COLORIZER_MAX_VIDEO_SECONDS", "0"),
        ("COLORIZER_CORS_ORIGINS", "photos.example"),
        ("COLORIZER_WEBHOOK_SECRET", "whsec_short"),
        ("COLORIZER_WEBHOOK_ALLOW", "10.0.0.1/8"),
        ("COLORIZER_SMTP_URL", "mail.example:587"),
        ("COLORIZER_MAIL_FROM", "Photos <photos@photos.example>"),
        ("COLORIZER_BASE_URL", "photos.example"),
        ("COLORIZER_LOG_FORMAT", "xml"),
        ("COLORIZER_METRICS", "yes"),
        ("COLORIZER_RATE_LIMIT", "0/minute"),
        ("COLORIZER_RATE_LIMIT", "60/fortnight"),
        ("COLORIZER_PROXIES", "-1"),
        ("COLORIZER_PREFIX", "colors"),
        ("COLORIZER_PREFIX", "//evil.example"),
        ("COLORIZER_PREFIX", "/../colors"),
        ("DATABASE_URL", "sqlite:///kept.sqlite"),
        ("DATABASE_URL", "mysql://host/name"),
        ("COLORIZER_CORS_ORIGINS", "https://a.example, *"),
        ("COLORIZER_CORS_ORIGINS", "https://a.example/path"),
    ],
)
def test_a_wrong_value_is_named(name, text):
    with pytest.raises(SettingsError, match=f"{name} must be .*, not ") as caught:
        Settings.from_env({name: text})
    assert text.strip() in str(caught.value)


def test_all_problems_are_reported_together():
    environ = {"COLORIZER_DEVICE": "gpu", "COLORIZER_QUEUE": "many", "COLORIZER_QUEU": "1"}
    with pytest.raises(SettingsError) as caught:
        Settings.from_env(environ)
    assert all(name in str(caught.value) for name in environ)
    assert "COLORIZER_QUEU is no setting" in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("strategy", "a b"),
        ("strategy", 7),
        ("strategies", ["colornet"]),
        ("device", "gpu"),
        ("models_dir", "/srv/models"),
        ("max_upload_bytes", 0),
        ("max_upload_bytes", 1e6),
        ("max_pixels", -1),
        ("upload_seconds", float("nan")),
        ("queue", 2.0),
        ("photos_at_once", True),
        ("networks_loaded", None),
        ("cors_origins", "*"),
        ("cors_origins", ("photos.example",)),
        ("store_url", "http://store.example"),
        ("tokens", ("name:digest",)),
    ],
)
def test_settings_made_by_hand_are_checked_too(field, value):
    with pytest.raises(SettingsError, match=rf"^{field} \(COLORIZER_.*\) cannot be "):
        Settings(**{field: value})


def test_a_mail_server_needs_a_sender_and_an_address_for_links():
    with pytest.raises(SettingsError, match="needs COLORIZER_MAIL_FROM and COLORIZER_BASE_URL"):
        Settings(smtp_url="smtp://mail.example", mail_from="photos@photos.example")


def test_all_their_problems_are_reported_together():
    with pytest.raises(SettingsError, match=r"device .* queue "):
        Settings(device="gpu", queue=-1)


def test_a_file_of_tokens_has_one_a_line_some_with_a_quota(tmp_path):
    (tmp_path / "tokens").write_text(f"anna:{'0' * 64}\n\nmuseum:{'A' * 64}:2000\n")
    tokens = Settings.from_env({"COLORIZER_TOKENS_FILE": str(tmp_path / "tokens")}).tokens
    assert tokens == (Token("anna", "0" * 64, None), Token("museum", "a" * 64, 2000 * 1024 * 1024))
    (tmp_path / "tokens").write_text("anna")
    with pytest.raises(SettingsError, match="COLORIZER_TOKENS_FILE must be a file that can be read"):
        Settings.from_env({"COLORIZER_TOKENS_FILE": str(tmp_path / "tokens")})


def test_files_and_folders_are_the_same_ones_from_any_folder(tmp_path, monkeypatch):
    (tmp_path / "tokens").write_text(f"anna:{'0' * 64}")
    monkeypatch.chdir(tmp_path)
    given = {"COLORIZER_MODELS_DIR": "models", "COLORIZER_TOKENS_FILE": "tokens", "COLORIZER_STRATEGY": "a"}
    absolute = with_absolute_paths({**given, "PATH": "bin"})
    monkeypatch.chdir("/")
    settings = Settings.from_env(absolute)
    assert (settings.models_dir, settings.tokens[0].name) == (tmp_path / "models", "anna")
    assert (settings.strategy, absolute["PATH"]) == ("a", "bin")


def test_a_path_that_is_unset_stays_so():
    assert with_absolute_paths({"COLORIZER_MODELS_DIR": " "}) == {"COLORIZER_MODELS_DIR": " "}
