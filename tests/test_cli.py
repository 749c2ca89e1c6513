"""The commands as people type them: in this process where that is enough, else in one of their own."""

import contextlib
import ctypes
import hashlib
import io
import json
import os
import pty
import re
import resource
import signal
import socket
import subprocess
import sys
import termios
import time
from pathlib import Path

import numpy as np
import pytest
from onnx_files import zeruniverse_onnx
from photos import color_scene, gray_scene
from PIL import Image

from colorizer import __version__
from colorizer.cli import main
from colorizer.process import children
from colorizer.process.files import PART_PREFIX, PART_SUFFIX

ROOT = Path(__file__).parent.parent
COMMAND = [sys.executable, "-m", "colorizer"]
STRATEGIES = ("colornet", "richzhang", "richzhang-norebal", "zeruniverse", "ddcolor")
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2


@pytest.fixture(autouse=True)
def _clean_environ(monkeypatch):
    for name in [name for name in os.environ if name.startswith("COLORIZER_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("PORT", raising=False)


@pytest.fixture
def photos(tmp_path, monkeypatch) -> Path:
    """An empty folder, which is the current one."""
    folder = tmp_path / "photos"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def all_installed(generated_models, monkeypatch) -> Path:
    """Every strategy is installed."""
    monkeypatch.setenv("COLORIZER_MODELS_DIR", str(generated_models))
    monkeypatch.setenv("COLORIZER_STRATEGY", "colornet")
    return generated_models


def gray_pixels(width: int = 64, height: int = 48) -> np.ndarray:
    rows, columns = np.mgrid[:height, :width]
    return ((rows * 5 + columns * 3) % 256).astype(np.uint8)


def save(path: str | Path, pixels: np.ndarray | None = None, **options: object) -> Path:
    """Write a small gray photo, or these pixels."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(gray_pixels() if pixels is None else pixels).save(path, **options)
    return path


def files(folder: Path | str = ".") -> set[str]:
    return {str(path.relative_to(folder)) for path in Path(folder).rglob("*") if not path.is_dir()}


def load(file: Path | str | io.BytesIO) -> Image.Image:
    """Return a whole picture; raises where it is none."""
    with Image.open(file) as image:
        image.load()
        return image


def is_in_color(path: Path | str) -> bool:
    pixels = np.asarray(load(path).convert("RGB")).astype(int)
    return bool(np.ptp(pixels, axis=2).max() > 0)


def command(*arguments: str, **options: object) -> subprocess.CompletedProcess:
    return subprocess.run(
        [*COMMAND, *arguments], capture_output=True, check=False, env=environment(), **options
    )


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


# One photo


def test_the_result_lies_beside_the_photo_and_its_path_is_printed(photos, capsys):
    before = save("grandma.jpg").read_bytes()
    assert main(["colorize", "grandma.jpg"]) == 0
    assert capsys.readouterr() == ("grandma-colorized.jpg\n", "")
    assert files() == {"grandma.jpg", "grandma-colorized.jpg"}
    assert load("grandma-colorized.jpg").size == (64, 48)
    assert Path("grandma.jpg").read_bytes() == before


def test_a_photo_in_color_is_colored_from_its_lightness_and_said_so(photos, capsys):
    red_beside_blue = np.repeat([[200, 40, 40], [40, 40, 200]], 32, axis=0)
    save("flag.png", (red_beside_blue * np.linspace(0.2, 1, 48)[:, None, None]).astype(np.uint8))
    assert main(["colorize", "flag.png"]) == 0
    assert capsys.readouterr().err == (
        "image-colorizer: flag.png: The photo was in colour already; only its lightness was used.\n"
    )


@pytest.mark.parametrize(
    ("name", "pixels", "result"),
    [
        ("gray.png", gray_pixels(), "gray-colorized.jpg"),
        ("page.tif", gray_pixels(), "page-colorized.jpg"),
        ("shot.webp", gray_pixels(), "shot-colorized.jpg"),
        ("deep.png", gray_pixels().astype(np.uint16) * 257, "deep-colorized.png"),
        ("deep.tif", gray_pixels().astype(np.uint16) * 257, "deep-colorized.png"),
        ("cut.png", np.dstack([gray_pixels()] * 2), "cut-colorized.png"),
    ],
)
def test_jpeg_by_default_and_png_for_16_bit_and_alpha(photos, name, pixels, result):
    save(name, pixels)
    assert main(["colorize", name]) == 0
    assert files() == {name, result}


def test_16_bit_go_in_and_come_out(photos):
    save("deep.png", gray_pixels().astype(np.uint16) * 257)
    assert main(["colorize", "deep.png"]) == 0
    assert Path("deep-colorized.png").read_bytes()[24] == 16


@pytest.mark.parametrize(
    ("format", "suffix"), [("jpeg", "jpg"), ("png", "png"), ("webp", "webp"), ("tiff", "tif")]
)
def test_the_format_can_be_chosen(photos, format, suffix):
    save("deep.png", gray_pixels().astype(np.uint16) * 257)
    assert main(["colorize", "deep.png", "--format", format]) == 0
    assert load(f"deep-colorized.{suffix}").format.lower() == format


def test_content_decides_not_the_extension(photos):
    save("really-a-png.jpg", format="PNG")
    assert main(["colorize", "really-a-png.jpg"]) == 0
    assert load("really-a-png-colorized.jpg").format == "JPEG"


def test_quality_and_saturation_are_used(photos, all_installed):
    save("a.jpg")
    assert main(["colorize", "a.jpg", "--quality", "10", "--saturation", "0", "--output", "low.jpg"]) == 0
    assert main(["colorize", "a.jpg", "--output", "usual.jpg"]) == 0
    assert Path("low.jpg").stat().st_size < Path("usual.jpg").stat().st_size
    assert not is_in_color("low.jpg")
    assert is_in_color("usual.jpg")


def test_an_output_folder_is_made(photos):
    save("old/a.jpg")
    assert main(["colorize", "old/a.jpg", "--output", "new/deep"]) == 0
    assert files() == {"old/a.jpg", "new/deep/a-colorized.jpg"}


def test_an_output_file_takes_its_format_from_its_extension(photos):
    save("a.jpg")
    assert main(["colorize", "a.jpg", "--output", "b.PNG"]) == 0
    assert load("b.PNG").format == "PNG"


def test_what_exists_is_kept_unless_forced(photos, capsys):
    save("a.jpg")
    assert main(["colorize", "a.jpg"]) == 0
    first = Path("a-colorized.jpg").stat()
    assert main(["colorize", "a.jpg"]) == 0
    assert Path("a-colorized.jpg").stat().st_ino == first.st_ino
    assert capsys.readouterr() == ("a-colorized.jpg\na-colorized.jpg\n", "")
    assert main(["colorize", "a.jpg", "--force"]) == 0
    assert Path("a-colorized.jpg").stat().st_ino != first.st_ino


# Strategies


def test_several_strategies_and_a_picture_that_compares_them(photos, all_installed, capsys):
    save("a.jpg")
    assert main(["colorize", "a.jpg", "--strategy", "colornet", "richzhang"]) == 0
    names = ["a-colorized-colornet.jpg", "a-colorized-richzhang.jpg", "a-colorized-side-by-side.jpg"]
    assert capsys.readouterr().out.split() == names
    assert files() == {"a.jpg", *names}
    assert Path(names[0]).read_bytes() != Path(names[1]).read_bytes()
    assert load(names[2]).width > 3 * 64


def test_a_photo_may_follow_the_strategies(photos, all_installed):
    save("a.jpg")
    assert main(["colorize", "--strategy", "richzhang", "colornet", "a.jpg"]) == 0
    assert "a-colorized-richzhang.jpg" in files()
    assert main(["colorize", "--strategy", "ddcolor", "a.jpg"]) == 0
    assert "a-colorized.jpg" in files()


def test_what_is_missing_of_several_strategies_is_added(photos, all_installed):
    save("photos/a.jpg")
    assert main(["colorize", "photos", "--strategy", "colornet", "richzhang"]) == 0
    kept = Path("photos/a-colorized-colornet.jpg").stat().st_ino
    Path("photos/a-colorized-richzhang.jpg").unlink()
    assert main(["colorize", "photos", "--strategy", "colornet", "richzhang"]) == 0
    assert Path("photos/a-colorized-richzhang.jpg").is_file()
    assert Path("photos/a-colorized-colornet.jpg").stat().st_ino == kept


def test_the_strategy_of_the_environment_is_used(photos, all_installed, monkeypatch):
    save("a.jpg")
    monkeypatch.setenv("COLORIZER_STRATEGY", "zeruniverse")
    assert main(["colorize", "a.jpg"]) == 0
    assert b"strategy zeruniverse" in Path("a-colorized.jpg").read_bytes()


def test_the_list_of_strategies(all_installed, capsys):
    assert main(["strategies"]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.split() == ["NAME", "INSTALLED", "DEFAULT", "TITLE"]
    assert [row.split()[:3] for row in rows] == [
        [name, "yes", "yes" if name == "colornet" else "-"] for name in STRATEGIES
    ]


# Mistakes


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: COMMAND"),
        (["paint"], "invalid choice: 'paint'"),
        (["a.jpg"], "To colour a photo, type image-colorizer colorize PHOTO"),
        (["colorize"], "Name a photo or a folder to colour"),
        (["colorize", "a.jpg", "--strategy"], "expected at least one argument"),
        (["colorize", "--strategy", "a.jpg"], "--strategy needs the name of a strategy: colornet, richzhang"),
        (
            ["colorize", "a.jpg", "--strategy", "colourful"],
            "There is no strategy 'colourful'. There are:",
        ),
        (["colorize", "a.jpg", "--format", "gif"], "invalid choice: 'gif'"),
        (["colorize", "a.jpg", "--quality", "0"], "--quality must be a whole number from 1 to 100, not 0"),
        (["colorize", "a.jpg", "--quality", "101"], "from 1 to 100, not 101"),
        (["colorize", "a.jpg", "--quality", "high"], "invalid int value: 'high'"),
        (["colorize", "a.jpg", "--quality", "90", "--format", "png"], "--quality is for jpeg and webp"),
        (["colorize", "a.jpg", "--quality", "90", "--output", "b.png"], "--quality is for jpeg and webp"),
        (["colorize", "a.jpg", "--saturation", "3"], "--saturation must be a number from 0 to 2, not 3"),
        (["colorize", "a.jpg", "--saturation", "nan"], "--saturation must be a number from 0 to 2, not nan"),
        (["colorize", "a.jpg", "--output", "b.gif"], "b.gif is no jpg, png, webp or tif"),
        (["colorize", "a.jpg", "--output", "b.png", "--format", "webp"], "disagree"),
        (["colorize", "a.jpg", "b.jpg", "--output", "c.jpg"], "c.jpg is one file"),
        (["colorize", ".", "--output", "c.jpg"], "c.jpg is one file"),
        (["colorize", "a.jpg", "--output", "a.jpg", "--force"], "is the photo itself"),
        (["colorize", "-", "a.jpg"], "With - there can be only one photo"),
        (["colorize", "a.jpg", "b.jpg", "--output", "-"], "With - there can be only one photo"),
        (["colorize", "a.jpg", "--gpu"], "colornet cannot run on cuda"),
        (["colorize", "a.jpg", "--jobs", "0"], "--jobs must be a whole number from 1 to 256"),
        (["colorize", "a.jpg", "--log", "a.jpg"], "--log a.jpg looks like a photo"),
        (["fetch"], "the following arguments are required: NAME"),
        (["fetch", "colourful"], "There are no weights for 'colourful'"),
        (["serve", "--port", "70000"], "The port must be a number from 1 to 65535"),
    ],
)
def test_a_mistake_is_one_line_and_status_2_and_changes_nothing(photos, capsys, arguments, message):
    save("a.jpg")
    assert status_of(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert message in err
    assert err.startswith("image-colorizer: ")
    assert err.count("\n") == 1
    assert files() == {"a.jpg"}


def status_of(arguments: list[str]) -> int:
    try:
        return main(arguments)
    except SystemExit as stop:
        return stop.code


def test_wrong_settings_are_all_named_in_one_line(photos, capsys, monkeypatch):
    monkeypatch.setenv("COLORIZER_MAX_MEGAPIXELS", "many")
    monkeypatch.setenv("COLORIZER_DEVICE", "abacus")
    save("a.jpg")
    assert main(["colorize", "a.jpg"]) == 2
    err = capsys.readouterr().err
    assert "COLORIZER_MAX_MEGAPIXELS" in err
    assert "COLORIZER_DEVICE" in err
    assert err.count("\n") == 1


def test_missing_weights_name_the_command_that_fetches_them(photos, capsys):
    save("a.jpg")
    assert main(["colorize", "a.jpg", "--strategy", "richzhang-norebal"]) == 1
    assert "image-colorizer fetch richzhang-norebal --from FILE" in capsys.readouterr().err
    assert files() == {"a.jpg"}


def test_the_pixel_limit_of_the_environment_holds(photos, capsys, monkeypatch):
    monkeypatch.setenv("COLORIZER_MAX_MEGAPIXELS", "0.01")
    save("a.jpg", gray_pixels(200, 200))
    assert main(["colorize", "a.jpg"]) == 1
    assert "at most 0.01" in capsys.readouterr().err


@pytest.mark.parametrize("content", [None, b"", b"hello", "half a photo"])
def test_a_bad_photo_is_one_line_and_status_1(photos, capsys, content):
    if content == "half a photo":
        content = save("bad.jpg").read_bytes()[:400]
    if content is not None:
        Path("bad.jpg").write_bytes(content)
    before = files()
    assert main(["colorize", "bad.jpg"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("image-colorizer: bad.jpg: T")
    assert err.count("\n") == 1
    assert files() == before


@pytest.mark.parametrize(
    "command",
    [["colorize"], ["colorize", "a.jpg", "--output"], ["watch"], ["archive", "--output=o"], ["video"]],
)
def test_a_name_too_long_is_one_line(command, photos, capsys):
    assert main([*command, "n" * 300 + "/"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_a_newline_in_a_name_stays_one_line(photos, capsys):
    assert main(["colorize", "a\nb.jpg"]) == 1
    assert capsys.readouterr().err.count("\n") == 1


# Folders


def test_a_folder_keeps_its_tree_and_leaves_other_files_alone(photos, capsys):
    save("in/a.jpg")
    save("in/sub/b.png")
    Path("in/notes.txt").write_text("keep")
    assert main(["colorize", "in", "--recursive", "--output", "out"]) == 0
    assert files("out") == {"a-colorized.jpg", "sub/b-colorized.jpg"}
    assert files("in") == {"a.jpg", "sub/b.png", "notes.txt"}
    assert capsys.readouterr().err == "image-colorizer: 2 colorized, 0 done before, 0 failed, 1 left out\n"


def test_two_folders_keep_their_names_in_the_output(photos):
    save("x/a.jpg")
    save("y/a.jpg")
    assert main(["colorize", "x", "y", "--output", "out"]) == 0
    assert files("out") == {"x/a-colorized.jpg", "y/a-colorized.jpg"}


def test_a_bad_file_does_not_stop_the_others(photos, capsys):
    save("a.jpg")
    Path("b.jpg").write_bytes(b"not a photo")
    save("c.jpg")
    assert main(["colorize", "."]) == 1
    assert files() == {"a.jpg", "b.jpg", "c.jpg", "a-colorized.jpg", "c-colorized.jpg"}
    out, err = capsys.readouterr()
    assert out.split() == ["a-colorized.jpg", "c-colorized.jpg"]
    first, last = err.splitlines()
    assert first.startswith("image-colorizer: b.jpg: ")
    assert last == "image-colorizer: 2 colorized, 0 done before, 1 failed"


def test_what_is_done_is_skipped_and_results_are_not_colored_again(photos, capsys):
    save("a.jpg")
    save("b.png", gray_pixels().astype(np.uint16) * 257)
    assert main(["colorize", "."]) == 0
    before = {name: Path(name).stat().st_ino for name in files()}
    assert main(["colorize", "."]) == 0
    assert {name: Path(name).stat().st_ino for name in files()} == before
    assert "0 colorized, 2 done before, 0 failed" in capsys.readouterr().err


def test_results_are_known_by_their_note_too(photos, capsys):
    save("a.jpg")
    main(["colorize", "a.jpg"])
    Path("old").mkdir()
    Path("a-colorized.jpg").rename("old/renamed.jpg")
    assert main(["colorize", "old"]) == 0
    assert files("old") == {"renamed.jpg"}


def test_photos_that_would_share_a_name_keep_their_extension(photos):
    save("a.jpg")
    save("a.png")
    assert main(["colorize", "a.jpg", "a.png"]) == 0
    assert files() == {"a.jpg", "a.png", "a-jpg-colorized.jpg", "a-png-colorized.jpg"}


def test_photos_that_cannot_be_told_apart_are_refused_by_name(photos, capsys):
    save("x/a.jpg")
    save("y/a.jpg")
    save("y/b.jpg")
    assert main(["colorize", "x/a.jpg", "y/a.jpg", "y/b.jpg", "--output", "out"]) == 1
    assert files("out") == {"b-colorized.jpg"}
    assert capsys.readouterr().err.count("Another photo would have the same result") == 2


def test_an_empty_folder_is_no_failure(photos, capsys):
    assert main(["colorize", "."]) == 0
    assert capsys.readouterr().err == "image-colorizer: 0 colorized, 0 done before, 0 failed\n"


def test_force_colors_a_folder_again(photos):
    save("a.jpg")
    main(["colorize", "."])
    first = Path("a-colorized.jpg").stat().st_ino
    assert main(["colorize", ".", "--force"]) == 0
    assert Path("a-colorized.jpg").stat().st_ino != first
    assert files() == {"a.jpg", "a-colorized.jpg"}


@pytest.mark.parametrize(("count", "shown"), [(3, True), (1, False)])
def test_a_terminal_shows_a_progress_bar_for_several_photos(photos, count, shown):
    for number in range(count):
        save(f"in/{number}.jpg")
    Path("in/0.jpg").write_bytes(b"no photo")
    screen = on_a_terminal("colorize", "in", stream="stderr")
    assert (f"{count}/{count} [".encode() in screen) == shown
    assert bool(re.search(rb"[0-9.]+ photos a second, [0-9:]+ left, 1 failed\]", screen)) == shown


def on_a_terminal(*arguments: str, stream: str) -> bytes:
    """Run a command with one of its streams on a terminal, and return what that shows."""
    ours, terminal = pty.openpty()
    termios.tcsetwinsize(terminal, (24, 120))
    subprocess.run([*COMMAND, *arguments], **{stream: terminal}, env=environment(), check=False)
    os.close(terminal)
    screen = b""
    with contextlib.suppress(OSError):  # the end of a terminal is an error
        while piece := os.read(ours, 4096):
            screen += piece
    os.close(ours)
    return screen


# Done means done


def outcomes(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Return what `--json` told of each photo: "again" where it was coloured again."""
    objects = map(json.loads, capsys.readouterr().out.splitlines())
    return {each["photo"]: "again" if each["again"] else each["state"] for each in objects}


def truncate(path: str) -> None:
    os.truncate(path, Path(path).stat().st_size // 2)


def retouch(path: str) -> None:
    """Change a result as a photo program would: other pixels, the same metadata."""
    image = load(path)
    kept = {"exif": image.info["exif"], "xmp": image.info["xmp"]}
    image.rotate(180).save(path, quality=90, **kept)


def test_what_a_result_was_made_from_decides_whether_it_is_done(photos, capsys):
    for name in ("same", "replaced", "emptied", "cut"):
        save(f"in/{name}.jpg")
    assert main(["colorize", "in", "--output", "out"]) == 0
    save("in/replaced.jpg", gray_pixels(80, 60))
    Path("out/emptied-colorized.jpg").write_bytes(b"")
    truncate("out/cut-colorized.jpg")
    capsys.readouterr()
    assert main(["colorize", "in", "--output", "out", "--json"]) == 0
    assert outcomes(capsys) == {
        "in/cut.jpg": "again",
        "in/emptied.jpg": "again",
        "in/replaced.jpg": "again",
        "in/same.jpg": "done before",
    }
    assert load("out/replaced-colorized.jpg").size == (80, 60)
    load("out/cut-colorized.jpg")


@pytest.mark.parametrize(
    "options", [["--saturation", "0.5"], ["--quality", "80"], ["--strategy", "zeruniverse"]]
)
def test_other_options_and_networks_make_results_stale(photos, all_installed, capsys, options):
    save("in/a.jpg")
    save("in/b.jpg")
    assert main(["colorize", "in"]) == 0
    assert main(["colorize", "in", *options]) == 0
    assert "2 colorized (2 again, as their results were stale), 0 done before" in capsys.readouterr().err
    assert main(["colorize", "in", *options]) == 0
    assert "0 colorized, 2 done before, 0 failed" in capsys.readouterr().err


def test_another_file_of_the_same_network_makes_results_stale(photos, all_installed, capsys):
    save("in/a.jpg")
    assert main(["colorize", "in", "--strategy", "zeruniverse"]) == 0
    manifest = all_installed / "manifest.json"
    (entry,) = [
        each for each in json.loads(manifest.read_text())["networks"] if each["name"] == "zeruniverse"
    ]
    data = zeruniverse_onnx(channels=8)
    (all_installed / entry["file"]).write_bytes(data)
    text = manifest.read_text().replace(entry["sha256"], hashlib.sha256(data).hexdigest())
    manifest.write_text(text.replace(f'"bytes": {entry["bytes"]}', f'"bytes": {len(data)}'))
    capsys.readouterr()
    assert main(["colorize", "in", "--strategy", "zeruniverse", "--json"]) == 0
    assert outcomes(capsys) == {"in/a.jpg": "again"}


def test_what_was_changed_by_hand_is_kept(photos, capsys):
    save("in/a.jpg")
    assert main(["colorize", "in"]) == 0
    retouch("in/a-colorized.jpg")
    retouched = Path("in/a-colorized.jpg").read_bytes()
    assert main(["colorize", "in"]) == 0
    assert main(["colorize", "in", "--saturation", "0.5"]) == 1
    assert Path("in/a-colorized.jpg").read_bytes() == retouched
    assert "was changed since it was made" in capsys.readouterr().err
    assert main(["colorize", "in", "--saturation", "0.5", "--force"]) == 0
    assert Path("in/a-colorized.jpg").read_bytes() != retouched


def test_a_picture_that_compares_results_is_made_again_with_them(photos, all_installed, capsys):
    save("in/a.jpg")
    several = ["colorize", "in", "--strategy", "colornet", "zeruniverse"]
    assert main(several) == 0
    before = Path("in/a-colorized-side-by-side.jpg").read_bytes()
    assert main(several) == 0
    assert Path("in/a-colorized-side-by-side.jpg").read_bytes() == before
    assert main([*several, "--saturation", "0.2"]) == 0
    assert Path("in/a-colorized-side-by-side.jpg").read_bytes() != before


# Ways of telling


def test_several_pictures_in_a_file_are_told(photos, capsys):
    pages = [Image.fromarray(gray_pixels()) for _ in range(3)]
    pages[0].save("pages.tif", save_all=True, append_images=pages[1:])
    assert main(["colorize", "pages.tif"]) == 0
    told = "image-colorizer: pages.tif: The file holds 3 pictures; the first was coloured.\n"
    assert capsys.readouterr() == ("pages-colorized.jpg\n", told)


def test_json_tells_all_that_is_known(photos, capsys):
    save("a.jpg")
    Path("b.jpg").write_bytes(b"not a photo")
    assert main(["colorize", ".", "--json"]) == 1
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    (result,) = first.pop("results")
    assert first == {
        "photo": "a.jpg",
        "state": "colorized",
        "again": False,
        "already_colored": False,
        "frames": 1,
        "problem": "",
    }
    assert (result["path"], result["strategy"]) == ("a-colorized.jpg", "colornet")
    assert 0 <= result["confidence"] <= 1
    assert (second["state"], second["results"]) == ("failed", [])
    assert second["problem"].startswith("This is no picture")


def test_quiet_tells_of_failures_only_and_the_log_keeps_them(photos, capsys):
    save("a.jpg")
    Path("b\n.jpg").write_bytes(b"")
    for number in (1, 2):
        assert main(["colorize", ".", "--quiet", "--log", "failures.log"]) == 1
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("image-colorizer: b\\n.jpg: The file is empty.")
        assert Path("failures.log").read_text() == number * err.removeprefix("image-colorizer: ")


def test_a_dry_run_writes_nothing_and_tells_what_would_be_done(photos, capsys):
    save("in/a.jpg")
    save("in/b.jpg")
    assert main(["colorize", "in/a.jpg"]) == 0
    before = files()
    capsys.readouterr()
    assert main(["colorize", "in", "--dry-run"]) == 0
    assert capsys.readouterr() == (
        "in/b-colorized.jpg\n",
        "image-colorizer: 1 to colorize, 1 done before, 0 failed\n",
    )
    assert files() == before


def test_jobs_says_how_many_photos_are_colored_at_once(photos, monkeypatch):
    many_photos("in", 4)
    monkeypatch.setattr(children, "START", f"open('started', 'a').write('.'); {children.START}")
    assert main(["colorize", "in", "--jobs", "3"]) == 0
    assert Path("started").read_text() == "..."


def test_hints_are_taken_from_a_file(photos):
    save("in/a.jpg")
    save("in/b.jpg")
    red = [{"x": x, "y": y, "color": "#c02020"} for x in range(4, 64, 12) for y in range(4, 48, 12)]
    Path("hints.json").write_text(json.dumps({"in/a.jpg": red}))
    assert main(["colorize", "in", "--hints", "hints.json"]) == 0
    hinted, plain = (np.asarray(load(f"in/{name}-colorized.jpg")).mean(axis=(0, 1)) for name in "ab")
    assert hinted[0] - hinted[2] > plain[0] - plain[2] + 10
    Path("hints.json").write_text(json.dumps(red))
    assert main(["colorize", "in/b.jpg", "--hints", "hints.json"]) == 0
    assert Path("in/a-colorized.jpg").read_bytes() == Path("in/b-colorized.jpg").read_bytes()


def test_a_reference_gives_its_colours_and_another_makes_the_results_stale(photos, capsys):
    Path("in").mkdir()
    Image.fromarray(gray_scene()).save("in/a.png")
    Image.fromarray(color_scene()).save("garden.png")
    Image.fromarray(color_scene()[:, ::-1]).save("other.png")
    for reference, told in (
        ("garden.png", "colorized"),
        ("garden.png", "done before"),
        ("other.png", "colorized"),
        ("garden.png", "colorized"),
    ):
        assert main(["colorize", "in", "--reference", reference, "--json"]) == 0
        assert json.loads(capsys.readouterr().out)["state"] == told
    close = np.abs(np.asarray(load("in/a-colorized.jpg")).astype(int) - color_scene()).mean()
    assert close < np.abs(gray_scene()[..., np.newaxis].astype(int) - color_scene()).mean()


@pytest.mark.parametrize("reference", ["missing.jpg", "a.jpg", "."])
def test_a_reference_that_is_none_is_one_line_and_status_2(photos, capsys, reference):
    save("a.jpg")
    assert main(["colorize", "a.jpg", "--reference", reference]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert files() == {"a.jpg"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "cannot be read as JSON"),
        ("5", "must be {"),
        ('{"b.jpg": []}', "names b.jpg, which is none of the photos"),
        ('[{"x": 1}]', "Hint 1 must have"),
    ],
)
def test_hints_that_make_no_sense_are_one_line_and_status_2(photos, capsys, text, message):
    save("a.jpg")
    Path("hints.json").write_text(text)
    assert main(["colorize", "a.jpg", "--hints", "hints.json"]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1
    assert files() == {"a.jpg", "hints.json"}


def test_names_do_not_write_on_a_terminal(photos, capsys):
    save("a\x1b[31m\x9bb\u202e.jpg")
    assert main(["colorize", "missing\x1b[2J.jpg"]) == 1
    assert "missing\\x1b[2J.jpg" in capsys.readouterr().err
    screen = on_a_terminal("colorize", ".", stream="stdout")
    assert b"a\\x1b[31m\\x9bb\\u202e-colorized.jpg" in screen
    assert command("colorize", ".", "--force").stdout == "a\x1b[31m\x9bb\u202e-colorized.jpg\n".encode()


# Nobody's photo is overwritten


def test_force_does_not_replace_somebody_elses_file(photos, capsys):
    save("a.jpg")
    own = save("a-colorized.jpg", np.full((8, 8), 7, np.uint8)).read_bytes()
    assert main(["colorize", "a.jpg", "--force"]) == 1
    assert Path("a-colorized.jpg").read_bytes() == own
    assert "a-colorized.jpg is not one of our results, so it is kept." in capsys.readouterr().err


def test_force_does_not_replace_another_photo_of_the_run(photos):
    save("in/a.jpg")
    main(["colorize", "in/a.jpg", "--output", "out"])
    first = Path("out/a-colorized.jpg").read_bytes()
    assert main(["colorize", "in/a.jpg", "out/a-colorized.jpg", "--output", "out", "--force"]) == 1
    assert Path("out/a-colorized.jpg").read_bytes() == first


def test_a_result_that_is_a_link_to_the_photo_is_not_replaced(photos):
    original = save("a.jpg").read_bytes()
    Path("a-colorized.jpg").symlink_to("a.jpg")
    assert main(["colorize", "a.jpg", "--force"]) == 1
    assert Path("a.jpg").read_bytes() == original


def test_an_output_that_is_a_link_to_the_photo_is_refused(photos):
    original = save("a.jpg").read_bytes()
    Path("b.jpg").hardlink_to("a.jpg")
    assert main(["colorize", "a.jpg", "--output", "b.jpg", "--force"]) == 2
    assert Path("a.jpg").read_bytes() == original


# Streams


def test_from_stdin_to_stdout(photos):
    photo = save("a.jpg").read_bytes()
    ran = command("colorize", "-", input=photo)
    assert ran.returncode == 0
    assert ran.stderr == b""
    assert load(io.BytesIO(ran.stdout)).size == (64, 48)
    assert files() == {"a.jpg"}


def test_from_a_file_to_stdout(photos):
    save("a.jpg")
    ran = command("colorize", "a.jpg", "--output", "-", "--format", "png")
    assert load(io.BytesIO(ran.stdout)).format == "PNG"


def test_from_stdin_to_a_file_and_a_folder(photos):
    photo = save("a.jpg").read_bytes()
    assert command("colorize", "-", "--output", "b.png", input=photo).stdout == b"b.png\n"
    assert command("colorize", "-", "--output", "new/", input=photo).stdout == b"new/photo-colorized.jpg\n"
    assert files() == {"a.jpg", "b.png", "new/photo-colorized.jpg"}


def test_a_reader_that_goes_away_is_one_line(photos):
    save("a.jpg", gray_pixels(1200, 900))
    process = subprocess.Popen(
        [*COMMAND, "colorize", "a.jpg", "--output", "-"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )
    process.stdout.close()
    err = process.stderr.read().decode()
    process.stderr.close()
    assert process.wait() == 1
    assert err == "image-colorizer: The result cannot be written to stdout: Broken pipe.\n"


def test_a_reader_of_lines_that_goes_away_is_no_traceback():
    process = start("strategies")
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), err) == (1, "")


def test_names_that_are_no_valid_text_come_through(photos):
    save("a.jpg").rename(os.fsdecode(b"gr\xfc\xdfe.jpg"))
    ran = command("colorize", os.fsdecode(b"gr\xfc\xdfe.jpg"))
    assert ran.returncode == 0
    assert ran.stdout == b"gr\xfc\xdfe-colorized.jpg\n"


# Faults


def start(*arguments: str) -> subprocess.Popen:
    # A shell's background job ignores Ctrl-C, and what it starts would too; a handler is not inherited.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        process_group=0,
    )


def many_photos(folder: str, count: int) -> set[str]:
    """Fill a folder with photos and return the names of their results."""
    photo = save(f"{folder}/0.jpg", gray_pixels(1000, 800)).read_bytes()
    for number in range(1, count):
        Path(folder, f"{number}.jpg").write_bytes(photo)
    return {f"{number}-colorized.jpg" for number in range(count)}


def test_ctrl_c_leaves_no_half_written_file_and_status_130(photos):
    results = many_photos("in", 200)
    process = start("colorize", "in", "--output", "out")
    process.stdout.readline()
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate()
    assert process.returncode == 130
    assert err == "image-colorizer: Stopped. The same command goes on where this one stopped.\n"
    done = files("out")
    assert done < results
    for name in done:
        load(f"out/{name}")


def test_a_run_killed_at_any_moment_and_started_again_ends_whole(photos):
    results = many_photos("in", 30)
    for lines in (0, 1, 9):
        process = start("colorize", "in", "--output", "out")
        for _ in range(lines):
            process.stdout.readline()
        time.sleep(0.01 * lines)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    Path("out").mkdir(exist_ok=True)
    Path(f"out/{PART_PREFIX}killed{PART_SUFFIX}").write_bytes(b"half a photo")
    ran = command("colorize", "in", "--output", "out")
    assert ran.returncode == 0
    assert files("out") == results
    assert len({Path("out", name).read_bytes() for name in results}) == 1
    assert files("in") == {f"{number}.jpg" for number in range(30)}


DEADLY = (
    "import os; sys.addaudithook(lambda event, what:"
    " event == 'open' and str(what[0]).endswith('in/7.jpg') and os.kill(os.getpid(), 9))"
)


def test_a_photo_that_kills_its_process_is_one_failure(photos, capsys, monkeypatch):
    results = many_photos("in", 20)
    with monkeypatch.context() as patch:
        patch.setattr(children, "START", children.START.replace("from", f"{DEADLY}; from", 1))
        assert main(["colorize", "in", "--output", "out"]) == 1
    err = capsys.readouterr().err
    assert "in/7.jpg: Its process died (SIGKILL)." in err
    assert err.endswith("image-colorizer: 19 colorized, 0 done before, 1 failed\n")
    assert files("out") == results - {"7-colorized.jpg"}
    assert main(["colorize", "in", "--output", "out"]) == 0
    assert files("out") == results


DISK_IS_FULL = "import os; os.fsync = lambda file: os.posix_fallocate(file, 0, 2**43)"


def test_a_full_disk_ends_the_run_at_once_with_one_sentence(photos, capsys, monkeypatch):
    many_photos("in", 100)
    monkeypatch.setattr(children, "START", f"{DISK_IS_FULL}; {children.START}")
    assert main(["colorize", "in", "--output", "out"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    first, last = err.splitlines()
    assert "There is no room left in out: No space left on device. Make room and run" in first
    assert last == "image-colorizer: 0 colorized, 0 done before, 1 failed"
    assert files("out") == set()


def test_a_file_that_is_too_large_is_not_read(photos, capsys):
    Path("in").mkdir()
    with Path("in/a.tif").open("wb") as file:
        file.truncate(3 * 2**30)
    assert main(["colorize", "in"]) == 1
    assert "The file has 3,221,225,472 bytes; at most 2,147,483,648 are taken." in capsys.readouterr().err


def test_a_pipe_is_not_waited_for(photos, capsys):
    os.mkfifo("a.jpg")
    assert main(["colorize", "a.jpg"]) == 1
    assert "a.jpg: This is a pipe, not a file." in capsys.readouterr().err
    save("b.jpg")
    os.mkfifo("b-colorized.jpg")
    assert main(["colorize", ".", "--force"]) == 1
    assert "b-colorized.jpg is not one of our results, so it is kept." in capsys.readouterr().err


def limit_file_size() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))


def test_a_full_disk_is_one_line_and_leaves_nothing(photos):
    save("a.jpg", gray_pixels(400, 300))
    ran = command("colorize", "a.jpg", preexec_fn=limit_file_size, text=True)
    assert ran.returncode == 1
    assert "a-colorized.jpg cannot be written: File too large." in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert files() == {"a.jpg"}


def without_the_rights_of_root() -> None:
    """Let file modes count for root too, in the program that is started next."""
    for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
        ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability)


def test_a_read_only_folder_is_one_line(photos):
    save("closed/a.jpg")
    Path("closed").chmod(0o555)
    ran = command("colorize", "closed/a.jpg", preexec_fn=without_the_rights_of_root, text=True)
    assert ran.returncode == 1
    assert "closed/a-colorized.jpg cannot be written: Permission denied." in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert files() == {"closed/a.jpg"}


def test_what_cannot_be_read_does_not_stop_the_others(photos):
    save("in/a.jpg")
    save("in/b.jpg").chmod(0)
    save("in/closed/c.jpg").parent.chmod(0)
    ran = command("colorize", "in", "--recursive", preexec_fn=without_the_rights_of_root, text=True)
    assert ran.returncode == 1
    assert "in/b.jpg: The file cannot be read: Permission denied." in ran.stderr
    assert "in/closed: The folder cannot be read: Permission denied." in ran.stderr
    assert ran.stdout == "in/a-colorized.jpg\n"
    Path("in/closed").chmod(0o755)


# The other commands


def test_the_version_comes_without_the_heavy_libraries():
    code = "import sys; from colorizer.cli import build_parser; build_parser(); print('cv2' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment()
    )
    assert ran.stdout == "False\n"
    ran = command("--version", text=True)
    assert (ran.returncode, ran.stdout) == (0, f"image-colorizer {__version__}\n")


def test_installing_richzhang_says_that_the_default_changes(generated_models, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLORIZER_MODELS_DIR", str(generated_models))
    file = next(generated_models.glob("*release_v2.caffemodel"))
    source = file.rename(tmp_path / "mine.caffemodel")
    assert main(["fetch", "richzhang", "--from", str(source)]) == 0
    out = capsys.readouterr().out
    assert f"richzhang is installed: {file}" in out
    assert "From its next start on, the service uses richzhang" in out
    assert "COLORIZER_STRATEGY=colornet" in out
    assert source.is_file()


def test_installing_another_strategy_changes_no_default(generated_models, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLORIZER_MODELS_DIR", str(generated_models))
    source = next(generated_models.glob("zeruniverse*")).rename(tmp_path / "mine.onnx")
    assert main(["fetch", "zeruniverse", "--from", str(source)]) == 0
    assert "next start" not in capsys.readouterr().out


def test_a_wrong_file_is_refused(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLORIZER_MODELS_DIR", str(tmp_path / "models"))
    (tmp_path / "page.caffemodel").write_text("<!DOCTYPE html><html>")
    assert main(["fetch", "richzhang", "--from", str(tmp_path / "page.caffemodel")]) == 1
    assert "it is an HTML page" in capsys.readouterr().err
    assert files(tmp_path) == {"page.caffemodel"}


def test_verify_tells_the_state_of_each(generated_models, capsys, monkeypatch):
    monkeypatch.setenv("COLORIZER_MODELS_DIR", str(generated_models))
    assert main(["verify"]) == 0
    assert capsys.readouterr().out.splitlines() == [f"{name}: intact" for name in STRATEGIES]
    next(generated_models.glob("ddcolor*")).write_bytes(b"broken")
    assert main(["verify"]) == 1
    assert "ddcolor: damaged" in capsys.readouterr().out


def test_serve_says_in_one_line_that_the_port_is_taken(capsys):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert main(["serve", "--port", str(port)]) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"image-colorizer: Port {port} is taken")
    assert err.count("\n") == 1


@pytest.mark.parametrize("port", ["", "https", "0", "65536", "-1", "5000.0"])
def test_serve_refuses_a_port_that_is_none(capsys, monkeypatch, port):
    monkeypatch.setenv("PORT", port)
    assert status_of(["serve", *([] if port else ["--port", "0"])]) == 2
    assert "The port must be a number" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["x", "0", "-1", "1.5"])
def test_serve_refuses_a_number_of_processes_that_is_none(capsys, monkeypatch, text):
    monkeypatch.setenv("WEB_CONCURRENCY", text)
    assert status_of(["serve"]) == 2
    err = capsys.readouterr().err
    assert err == f"image-colorizer: WEB_CONCURRENCY must be a whole number from 1 to 1000, not {text!r}.\n"
