import json
from functools import partial

import cv2
import numpy as np
import pytest
from caffe_file import generate_blobs
from generated_weights import CAFFE_WIDTH, narrow_zhang
from photos import color_scene
from scipy.io import savemat
from skimage import data

from benchmarks import (
    by_example,
    corrections,
    enlargement,
    outlines,
    pipeline,
    reference,
    report,
    server,
    video,
)
from benchmarks.photos import color_photos, photo_file
from colorizer.color.chroma import lightness_shown
from image_colorizer import ImageColorizer


@pytest.fixture
def results(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    return tmp_path / "results"


@pytest.fixture
def narrow_reference(tmp_path, monkeypatch):
    narrow_zhang(monkeypatch)
    monkeypatch.setattr(reference, "GENERATED", tmp_path / "models")
    monkeypatch.setattr(reference, "generate_blobs", partial(generate_blobs, CAFFE_WIDTH))


@pytest.mark.parametrize("kind", pipeline.KINDS)
def test_made_up_photos_have_the_size_asked_for(kind):
    pixels = cv2.imdecode(np.frombuffer(photo_file(0.3, kind), np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels.shape[0] * pixels.shape[1] == pytest.approx(0.3e6, rel=0.05)
    assert (pixels.ndim == 3) == (kind == "colour jpg")


def test_photos_of_a_folder(tmp_path):
    photo = np.zeros((20, 30, 3), np.uint8)
    photo[..., 2] = 200  # red, in OpenCV's order
    cv2.imwrite(str(tmp_path / "red.png"), photo)
    (tmp_path / "notes.txt").write_text("not a photo")
    (found,) = color_photos(tmp_path)
    assert found[0, 0].tolist() == [200, 0, 0]


def test_the_reference_recipe_colors_and_keeps_the_size(narrow_reference):
    photo = photo_file(0.3, "gray jpg")
    colored = reference.Tutorial().colorize(photo)
    before, after = (
        cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) for data in (photo, colored)
    )
    assert after.shape == before.shape
    assert np.ptp(after.astype(int), axis=2).max() > 5
    lightness = [lightness_shown(pixels[..., ::-1], 60, 40) for pixels in (before, after)]
    assert np.abs(lightness[0] - lightness[1]).mean() < 8


def test_the_pipeline_table(narrow_reference, results, monkeypatch, capsys):
    monkeypatch.setattr(pipeline, "_peaks", lambda photo, name: {"peak MB": 1.0})
    pipeline.main(["--megapixels", "0.1", "--kinds", "gray jpg", "--seconds", "0.01", "--json"])
    table = capsys.readouterr().out.splitlines()
    assert table[0].startswith("| photo | MP | strategy | decode |")
    assert table[2].startswith("| gray jpg | 0.1 | colornet |")
    (kept,) = results.glob("*-pipeline.json")
    (row,) = json.loads(kept.read_text())["rows"]
    assert row["times faster"] == pytest.approx(row["tutorial ms"] / row["total ms"])
    assert row["of the floor"] == pytest.approx(row["total ms"] / row["floor ms"])


def test_the_enlargement_table(tmp_path, capsys):
    photo = np.full((120, 160, 3), (40, 40, 120), np.uint8)
    photo[:, 75:] = (120, 230, 170)
    cv2.imwrite(str(tmp_path / "edge.png"), photo)
    enlargement.main(["--data", str(tmp_path), "--short-side", "12"])
    rows = [line.split(" | ") for line in capsys.readouterr().out.splitlines() if line.startswith("| ")]
    errors = {way.removeprefix("| "): float(everywhere) for way, everywhere, _ in rows[1:]}
    assert errors["ours"] < errors["bicubic"] < errors["bilinear"]


def test_medians_are_of_functions_run_in_turn():
    order = []
    times = report.median_ms({"a": lambda: order.append("a"), "b": lambda: order.append("b")}, 0)
    assert order == ["a", "b"] * (1 + report.TURNS)
    assert set(times) == {"a", "b"}


def test_peak_memory_is_that_of_the_fresh_process():
    small = report.peak_megabytes("import sys; assert sys.argv[1] == 'x'", "x")
    large = report.peak_megabytes("data = bytes(range(256)) * 400_000; del data")
    assert 90 < large - small < 120


def test_a_load_is_summarised():
    load = server.Load(answers=[(200, 0.1)] * 19 + [(200, 1.0), (503, 0.01), (408, 1.0)], errors=1)
    row = load.row("22 clients", 2.0)
    assert (row["200"], row["503"], row["else"]) == (20, 1, 2)
    assert row["photos a second"] == 10
    assert row["p50 ms"] == pytest.approx(100)
    assert row["slowest 503 ms"] == pytest.approx(10)


def test_the_table_of_references():
    photos = [color_scene(160, 96), color_scene(160, 96)[:, ::-1]]
    names, pairs = zip(*by_example.kinds(photos), strict=True)
    assert names == ("itself", "other half", "any other")
    itself = by_example.row(ImageColorizer("colornet"), "itself", pairs[0][:1])
    assert itself["PSNR, dB"] > 1
    assert itself["CIEDE2000"] < -1
    assert itself["lost, %"] == 0


def test_the_figures_of_corrections():
    photo = cv2.resize(data.astronaut(), (192, 192), interpolation=cv2.INTER_AREA)
    row = corrections.hint_row("corrections", corrections.by_corrections, [photo])
    assert row["spot error"] < 1
    assert row["random 10, dB"] > row["random 1, dB"]


def test_what_agrees_with_a_thing():
    inside = np.zeros((192, 192), bool)
    inside[40:80, 40:80] = True
    places = corrections.places_inside(inside)
    assert all(45 < row < 75 and 45 < column < 75 for row, column in places)
    half = np.where(inside, 10.0, 0.0)
    half[60:, :] = 0
    assert corrections.agreement(half, inside, (50, 50)) == (1, 0.5, pytest.approx(2 / 3))


def test_the_figures_of_a_thing():
    rgb = np.full((192, 192, 3), 60, np.uint8)
    rgb[:, 96:] = 190
    figures = corrections.measure_thing(rgb, np.arange(192) < 96 + np.zeros((192, 1)))
    assert figures["F"] > 0.9
    assert figures["best of 3"] >= figures["F"]
    assert figures["recall, asked"] > 0.9


@pytest.mark.parametrize("kind", outlines.KINDS)
def test_every_outline_lies_on_its_photo(kind):
    for name, rgb, inside in outlines.things(kind):
        assert inside.shape == rgb.shape[:2]
        assert 0.01 < inside.mean() < 0.8, name


def test_segments_of_bsds_are_things_too(tmp_path):
    rgb = np.full((120, 192, 3), 60, np.uint8)
    rgb[:, 80:] = 190
    whole, stripes = np.ones((120, 192), int), np.arange(192) + np.ones((120, 1), int)
    halves = whole + (stripes > 80)  # the second is more than half, so no thing
    annotators = np.empty((1, 3), object)
    annotators[0] = [{"Segmentation": each} for each in (stripes, whole, halves)]
    for folder in ("images/test", "groundTruth/test"):
        (tmp_path / folder).mkdir(parents=True)
    savemat(tmp_path / "groundTruth/test/1.mat", {"groundTruth": annotators})
    cv2.imwrite(str(tmp_path / "images/test/1.jpg"), rgb)
    (thing,) = outlines.annotated(tmp_path, 10)
    assert thing[0] == "1, 1"
    np.testing.assert_array_equal(thing[2], halves == 1)
    (row,) = corrections.bsds_rows(tmp_path, 10)
    assert row["thing"] == "1 segments of BSDS500"
    assert row["F"] > 0.9


def test_a_dozen_photos_have_outlines():
    assert len(outlines.OUTLINES["things"]) >= 12


def test_the_film_tables(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(video, "peak_megabytes", lambda code, *paths: 1.0)
    video.main(["--lines", "240", "--frames", "12"])
    speed, steadiness = capsys.readouterr().out.split("| clip |")
    assert speed.startswith("| lines | frames a second | photo calls | times faster | core ms |")
    rows = [line.split(" | ") for line in steadiness.splitlines() if line.startswith("| made of photos")]
    assert [row[1] for row in rows] == ["the clip's own", "gray", "each frame alone", "ours"]


def test_a_still_clip_has_no_error_and_a_flickering_one_has():
    still = [np.full((48, 64, 3), (120, 90, 60), np.uint8)] * 6
    flicker = [frame + np.uint8(20) * (number % 2) for number, frame in enumerate(still)]
    calm, restless = (
        video.figures(lambda frames=frames: iter(frames), lambda: iter(still)) for frames in (still, flicker)
    )
    assert calm["warp error"] == calm["CDC"] == 0
    assert restless["warp error"] == pytest.approx(1e4 * 3 * (20 / 255) ** 2, rel=0.01)
    assert restless["CDC"] > 100
