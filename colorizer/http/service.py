"""What the requests of one process share: the networks, the places, and whether we are stopping."""

import logging
from collections.abc import Callable, Iterator

from colorizer.errors import ColorizerError
from colorizer.http.places import PhotoSlots, Places
from colorizer.networks import Networks
from colorizer.photo.limits import Limits
from colorizer.process.extras import is_installed
from colorizer.settings import Settings
from colorizer.strategies import registry
from colorizer.weights.manifest import load_manifest

PHOTO_KINDS = ("jpeg", "png", "webp", "tiff", "avif")

log = logging.getLogger("colorizer")


class Service:
    """One per process.

    networks: what colours photos; takes_films: whether films are on; uploads: places for requests with a
    body; slots: for photos being coloured; draining: whether we were told to stop.
    """

    def __init__(self, settings: Settings) -> None:
        """Settle on the default strategy, then load and verify it.

        Raises SettingsError, UnknownStrategy, WeightsNotInstalled, WeightsDamaged or DeviceUnavailable.
        """
        self.settings = settings
        limits = Limits(settings.max_upload_bytes, settings.max_pixels, PHOTO_KINDS)
        self.networks = Networks(settings, limits)
        self.takes_films = bool(settings.store_url and settings.max_film_bytes and is_installed("video"))
        self.uploads = Places(settings.uploads_at_once)
        self.slots = PhotoSlots(settings.photos_at_once, settings.queue)
        self.draining = False
        self.on_timings: Callable[[dict[str, float]], object] = lambda timings: None  # of a coloured photo
        self.networks.colorizer()
        reason = "chosen by COLORIZER_STRATEGY" if settings.strategy else "COLORIZER_STRATEGY is unset"
        log.info("The default strategy is %s (%s).", self.networks.default, reason)

    def describe_strategies(self) -> Iterator[dict[str, object]]:
        """Yield what /api/v1/strategies says about each strategy."""
        models_dir = self.settings.models_dir
        manifest = load_manifest(models_dir)
        for name in self.networks.names():
            try:
                strategy = registry.create_strategy(name, models_dir, self.settings.device)
            except ColorizerError as error:  # another package's, which must not take the rest away
                log.warning("%s", error)
                continue
            yield {
                "name": name,
                "title": strategy.title,
                "installed": strategy.installed,
                "default": name == self.networks.default,
                "hints": True,  # ours, whichever network paints
                "suggestions": strategy.gives_suggestions,
                "licence": strategy.licence,
                "paper": strategy.paper,
                "fetch": (name in manifest and manifest[name].fetch_command) or None,
            }
