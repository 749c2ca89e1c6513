"""Which networks a process offers, and which of them it holds."""

import threading
import weakref

import pytest

from colorizer.errors import SettingsError, UnknownStrategy, WeightsNotInstalled
from colorizer.networks import Networks
from colorizer.photo.limits import Limits
from colorizer.settings import Settings


@pytest.fixture
def networks(generated_models):
    def make(**settings):
        return Networks(Settings("colornet", models_dir=generated_models, **settings), Limits())

    return make


def test_a_network_is_loaded_once(networks):
    held = networks()
    default = held.colorizer()
    assert default.strategy.name == held.default == "colornet"
    assert held.colorizer("colornet") is default
    richzhang = held.colorizer("richzhang")
    assert held.colorizer("richzhang") is richzhang


def test_the_least_recently_used_leaves_and_the_default_stays(networks):
    held = networks(networks_loaded=3)
    names = ("colornet", "richzhang", "zeruniverse", "richzhang-norebal")
    first = {name: held.colorizer(name) for name in names[:3]}
    assert held.colorizer("richzhang") is first["richzhang"]
    held.colorizer(names[3])
    assert held.colorizer("colornet") is first["colornet"]
    assert held.colorizer("richzhang") is first["richzhang"]
    assert held.colorizer("zeruniverse") is not first["zeruniverse"]


def test_what_left_is_gone_from_memory_once_nobody_uses_it(networks):
    held = networks(networks_loaded=1)
    held.colorizer()
    used = held.colorizer("richzhang")
    left = weakref.ref(used)
    assert held.colorizer("richzhang") is not used
    del used
    assert left() is None


def test_only_what_is_offered_can_be_asked_for(networks):
    held = networks(strategies=("zeruniverse", "colornet"))
    assert held.names() == ("colornet", "zeruniverse")
    with pytest.raises(
        UnknownStrategy, match=r"no strategy 'richzhang'\. There are: colornet, zeruniverse\.$"
    ):
        held.colorizer("richzhang")


def test_the_default_must_be_offered(networks):
    with pytest.raises(SettingsError, match="COLORIZER_STRATEGIES leaves out colornet"):
        networks(strategies=("richzhang",))


def test_one_that_cannot_be_loaded_is_not_held(tmp_path):
    held = Networks(Settings("colornet", models_dir=tmp_path), Limits())
    for _ in range(2):
        with pytest.raises(WeightsNotInstalled):
            held.colorizer("richzhang")


def test_threads_that_ask_at_once_get_the_same(networks):
    held, found = networks(), []
    threads = [threading.Thread(target=lambda: found.append(held.colorizer())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1
