"""Turn a checkpoint into the file that ships: `python -m training.export training/runs/colornet/best.pt`.

The ONNX file holds the decoding too: logits become ab by the annealed mean, and the expected error becomes
the confidence. Weights are stored as half floats, which halves the file; a runtime widens them once, when it
loads. Beside it goes training/colornet.pt, the weights before the export, for runs that start from them.
"""

import argparse
import copy
import json
import os
import warnings
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional as F

from colorizer.color import ab_bins
from training.model import NETWORKS
from training.record_weights import MODELS, record_weights
from training.train import keep

KEPT = Path(__file__).with_name("colornet.pt")
SMALLEST_HALF = 512  # initializers with fewer numbers stay whole
OPSET = 17
STRIDE = 4  # of the local features
UNSEEN = 1e-4  # share of a photo that counts as none of it
EVENED = 2  # times over rows and columns: once leaves stripes


@dataclass(frozen=True)
class Shipping:
    """What was tuned on the validation photos after training; training/EXPERIMENTS.md has the figures."""

    shown_side: int = 192  # a photo is shown with as many pixels as a square of this side has
    temperature: float = 0.3  # of the annealed mean: lower is more colourful, higher safer
    unbalancing: float = -0.4  # share of the training's rebalancing taken back; below 0, of adding to it
    reach: float = 32.0  # cells: how far places of one thing agree about their colour; a mean of that length
    lightness_step: float = 3.0  # L* that cuts such a way short as much as `reach` cells do
    calming: float = 0.3  # share of the training's rebalancing taken from the logits that colours come from
    palette: float = 0.15  # share of the logarithm of the photo's own mean distribution taken from them, too
    coring: float = 3.0  # ab units: chroma c becomes c / (c + this) of itself, so that plain places are plain
    gain: float = 1.1  # on all chroma, for what coring takes
    largest_error: float = 50.0  # ab units at which the confidence is 0; it is 1 - expected error / this


SHIPPED = Shipping()


class Shipped(nn.Module):
    """The network as it ships: batch norms folded in, weights rounded to half floats, output decoded."""

    def __init__(self, network, bin_weights, error_head=None, shipping=SHIPPED):
        super().__init__()
        self.shipping = shipping
        self.network = fold(network)
        self.network.logits.bias.data -= shipping.unbalancing * torch.log(bin_weights)
        self.register_buffer("rarity", torch.log(bin_weights)[:, None])  # [313, 1]
        round_to_half(self.network)
        centres = torch.from_numpy(ab_bins.CENTRES)
        rows = [centres[:, 0], centres[:, 1], torch.ones(len(centres)), centres.square().sum(1)]
        self.register_buffer("moments", torch.stack(rows))  # [4, 313]: a, b, 1, chroma^2
        self.error_head = error_head or ErrorHead()

    def forward(self, lightness, hints):
        """Return ab, confidence, logits, scene and features as the ONNX file does."""
        features, carried, vector, summary, things = self.describe(lightness, hints)
        logits = self.classify(features, carried)
        ab, spread = self.decode(logits, carried[:, 2:])
        error = self.error_head(features, vector, judge(spread, ab, carried))
        confidence = (1 - error / self.shipping.largest_error).clamp(0, 1)
        return ab, confidence, logits, torch.softmax(self.network.scene(summary), 1), things

    def describe(self, lightness, hints):
        """Return what `Colornet.describe` does, with local features [N, h, w, 96] that the places of one
        thing share."""
        features, *others = self.network.describe(lightness, hints)
        near = nearness(F.avg_pool2d(lightness, STRIDE)[:, 0], self.shipping)
        return even_out(features.permute(0, 2, 3, 1), *near), *others

    def classify(self, features, carried):
        """Return logits [N, 313, h, w] as `Colornet.classify` does, of local features [N, h, w, 96]."""
        heads = [self.network.logits, self.network.hint_logits]
        weight = torch.cat([*(head.weight[:, :, 0, 0] for head in heads), heads[0].bias[:, None]], 1)
        carried = F.pad(carried, (0, 0, 0, 0, 0, 1), value=1.0).permute(0, 2, 3, 1)  # 1 for the bias
        return project(torch.cat([features, carried], 3), weight)

    def decode(self, logits, hinted):
        """Return ab [N, 2, h, w] and the spread of the distribution around it, [N, 1, h, w], in ab units.

        hinted: [N, 1, h, w], how much hints matter there, 0 to 1: what a hint asks for is not calmed.
        """
        exponents = (logits - largest(logits)) / self.shipping.temperature
        likely = exponents.exp().flatten(2)  # [N, 313, places]
        ab, square = self.mean_and_square(likely, self.own_weights(likely))
        spread = (square - ab.square().sum(1, keepdim=True)).clamp(min=0).sqrt()
        size = logits.shape[2:]
        return self.core(ab.unflatten(2, size), hinted), spread.unflatten(2, size)

    def own_weights(self, likely):
        """Return what each bin counts in this photo, [N, 1, 313]: the less, the more of the photo has it.

        likely: [N, 313, places], not normalised. A photo that is one colour all over is rarely so in truth.
        """
        shares = 1 / likely.sum(1)[:, :, None]
        palette = (likely @ shares) / shares.shape[1] + UNSEEN
        taken = self.shipping.calming * self.rarity + self.shipping.palette * palette.log()
        return torch.exp(-taken / self.shipping.temperature).transpose(1, 2)

    def mean_and_square(self, likely, weights=1.0):
        """Return mean ab [N, 2, places] and mean squared chroma [N, 1, places] of distributions [N, 313,
        places], not normalised, whose bins count as [N, 1, 313] says.

        A product of matrices over the exponentials: ONNX Runtime's softmax over channels is twenty times
        slower.
        """
        sums = (self.moments * weights) @ likely
        return sums[:, :2] / sums[:, 2:3], sums[:, 3:] / sums[:, 2:3]

    def core(self, ab, hinted):
        """Return ab with small chroma made smaller, [N, 2, h, w]."""
        chroma = ab.square().sum(1, keepdim=True).sqrt()
        factor = self.shipping.gain * chroma / (chroma + self.shipping.coring)
        return ab * (factor + (1 - factor) * hinted)


def project(features, weight):
    """Return [N, k, h, w] of features [N, h, w, C] and weight [k, C]: a 1x1 convolution that takes the
    features as they lie, for turning them costs 1 ms."""
    product = weight @ features.flatten(1, 2).transpose(1, 2)
    return product.reshape(-1, len(weight), *features.shape[1:3])


def largest(logits):
    """Return the maximum over the bins, [N, 1, h, w], by halves: half the time of ONNX Runtime's own."""
    while logits.shape[1] > 1:
        half = (logits.shape[1] + 1) // 2
        logits = torch.maximum(logits[:, :half], logits[:, -half:])
    return logits


def nearness(lightness, shipping):
    """Return how much each cell of a row [N, h, w, w] and of a column [N, w, h, h] says to each other one:
    less with every cell and every step of lightness [N, h, w] on the way, as in the domain transform (Gastal
    and Oliveira 2011)."""
    return along_rows(lightness, shipping), along_rows(lightness.transpose(1, 2), shipping)


def along_rows(lightness, shipping):
    steps = (lightness[:, :, 1:] - lightness[:, :, :-1]).abs() / shipping.lightness_step + 1 / shipping.reach
    way = F.pad(steps, (1, 0)).cumsum(2)
    shares = torch.exp(-(way[:, :, :, None] - way[:, :, None]).abs())
    return shares / shares.sum(3, keepdim=True)


def even_out(features, rows, columns):
    """Return the features [N, h, w, C] as means over rows and then columns, twice. Logits are linear in them,
    so that this is a mean of logits for a third of its price."""
    for _ in range(EVENED):
        features = (columns @ (rows @ features).transpose(1, 2)).transpose(1, 2)
    return features


class ErrorHead(nn.Module):
    """How far off ab probably is, in ab units: a linear function, fitted by training/calibrate.py."""

    INPUTS = (96, 256, 3)  # local features, global vector, and what `judge` gives

    def __init__(self, weights=None, offset=0.0):
        super().__init__()
        weights = torch.zeros(sum(self.INPUTS)) if weights is None else weights
        for name, part in zip(("features", "vector", "judged"), weights.split(self.INPUTS), strict=True):
            self.register_buffer(name, part)
        self.offset = offset

    def forward(self, features, vector, judged):
        """Return [N, 1, h, w] from [N, h, w, 96], [N, 256] and [N, 3, h, w]."""
        error = project(features, self.features[None]) + F.conv2d(judged, self.judged[None, :, None, None])
        return error + (vector @ self.vector)[:, None, None, None] + self.offset


def judge(spread, ab, carried):
    """Return [N, 3, h, w]: spread and chroma of the prediction, and how much hints matter there."""
    return torch.cat([spread, ab.square().sum(1, keepdim=True).sqrt(), carried[:, 2:]], 1)


def fold(network):
    """Return a copy in inference mode with every batch norm folded into the convolution before it."""
    network = copy.deepcopy(network).eval().to(memory_format=torch.contiguous_format)
    for parent in list(network.modules()):
        children = list(parent.named_children())
        for (name, first), (next_name, second) in pairwise(children):
            if isinstance(first, nn.Conv2d) and isinstance(second, nn.BatchNorm2d):
                setattr(parent, name, torch.nn.utils.fuse_conv_bn_eval(first, second))
                setattr(parent, next_name, nn.Identity())
    return network.requires_grad_(False)


def round_to_half(network):
    for parameter in network.parameters():
        if parameter.numel() >= SMALLEST_HALF:
            parameter.copy_(parameter.half().float())


def load_shipped(checkpoint: Path, shipping: Shipping = SHIPPED) -> Shipped:
    """Return the averaged colornet of a checkpoint as it would ship."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    network = NETWORKS["colornet"](pretrained=False)
    network.load_state_dict(state["average"])
    head = ErrorHead(**state["error_head"]) if "error_head" in state else None
    return Shipped(network, state["bin_weights"], head, shipping).eval()


def export(shipped: Shipped, path: Path) -> None:
    """Write the ONNX file, checked, atomically."""
    part = path.with_suffix(".part")
    sizes = {0: "N", 2: "H", 3: "W"}
    cells = {0: "N", 2: "H/4", 3: "W/4"}
    names = {
        "lightness": sizes,
        "hints": sizes,
        "ab": cells,
        "confidence": cells,
        "logits": cells,
        "scene": {0: "N"},
        "features": {0: "N", 2: "H/16", 3: "W/16"},
    }
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # the TorchScript exporter is older than dynamo's, and says so; it needs less
        torch.onnx.export(
            shipped,
            (torch.full((1, 1, 64, 64), 50.0), torch.zeros(1, 3, 64, 64)),
            str(part),
            input_names=["lightness", "hints"],
            output_names=["ab", "confidence", "logits", "scene", "features"],
            dynamic_axes=names,
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load(part)
    store_as_half(model.graph)
    onnx.helper.set_model_props(
        model, {name: json.dumps(value) for name, value in asdict(shipped.shipping).items()}
    )
    onnx.checker.check_model(model)
    onnx.save(model, part)
    os.replace(part, path)


def store_as_half(graph):
    """Store large weights as half floats, each widened by a Cast that the runtime computes once."""
    for index, weights in enumerate(graph.initializer):
        if weights.data_type != onnx.TensorProto.FLOAT or np.prod(weights.dims) < SMALLEST_HALF:
            continue
        whole = numpy_helper.to_array(weights)
        half = whole.astype(np.float16)
        if not np.array_equal(half.astype(np.float32), whole):
            continue  # a constant of the decoding, not a rounded weight
        name = weights.name
        graph.initializer[index].CopyFrom(numpy_helper.from_array(half, name + "_half"))
        cast = onnx.helper.make_node(
            "Cast", [name + "_half"], [name], to=onnx.TensorProto.FLOAT, name=name + "_cast"
        )
        graph.node.insert(0, cast)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--to", type=Path, default=MODELS / "colornet.onnx")
    options = parser.parse_args()
    export(load_shipped(options.checkpoint), options.to)
    if options.to.resolve() == MODELS / "colornet.onnx":
        record_weights()
        keep(options.checkpoint, KEPT)
    print(f"{options.to}: {options.to.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
