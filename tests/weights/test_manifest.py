import hashlib
import json
import pwd
from pathlib import Path

import pytest

from colorizer.errors import WeightsError
from colorizer.process.resources import resource_folder
from colorizer.weights import manifest
from colorizer.weights.manifest import default_models_dir, load_manifest, parse_manifest

MODELS = resource_folder("models")
SHIPPED = json.loads((MODELS / "manifest.json").read_text())
DOCUMENT = Path(__file__).parents[2] / "docs" / "models.md"


def entry(**changes):
    """A good entry with these changes; None takes a field away."""
    good = dict(SHIPPED["networks"][1])
    return {name: value for name, value in (good | changes).items() if value is not None}


def test_the_manifest_agrees_with_the_bundled_file():
    colornet = load_manifest()["colornet"]
    data = (MODELS / colornet.file).read_bytes()
    remedy = "run: python -m training.record_weights"
    assert colornet.bytes == len(data), remedy
    assert colornet.sha256 == hashlib.sha256(data).hexdigest(), remedy


def test_all_but_colornet_are_fetched():
    commands = {name: entry.fetch_command for name, entry in load_manifest().items()}
    assert commands == {
        "colornet": "",
        "richzhang": "image-colorizer fetch richzhang",
        "richzhang-norebal": "image-colorizer fetch richzhang-norebal --from FILE",
        "zeruniverse": "image-colorizer fetch zeruniverse --from FILE",
        "ddcolor": "image-colorizer fetch ddcolor",
    }


def test_mirrors_keep_their_order():
    urls = load_manifest()["richzhang"].urls
    assert [url.split("/")[2] for url in urls] == ["github.com", "www.dropbox.com"]


def test_entries_cannot_be_changed():
    with pytest.raises(AttributeError):
        load_manifest()["richzhang"].bytes = 1


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "Rich Zhang"}, "wrong name"),
        ({"family": "magic"}, "wrong family"),
        ({"file": "../outside.onnx"}, "wrong file"),
        ({"file": "/etc/passwd"}, "wrong file"),
        ({"urls": ["file:///etc/passwd"]}, "wrong urls"),
        ({"urls": ["ftp://example.org/x"]}, "wrong urls"),
        ({"sha256": "abc"}, "wrong sha256"),
        ({"bytes": 0}, "wrong bytes"),
        ({"bytes": "many"}, "wrong bytes"),
        ({"bytes": None}, "both or neither"),
        ({"sha256": None, "bytes": None}, "signature .*needed.*urls"),
        ({"notes": 3}, "licence, paper or notes"),
        ({"title": None}, "incomplete.*title"),
        ({"license": "MIT"}, "nothing reads: license"),
        ({"signature": {"inputs": {}}}, "inputs and outputs"),
        ({"signature": [1, 2]}, "inputs and outputs"),
        ({"signature": {"inputs": {"a": 5}, "outputs": {}}}, "inputs and outputs"),
    ],
)
def test_a_wrong_entry_is_named(changes, problem):
    with pytest.raises(WeightsError, match=problem):
        parse_manifest({"networks": [entry(**changes)]})


@pytest.mark.parametrize("document", [[], {}, {"networks": {}}, {"networks": ["richzhang"]}])
def test_something_else_is_no_manifest(document):
    with pytest.raises(WeightsError):
        parse_manifest(document)


def test_a_name_stands_for_one_network():
    with pytest.raises(WeightsError, match="same name"):
        parse_manifest({"networks": [entry(), entry()]})


def test_a_manifest_that_is_no_json_is_a_clear_error(tmp_path):
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(WeightsError, match="manifest of the networks cannot be read"):
        load_manifest(tmp_path)


def test_a_checkout_keeps_fetched_weights_in_models():
    assert default_models_dir() == MODELS


def test_an_installed_package_keeps_them_in_the_users_data_folder(monkeypatch):
    monkeypatch.setattr(manifest, "resource_folder", lambda name: manifest.PACKAGE / name)
    folder = default_models_dir()
    assert folder.name == "models"
    assert "image-colorizer" in folder.parts
    assert manifest.PACKAGE not in folder.parents


def test_a_user_without_a_home_has_those_of_the_machine(monkeypatch):
    """As systemd's DynamicUser and a container's number make users that no file knows."""

    def nobody(_):
        raise KeyError

    monkeypatch.setattr(manifest, "resource_folder", lambda name: manifest.PACKAGE / name)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    for name in ("HOME", "XDG_DATA_HOME", "XDG_DATA_DIRS"):
        monkeypatch.delenv(name, raising=False)
    assert default_models_dir() == Path("/usr/local/share/image-colorizer/models")


def test_the_document_names_every_network_and_its_facts():
    text = DOCUMENT.read_text()
    for entry in load_manifest().values():
        assert f"`{entry.name}`" in text
        assert entry.licence.split(" ")[0] in text
        if not entry.bundled and entry.sha256:
            assert entry.sha256 in text
            assert f"{entry.bytes:,}" in text
            assert all(url.split("/")[2] in text for url in entry.urls)


def test_the_document_names_every_field():
    text = DOCUMENT.read_text()
    assert all(f"`{name}`" in text for item in SHIPPED["networks"] for name in item)


def test_a_manifest_is_parsed_once_and_again_when_it_changes(tmp_path, monkeypatch):
    parsed = []
    parse = manifest.parse_manifest
    monkeypatch.setattr(manifest, "parse_manifest", lambda document: parsed.append(1) or parse(document))
    own = tmp_path / "manifest.json"
    own.write_text('{"networks": []}')
    manifest.load_manifest(tmp_path)
    before = len(parsed)
    assert before
    manifest.load_manifest(tmp_path)
    assert len(parsed) == before
    own.write_text('{"networks": [] }')
    manifest.load_manifest(tmp_path)
    assert len(parsed) == before + 1
