"""What the requests of one process share: the networks, the places, and whether we are stopping."""

import logging
import threading
from collections.abc import Iterator

from colorizer.errors import ColorizerError
from colorizer.http.places import PhotoSlots, Places
from colorizer.photo.image_io import Limits
from colorizer.pipeline import ImageColorizer
from colorizer.settings import Settings
from colorizer.strategies import registry
from colorizer.weights.manifest import load_manifest

PHOTO_KINDS = ("jpeg", "png")

log = logging.getLogger("colorizer")


class Service:
    """One per process.

    uploads: places for requests with a body; slots: for photos being coloured; draining: whether we
    were told to stop.
    """

    def __init__(self, settings: Settings) -> None:
        """Settle on the default strategy, then load and verify it.

        Raises UnknownStrategy, WeightsNotInstalled, WeightsDamaged or DeviceUnavailable.
        """
        self.settings = settings
        self.default = settings.strategy or registry.default_strategy_name(settings.models_dir)
        self.uploads = Places(settings.uploads_at_once)
        self.slots = PhotoSlots(settings.photos_at_once, settings.queue)
        self.draining = False
        self._loaded: dict[str, ImageColorizer] = {}
        self._loading = threading.Lock()
        self.colorizer()
        reason = "chosen by COLORIZER_STRATEGY" if settings.strategy else "COLORIZER_STRATEGY is unset"
        log.info("The default strategy is %s (%s).", self.default, reason)

    def colorizer(self, strategy: str | None = None) -> ImageColorizer:
        """Return the one colorizer of a strategy (None: the default), loaded at its first use.

        Raises what `__init__` raises.
        """
        name = self.default if strategy is None else strategy
        if name not in self._loaded:  # most requests need not wait while another network is being loaded
            with self._loading:
                if name not in self._loaded:
                    self._loaded[name] = self._load(name)
        return self._loaded[name]

    def _load(self, name: str) -> ImageColorizer:
        settings = self.settings
        limits = Limits(settings.max_upload_bytes, settings.max_pixels, PHOTO_KINDS)
        colorizer = ImageColorizer(
            name, device=settings.device, models_dir=settings.models_dir, limits=limits
        )
        colorizer.load()
        return colorizer

    def describe_strategies(self) -> Iterator[dict[str, object]]:
        """Yield what /api/v1/strategies says about each strategy."""
        models_dir = self.settings.models_dir
        manifest = load_manifest(models_dir)
        for name in registry.strategy_names(models_dir):
            try:
                strategy = registry.create_strategy(name, models_dir, self.settings.device)
            except ColorizerError as error:  # another package's, which must not take the rest away
                log.warning("%s", error)
                continue
            yield {
                "name": name,
                "title": strategy.title,
                "installed": strategy.installed,
                "default": name == self.default,
                "hints": strategy.takes_hints,
                "suggestions": strategy.gives_suggestions,
                "licence": strategy.licence,
                "paper": strategy.paper,
                "fetch": (name in manifest and manifest[name].fetch_command) or None,
            }
