"""Convert the generator of the neural-colorization project: `python -m training.convert_zeruniverse G.pth`.

It writes zeruniverse.onnx, which `image-colorizer fetch zeruniverse --from zeruniverse.onnx` installs. The
weights are the project's own (CC BY 4.0); only tensors are read from the file, never code.
"""

import argparse
import os
import pickle
import sys
import warnings
from pathlib import Path

import torch
from torch import nn

U_LIMIT, V_LIMIT = 0.436, 0.615  # what the tanh's -1 and 1 mean in U and V of Rec. 601
MARGIN = 40  # reflected pixels at each border, which the unpadded residual blocks use up
BLOCKS = 5
OPSET = 17


class Residual(nn.Module):
    """Two unpadded 3x3 convolutions, added to the input less two pixels at each border.

    The names of its layers follow from the state dict's: 10.0.0.0, 10.0.0.1, 10.0.0.3, 10.0.0.4.
    """

    def __init__(self, channels):
        super().__init__()
        layers = nn.Sequential(
            nn.Conv2d(channels, channels, 3),
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, channels, 3),
            nn.BatchNorm2d(channels),
        )
        self.add_module("0", nn.Sequential(layers))

    def forward(self, x):
        return x[:, :, 2:-2, 2:-2] + self.get_submodule("0")(x)


def build_generator() -> nn.Sequential:
    """Return the Johnson-style generator: Y - 0.5 [N, 1, H, W] to tanh [N, 2, H, W], H and W multiples of
    4."""
    return nn.Sequential(
        nn.ReflectionPad2d(MARGIN),
        *convolution(nn.Conv2d(1, 32, 9, 1, 4)),  # 1, 2
        *convolution(nn.Conv2d(32, 64, 3, 2, 1)),  # 4, 5
        *convolution(nn.Conv2d(64, 128, 3, 2, 1)),  # 7, 8
        *(Residual(128) for _ in range(BLOCKS)),  # 10 to 14
        *convolution(nn.ConvTranspose2d(128, 64, 3, 2, 1, 1)),  # 15, 16
        *convolution(nn.ConvTranspose2d(64, 32, 3, 2, 1, 1)),  # 18, 19
        nn.Conv2d(32, 2, 9, 1, 4),  # 21
        nn.Tanh(),
    )


def convolution(layer):
    return layer, nn.BatchNorm2d(layer.out_channels), nn.ReLU()


class Luma2UV(nn.Module):
    """The generator with its output in U and V."""

    def __init__(self, generator):
        super().__init__()
        self.generator = generator
        self.register_buffer("limits", torch.tensor([U_LIMIT, V_LIMIT]).reshape(1, 2, 1, 1))

    def forward(self, luma):
        return self.generator(luma) * self.limits


def load_generator(path: Path) -> nn.Sequential:
    """Return the generator with the weights of G.pth, a state dict in torch's zip format or the older one.

    Raises ValueError where the file is something else, or its layers differ.
    """
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
        raise ValueError(f"{path} is not a state dict of tensors: {str(error).splitlines()[0]}") from error
    generator = build_generator().eval()
    try:
        generator.load_state_dict(state)
    except (RuntimeError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path} holds other layers than the neural-colorization generator's: {error}"
        ) from error
    return generator


def convert(source: Path, target: Path) -> None:
    """Write the ONNX network of G.pth, atomically: input `luma` [N, 1, H, W], output `uv` [N, 2, H, W]."""
    network = Luma2UV(load_generator(source)).eval()
    sizes = {0: "N", 2: "H", 3: "W"}
    part = target.with_suffix(".part")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the TorchScript exporter is older than dynamo's, and says so
        torch.onnx.export(
            network,
            (torch.zeros(1, 1, 64, 64),),
            str(part),
            input_names=["luma"],
            output_names=["uv"],
            dynamic_axes={"luma": sizes, "uv": sizes},
            opset_version=OPSET,
            dynamo=False,
        )
    os.replace(part, target)


def main():
    """Convert as the command line says; one line on stderr and exit status 1 where that fails."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="the project's G.pth")
    parser.add_argument("--to", type=Path, default=Path("zeruniverse.onnx"))
    options = parser.parse_args()
    try:
        convert(options.source, options.to)
    except (OSError, ValueError) as error:
        sys.exit(f"convert_zeruniverse: {error}")
    print(f"{options.to}: now `image-colorizer fetch zeruniverse --from {options.to}`")


if __name__ == "__main__":
    main()
