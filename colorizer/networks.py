"""The networks that a serving process offers: loaded at their first use, and not too many at once."""

import threading
from collections import OrderedDict

from colorizer.errors import SettingsError, UnknownStrategy
from colorizer.photo.limits import Limits
from colorizer.pipeline import ImageColorizer
from colorizer.settings import Settings
from colorizer.strategies.registry import default_strategy_name, strategy_names


class Networks:
    """One colorizer a strategy, for all threads. default: the strategy's name where none is asked for.

    The default stays once it is loaded; of the others, those used last do, `networks_loaded` in all. One that
    left is loaded again when it is asked for; whoever still uses it keeps it.
    """

    def __init__(self, settings: Settings, limits: Limits) -> None:
        """Settle on the default strategy, unloaded; raises SettingsError where it is not offered."""
        self.default = settings.strategy or default_strategy_name(settings.models_dir)
        self._settings, self._limits = settings, limits
        self._loaded: OrderedDict[str, ImageColorizer] = OrderedDict()
        self._using, self._loading = threading.Lock(), threading.Lock()
        if settings.strategies and self.default not in settings.strategies:
            raise SettingsError(
                f"COLORIZER_STRATEGIES leaves out {self.default}, which is the default strategy."
                " Add it, or choose another with COLORIZER_STRATEGY."
            )

    def names(self) -> tuple[str, ...]:
        """Return the names of the strategies that clients may ask for, installed or not."""
        known = strategy_names(self._settings.models_dir)
        return tuple(
            name for name in known if not self._settings.strategies or name in self._settings.strategies
        )

    def name_of(self, strategy: str | None = None) -> str:
        """Return the name of a strategy (None: the default). Raises UnknownStrategy."""
        name = self.default if strategy is None else strategy
        if name not in self.names():
            raise UnknownStrategy(f"There is no strategy {name!r:.60}. There are: {', '.join(self.names())}.")
        return name

    def colorizer(self, strategy: str | None = None) -> ImageColorizer:
        """Return the one colorizer of a strategy (None: the default), loaded and verified.

        Raises UnknownStrategy, WeightsNotInstalled, WeightsDamaged or DeviceUnavailable.
        """
        name = self.default if strategy is None else strategy
        found = self._use(name)
        if found:  # most requests need not wait while another network is being loaded
            return found
        with self._loading:
            return self._use(name) or self._add(name, self._load(name))

    def _use(self, name: str) -> ImageColorizer | None:
        with self._using:
            if name in self._loaded:
                self._loaded.move_to_end(name)
            return self._loaded.get(name)

    def _load(self, name: str) -> ImageColorizer:
        colorizer = ImageColorizer(
            self.name_of(name),
            device=self._settings.device,
            models_dir=self._settings.models_dir,
            limits=self._limits,
        )
        colorizer.load()
        return colorizer

    def _add(self, name: str, colorizer: ImageColorizer) -> ImageColorizer:
        with self._using:
            self._loaded[name] = colorizer
            others = [other for other in self._loaded if other != self.default]
            too_many = max(0, len(self._loaded) - self._settings.networks_loaded)
            for other in others[:too_many]:
                del self._loaded[other]
        return colorizer
