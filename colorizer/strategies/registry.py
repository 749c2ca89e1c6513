"""Every strategy by its name: those of models/manifest.json, and those that other packages offer."""

from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from colorizer.errors import ColorizerError, UnknownStrategy
from colorizer.options import DEFAULT_STRATEGY
from colorizer.weights.check import is_installed
from colorizer.weights.manifest import default_models_dir, load_manifest

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from colorizer.strategies.base import ManifestStrategy, Strategy

ENTRY_POINT_GROUP = "image_colorizer.strategies"
FAMILIES = {  # imported when a strategy of theirs is made: names alone need no network's library
    "colornet": "colorizer.strategies.colornet:Colornet",
    "zhang": "colorizer.strategies.zhang:Zhang",
    "zeruniverse": "colorizer.strategies.zeruniverse:Zeruniverse",
    "onnx": "colorizer.strategies.onnx_net:OnnxNet",
}
PREFERRED = "richzhang"  # of a service that was told no strategy, where it is installed


def strategy_names(models_dir: Path | None = None) -> tuple[str, ...]:
    """Return the names of all strategies, the manifest's first, installed or not."""
    own = load_manifest(models_dir)
    return (*own, *sorted(set(_offered()) - set(own)))


def create_strategy(name: str, models_dir: Path | None = None, device: str = "cpu") -> "Strategy":
    """Return a new strategy; it loads nothing yet.

    models_dir: where fetched weights are kept (default: `default_models_dir()`); device: "cpu" or "cuda".
    Raises UnknownStrategy, which lists the names that there are.
    """
    models_dir = Path(models_dir or default_models_dir())
    entry = load_manifest(models_dir).get(name)
    if entry is not None:
        family: type[ManifestStrategy] = resolve_name(FAMILIES[entry.family])
        return family(entry, models_dir, device)
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


def _offered() -> "dict[str, EntryPoint]":
    """Return what other packages offer; a name of our own manifest always means our own."""
    from importlib.metadata import entry_points  # 2 MB, which each of a crew would pay

    return {offer.name: offer for offer in entry_points(group=ENTRY_POINT_GROUP)}


def _strategy_class(offer: "EntryPoint") -> "type[Strategy]":
    from colorizer.strategies.base import Strategy

    try:
        strategy_class = offer.load()
    except Exception as error:  # another package's code may raise anything
        raise ColorizerError(
            f"The package that offers the strategy {offer.name} cannot be imported."
        ) from error
    if not (isinstance(strategy_class, type) and issubclass(strategy_class, Strategy)):
        raise ColorizerError(f"The strategy {offer.name} is not a colorizer.strategies.base.Strategy.")
    return strategy_class
