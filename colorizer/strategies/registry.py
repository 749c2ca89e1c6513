"""Every strategy by its name: those of models/manifest.json, and those that other packages offer."""

from collections.abc import Callable, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from colorizer.errors import ColorizerError, UnknownStrategy
from colorizer.options import DEFAULT_STRATEGY
from colorizer.strategies.base import Strategy
from colorizer.strategies.colornet import Colornet
from colorizer.strategies.onnx_net import OnnxNet
from colorizer.strategies.zeruniverse import Zeruniverse
from colorizer.strategies.zhang import Zhang
from colorizer.weights.check import is_installed
from colorizer.weights.manifest import ManifestEntry, default_models_dir, load_manifest

ENTRY_POINT_GROUP = "image_colorizer.strategies"
FAMILIES: Mapping[str, Callable[[ManifestEntry, Path, str], Strategy]] = {
    "colornet": Colornet,
    "zhang": Zhang,
    "zeruniverse": Zeruniverse,
    "onnx": OnnxNet,
}
PREFERRED = "richzhang"  # of a service that was told no strategy, where it is installed


def strategy_names(models_dir: Path | None = None) -> tuple[str, ...]:
    """Return the names of all strategies, the manifest's first, installed or not."""
    own = load_manifest(models_dir)
    return (*own, *sorted(set(_offered()) - set(own)))


def create_strategy(name: str, models_dir: Path | None = None, device: str = "cpu") -> Strategy:
    """Return a new strategy; it loads nothing yet.

    models_dir: where fetched weights are kept (default: `default_models_dir()`); device: "cpu" or "cuda".
    Raises UnknownStrategy, which lists the names that there are.
    """
    models_dir = Path(models_dir or default_models_dir())
    entry = load_manifest(models_dir).get(name)
    if entry is not None:
        return FAMILIES[entry.family](entry, models_dir, device)
    offer = _offered().get(name)
    if offer is None:
        names = ", ".join(strategy_names(models_dir))
        raise UnknownStrategy(f"There is no strategy {name!r}. There are: {names}.")
    return _strategy_class(offer)(models_dir, device)


def default_strategy_name(models_dir: Path | None = None) -> str:
    """Return the strategy of a service that was told none: richzhang where it is installed, else colornet."""
    models_dir = Path(models_dir or default_models_dir())
    entry = load_manifest(models_dir).get(PREFERRED)
    return PREFERRED if entry is not None and is_installed(entry, models_dir) else DEFAULT_STRATEGY


def _offered() -> dict[str, EntryPoint]:
    """Return what other packages offer; a name of our own manifest always means our own."""
    return {offer.name: offer for offer in entry_points(group=ENTRY_POINT_GROUP)}


def _strategy_class(offer: EntryPoint) -> type[Strategy]:
    try:
        strategy_class = offer.load()
    except Exception as error:  # another package's code may raise anything
        raise ColorizerError(
            f"The package that offers the strategy {offer.name} cannot be imported."
        ) from error
    if not (isinstance(strategy_class, type) and issubclass(strategy_class, Strategy)):
        raise ColorizerError(f"The strategy {offer.name} is not a colorizer.strategies.base.Strategy.")
    return strategy_class
