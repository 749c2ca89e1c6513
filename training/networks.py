"""Every network that can be trained, by the name that a run's settings and checkpoints give it."""

from training.large import ColornetLarge
from training.model import Colornet, EncoderDecoder, Fusion

NETWORKS = {
    "colornet": Colornet,
    "colornet-large": ColornetLarge,
    "fusion": Fusion,
    "encoder_decoder": EncoderDecoder,
}
