"""compose.yaml fits what it puts together: our settings, commands and files. docs/deploy.md has its trial."""

import re
from pathlib import Path

import pytest
import yaml

from colorizer.cli import build_parser
from colorizer.settings import Settings

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "compose.yaml").read_text(encoding="utf-8")
MADE_BY_OPERATORS = {"./certificate"}


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load(re.sub(r"\$\{PASSWORD(:\?[^}]*)?\}", "secret", TEXT))["services"]


def test_all_that_belongs_to_the_service_is_in_it(services):
    assert {"proxy", "service", "worker", "database", "store"} < set(services)


@pytest.mark.parametrize("name", ["service", "worker"])
def test_our_part_starts_as_it_is_written(services, name):
    settings = Settings.from_env(services[name]["environment"])
    assert (settings.store_url, settings.proxies) == ("s3://photos/kept", 1)
    assert settings.database_url == "postgresql://colorizer:secret@database/colorizer"
    assert build_parser().parse_args(services[name]["command"]).command in ("serve", "worker")


@pytest.mark.parametrize("name", ["service", "worker"])
def test_our_part_has_no_rights_and_writes_nothing(services, name):
    ours = services[name]
    assert ours["read_only"]
    assert ours["cap_drop"] == ["ALL"]
    assert (ROOT / ours["build"]["dockerfile"]).is_file()


def test_the_worker_gives_way_to_the_service(services):
    assert services["worker"]["cpu_shares"] * 10 < 1024  # of a container that nothing is said of


def test_what_is_mounted_is_there(services):
    mounts = [mount.split(":") for service in services.values() for mount in service.get("volumes", [])]
    ours = {source for source, *_ in mounts if source.startswith(".")} - MADE_BY_OPERATORS
    assert ours == {"./docs/nginx.conf"}
    assert all((ROOT / source).is_file() for source in ours)


def test_nginx_finds_the_certificate_and_the_service_where_its_configuration_says(services):
    conf = (ROOT / "docs/nginx.conf").read_text(encoding="utf-8")
    (folder,) = (mount.split(":")[1] for mount in services["proxy"]["volumes"] if "certificate" in mount)
    assert f"ssl_certificate {folder}/certificate.pem;" in conf
    assert "server 127.0.0.1:5000;" in conf
    assert services["service"]["network_mode"] == "service:proxy"
    assert re.search(r"^ENV .*\bPORT=5000$", (ROOT / "Containerfile").read_text(), re.MULTILINE)


def test_the_store_and_its_clients_have_the_same_key(services):
    store = yaml.safe_load(TEXT)["configs"]["s3"]["content"]
    assert f'"accessKey": "{services["service"]["environment"]["AWS_ACCESS_KEY_ID"]}"' in store
    assert "aws s3 mb s3://photos" in services["bucket"]["command"][0]
