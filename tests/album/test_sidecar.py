"""Results under other names, with XMP files beside them: what photo libraries ask for."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from photos import encode, gray_scene

from colorizer.album.manifest import Manifest
from colorizer.album.plan import Plan, Target
from colorizer.album.recipe import Recipe
from colorizer.album.tasks import color_file
from colorizer.cli import main

PHOTO = encode(gray_scene(60, 40), "JPEG")
EDITED = ["--name-suffix", "_edited", "--sidecar", "--jobs", "1"]


@pytest.fixture
def photos(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grandma.jpg").write_bytes(PHOTO)
    return tmp_path


def files() -> set[str]:
    return {path.name for path in Path().iterdir()}


def states(capsys, *options: str) -> list[str]:
    """Run the command, and return what became of the photos."""
    capsys.readouterr()
    main(["colorize", ".", *EDITED, "--json", *options])
    return [json.loads(line)["state"] for line in capsys.readouterr().out.splitlines()]


def test_a_result_has_the_suffix_and_a_sidecar_that_says_what_it_is(photos, capsys):
    assert main(["colorize", ".", *EDITED]) == 0
    assert files() == {"grandma.jpg", "grandma_edited.jpg", "grandma_edited.xmp"}
    description = ElementTree.parse("grandma_edited.xmp").getroot()[0][0]
    texts = {element.tag.partition("}")[2]: "".join(element.itertext()) for element in description}
    assert texts["description"] == "Colors simulated by Image Colorizer, strategy colornet."
    assert texts["subject"] == "colorized"
    assert texts["DigitalSourceType"].endswith("/compositeWithTrainedAlgorithmicMedia")
    assert states(capsys) == ["done before"]


def test_results_under_the_usual_name_are_no_photos_of_such_a_run(photos):
    main(["colorize", ".", "--jobs", "1"])
    main(["colorize", ".", *EDITED])
    main(["colorize", ".", "--jobs", "1"])
    names = {"grandma.jpg", "grandma-colorized.jpg", "grandma_edited.jpg", "grandma_edited.xmp"}
    assert files() == names


def test_what_others_made_is_kept(photos, capsys):
    Path("grandma_edited.xmp").write_text("my notes")
    assert main(["colorize", ".", *EDITED]) == 0
    assert Path("grandma_edited.xmp").read_text() == "my notes"
    Path("grandma_edited.jpg").write_bytes(PHOTO)
    assert main(["colorize", ".", *EDITED]) == 1
    assert Path("grandma_edited.jpg").read_bytes() == PHOTO
    assert "grandma_edited.jpg is not one of our results, so it is kept." in capsys.readouterr().err


def test_elsewhere_a_photo_that_somebody_edited_is_a_photo(photos):
    Path("grandma_edited.jpg").write_bytes(PHOTO)
    assert main(["colorize", ".", "--output", "out", *EDITED]) == 0
    assert {path.name for path in Path("out").glob("*.jpg")} == {
        "grandma_edited.jpg",
        "grandma_edited_edited.jpg",
    }


def test_a_sidecar_that_is_missing_or_older_is_written_to_a_result_that_is_done(photos, capsys):
    main(["colorize", ".", *EDITED])
    first = Path("grandma_edited.xmp").read_text()
    for change in (Path.unlink, lambda path: path.write_text(first.replace("colornet", "older"))):
        change(Path("grandma_edited.xmp"))
        assert states(capsys) == ["done before"]
        assert Path("grandma_edited.xmp").read_text() == first


def test_a_manifest_knows_that_sidecars_were_not_asked_for(photos):
    plan = Plan([photos], Target(folder=photos / "out"), False, [])
    manifest = photos / "out" / "manifest.sqlite"
    for recipe in (Recipe(("colornet",)), Recipe(("colornet",), sidecars=True)):
        with Manifest(recipe, manifest) as known:
            assert len([*known.noted(color_file(recipe, job) for job in known.due(plan))]) == 1
    assert (photos / "out" / "grandma-colorized.xmp").exists()


@pytest.mark.parametrize("suffix", ["", "a/b", "a\\b", "a\0b", "x" * 65])
def test_a_suffix_that_no_name_can_have_is_refused(photos, capsys, suffix):
    assert main(["colorize", ".", f"--name-suffix={suffix}"]) == 2
    assert "cannot be part of a file's name" in capsys.readouterr().err
    assert files() == {"grandma.jpg"}
