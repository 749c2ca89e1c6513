"""What holds for each strategy, whatever its network: one table for all, over generated weights."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest
from photos import gray_scene

from colorizer.color.lab import rgb_to_lab
from colorizer.errors import DeviceUnavailable, SuggestionsUnsupported, WeightsDamaged, WeightsNotInstalled
from colorizer.strategies.registry import create_strategy, strategy_names
from colorizer.weights.manifest import load_manifest
from image_colorizer import ImageColorizer

NAMES = strategy_names()
PHOTO_SIZES = [(1, 1), (1, 40), (40, 1), (3, 5), (127, 63), (640, 480), (4000, 100), (100, 4000), (1, 60_000)]
THREADS, PHOTOS = 32, 32


@pytest.fixture(params=NAMES)
def strategy(request, generated_models):
    strategy = create_strategy(request.param, generated_models)
    strategy.load()
    return strategy


def shown(strategy, photo_size, seed=0):
    """A photo of this size as the strategy sees it."""
    width, height = strategy.network_size(*photo_size)
    return np.random.default_rng(seed).uniform(0, 100, (height, width)).astype(np.float32)


@pytest.mark.parametrize("photo_size", PHOTO_SIZES)
def test_a_prediction_has_the_promised_form(strategy, photo_size):
    lightness = shown(strategy, photo_size)
    assert 1 <= lightness.size <= 2**19
    prediction = strategy.predict(lightness)
    assert prediction.ab.dtype == np.float32
    assert prediction.ab.ndim == 3
    assert prediction.ab.shape[2] == 2
    assert np.isfinite(prediction.ab).all()
    assert np.abs(prediction.ab).max() <= 128
    assert (prediction.confidence is None) == (prediction.confidence_map is None)
    if prediction.confidence is not None:
        assert 0 <= prediction.confidence <= 1
        assert prediction.confidence_map.dtype == np.float32
        assert prediction.confidence_map.ndim == 2
        assert prediction.confidence_map.min() >= 0
        assert prediction.confidence_map.max() <= 1
    if prediction.scene is not None:
        name, share = prediction.scene
        assert name in ("people", "landscape", "urban", "animals", "other")
        assert 0 < share <= 1


@pytest.mark.parametrize("level", [0, 50, 100])
def test_flat_photos_stay_finite(strategy, level):
    width, height = strategy.network_size(50, 40)
    ab = strategy.predict(np.full((height, width), level, np.float32)).ab
    assert np.isfinite(ab).all()


def test_the_answer_depends_on_the_photo(strategy):
    first, second = (strategy.predict(shown(strategy, (90, 60), seed)).ab for seed in (1, 2))
    assert np.abs(first - second).max() > 0.1


def test_the_lightness_given_is_left_alone(strategy):
    lightness = shown(strategy, (90, 60))
    before = lightness.copy()
    strategy.predict(lightness)
    np.testing.assert_array_equal(lightness, before)


def test_threads_do_not_see_each_others_photos(strategy):
    photos = [shown(strategy, (70 + 5 * (number % 3), 60), number) for number in range(PHOTOS)]
    alone = [strategy.predict(photo).ab for photo in photos]
    with ThreadPoolExecutor(THREADS) as pool:
        together = list(pool.map(lambda photo: strategy.predict(photo).ab, photos))
    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(other, one, atol=1e-3)


def test_threads_that_load_at_once_load_once(generated_models):
    strategy = create_strategy("richzhang", generated_models)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda _: strategy.load(), range(THREADS)))
    strategies = [create_strategy("richzhang", generated_models) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda each: each.load(), strategies))
    lightness = shown(strategy, (9, 9))
    for each in strategies:
        np.testing.assert_allclose(each.predict(lightness).ab, strategy.predict(lightness).ab, atol=1e-3)


def test_suggestions_are_colors_with_shares(strategy):
    lightness = shown(strategy, (90, 60))
    height, width = lightness.shape
    if not strategy.gives_suggestions:
        with pytest.raises(SuggestionsUnsupported, match="colornet"):
            strategy.suggest(lightness, 0, 0)
        return
    for x, y in ((0, 0), (width - 1, height - 1), (width // 2, 0)):
        colors = strategy.suggest(lightness, x, y)
        shares = [share for _, share in colors]
        assert 3 <= len(colors) <= 6
        assert shares == sorted(shares, reverse=True)
        assert 0 < sum(shares) <= 1.001
        assert all(abs(a) <= 110 and abs(b) <= 110 for (a, b), _ in colors)


@pytest.mark.parametrize("name", NAMES)
def test_what_the_manifest_says_is_there_before_loading(name, tmp_path):
    strategy = create_strategy(name, tmp_path)
    entry = load_manifest()[name]
    described = (strategy.name, strategy.title, strategy.licence, strategy.paper)
    assert described == (entry.name, entry.title, entry.licence, entry.paper)
    assert strategy.installed == (name == "colornet")


@pytest.mark.parametrize("name", [name for name in NAMES if name != "colornet"])
def test_missing_weights_name_the_command(name, tmp_path):
    with pytest.raises(WeightsNotInstalled, match=f"image-colorizer fetch {name}"):
        create_strategy(name, tmp_path).load()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damage", [lambda data: data[:-1], lambda data: data[:-1] + b"?", lambda data: b""])
def test_damaged_weights_are_refused(name, damage, generated_models):
    strategy = create_strategy(name, generated_models)
    path = generated_models / strategy.entry.file
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(WeightsDamaged, match=f"The weights of {name} on disk are damaged"):
        strategy.load()


@pytest.mark.parametrize("name", NAMES)
def test_weights_deleted_later_do_not_disturb_a_loaded_network(name, generated_models):
    strategy = create_strategy(name, generated_models)
    strategy.load()
    (generated_models / strategy.entry.file).unlink()
    assert not strategy.installed
    strategy.load()
    assert np.isfinite(strategy.predict(shown(strategy, (9, 9))).ab).all()


@pytest.mark.parametrize("name", NAMES)
def test_weights_that_come_back_can_be_loaded(name, generated_models):
    strategy = create_strategy(name, generated_models)
    path = generated_models / strategy.entry.file
    data = path.read_bytes()
    path.unlink()
    with pytest.raises(WeightsNotInstalled):
        strategy.load()
    path.write_bytes(data)
    strategy.load()


@pytest.mark.parametrize("name", NAMES)
def test_a_device_that_is_not_there_is_refused(name, generated_models):
    strategy = create_strategy(name, generated_models, device="cuda")
    with pytest.raises(DeviceUnavailable, match=f"{name} cannot run on cuda"):
        strategy.load()


@pytest.mark.parametrize("name", NAMES)
def test_a_device_that_nobody_knows_is_refused(name, tmp_path):
    with pytest.raises(DeviceUnavailable, match=r"'tpu'\. There are: cpu, cuda"):
        create_strategy(name, tmp_path, device="tpu")


@pytest.mark.parametrize("asked", ["#2f5fb0", "#808080"])
def test_a_spot_gets_its_colour_whichever_strategy_paints(strategy, generated_models, asked):
    colorizer = ImageColorizer(strategy.name, models_dir=generated_models)
    photo = cv2.GaussianBlur(gray_scene(400, 300), (0, 0), 2)
    result = colorizer.colorize(photo, hints=[{"x": 200, "y": 150, "color": asked}], saturation=0.5)
    got, wanted = (rgb_to_lab(rgb)[0, 0, 1:] for rgb in (result.array[150:151, 200:201], pixel(asked)))
    assert got == pytest.approx(wanted, abs=1)


def pixel(color):
    return np.frombuffer(bytes.fromhex(color[1:]), np.uint8).reshape(1, 1, 3)
