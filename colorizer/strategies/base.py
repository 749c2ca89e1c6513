"""What every colorization strategy offers: lightness (and hints) in, ab (and confidence) out."""

import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from colorizer.color.spreading import Guide
from colorizer.errors import DeviceUnavailable, SuggestionsUnsupported
from colorizer.weights.check import check_weights, expected_digest, is_installed
from colorizer.weights.manifest import ManifestEntry

DEVICES = ("cpu", "cuda")


@dataclass(frozen=True)
class Prediction:
    """What a network says about a photo.

    ab: float32 (h, w, 2), CIE Lab units, on a grid that covers the whole photo evenly (any h, w).
    confidence: 0 to 1 for the whole photo, or None where the network has no notion of it.
    confidence_map: float32 (h, w), 0 to 1, or None.
    scene: (name, share 0 to 1), or None.
    guide: what tells the things on the photo apart, where the network is ours; or None.
    """

    ab: np.ndarray
    confidence: float | None = None
    confidence_map: np.ndarray | None = None
    scene: tuple[str, float] | None = None
    guide: Guide | None = None


class Strategy(ABC):
    """One way to colour a photo.

    A subclass names itself and implements `predict`; the rest has defaults that suit a network
    without weights, hints or distribution.
    """

    name: str
    title: str
    licence: str = ""
    paper: str = ""
    fetch_command: str = ""  # brings the weights to this machine; "" where there is nothing to fetch
    takes_hints = False
    gives_suggestions = False

    def __init__(self, models_dir: Path, device: str = "cpu") -> None:
        """Remember where fetched weights are kept and whether to run on "cpu" or "cuda"; loads nothing."""
        if device not in DEVICES:
            raise DeviceUnavailable(f"There is no device {device!r}. There are: {', '.join(DEVICES)}.")
        self.models_dir = models_dir
        self.device = device
        self._loaded = False
        self._loading = threading.Lock()

    @property
    def installed(self) -> bool:
        """Whether the weights are on this machine (not whether they are intact: `load` checks that)."""
        return True

    @property
    def version(self) -> str:
        """What tells this network from an earlier one of the same name; known once it is installed."""
        return ""

    def load(self) -> None:
        """Load and verify the network once; later calls return at once. Safe from several threads.

        Raises WeightsNotInstalled, WeightsDamaged or DeviceUnavailable.
        """
        with self._loading:
            if not self._loaded:
                self._load()
                self._loaded = True

    def _load(self) -> None:
        """Load the network; called once, under a lock."""

    def network_size(self, width: int, height: int) -> tuple[int, int]:
        """Return the (width, height) at which a photo of this size is shown to the network, once loaded."""
        return 256, 256

    @abstractmethod
    def predict(self, lightness: np.ndarray, hints: np.ndarray | None = None) -> Prediction:
        """Colour one photo. Safe from several threads; `load` has been called.

        lightness: float32 (h, w), CIE L* 0 to 100, at `network_size`.
        hints: float32 (h, w, 3): a, b and a mask of 0 or 1, or None for no hints.
        """

    def suggest(self, lightness: np.ndarray, x: int, y: int) -> list[tuple[tuple[float, float], float]]:
        """Return likely colours at pixel (x, y) of `lightness` as [((a, b), share), ...], likeliest first."""
        raise SuggestionsUnsupported(f"The strategy {self.name} suggests no colours. Use colornet.")


class ManifestStrategy(Strategy):
    """A strategy whose network is an entry of the manifest; a subclass builds it from the file."""

    def __init__(self, entry: ManifestEntry, models_dir: Path, device: str = "cpu") -> None:
        """Take name, title and terms from the manifest; loads nothing."""
        super().__init__(models_dir, device)
        self.entry = entry
        self.name, self.title = entry.name, entry.title
        self.licence, self.paper = entry.licence, entry.paper
        self.fetch_command = entry.fetch_command

    @property
    def installed(self) -> bool:
        """Whether the network's file is on this machine."""
        return is_installed(self.entry, self.models_dir)

    @property
    def version(self) -> str:
        """The sha256 of the network's file."""
        return expected_digest(self.entry, self.models_dir)

    def _load(self) -> None:
        self._build(check_weights(self.entry, self.models_dir))

    def _build(self, path: Path) -> None:
        """Make the network from its file, which is known to be intact."""
        raise NotImplementedError
