"""Look for the decoding to ship: `python -m training.tune training/runs/colornet/best.pt --photos DIR`.

Rebalancing, temperature and gain move along one frontier, from safe and pale to bold and wrong; a photo's own
palette and coring move it a little. Each validation photo runs through the network once; each decoding is
measured as `training.evaluate` does it.
"""

import argparse
import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from colorizer.color.lab import rgb_to_lab
from colorizer.stages import join, open_photo, show
from training.collection import KNOWN, colorfulness, split_folder
from training.data import encode_by_table
from training.evaluate import NEUTRAL_CHROMA, CheckpointStrategy, Errors, gray_of, psnr
from training.export import SHIPPED, load_shipped

DECODINGS = {  # every combination of these fields of Shipping
    "temperature": (0.3,),
    "calming": (0.3, 0.35),
    "palette": (0.12, 0.15),
    "coring": (2.0, 3.0),
    "gain": (1.1,),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--most", type=int, default=200, help="validation photos to measure")
    parser.add_argument("--side", type=int, default=SHIPPED.shown_side)
    options = parser.parse_args()
    torch.set_num_threads(1)
    photos = split_folder(options.photos, KNOWN)["validation"]
    tuner = Tuner(options.checkpoint, options.side)
    for photo in photos[: options.most]:
        tuner.add(np.ascontiguousarray(photo.read()))
    print(tuner.table())


class Tuner:
    """Errors and figures of every decoding over the photos added so far."""

    def __init__(self, checkpoint, side):
        self.shipping = replace(SHIPPED, shown_side=side)
        self.shipped = load_shipped(checkpoint, self.shipping)
        self.strategy = CheckpointStrategy(self.shipped, self.shipping)
        self.gray, self.rows = Errors(), {}
        self.errors = {key: Errors() for key in itertools.product(*DECODINGS.values())}

    @torch.no_grad()
    def add(self, rgb):
        """Run one photo, uint8 RGB, through the network and measure every decoding of it."""
        photo = open_photo(rgb)
        shown = show(photo, self.strategy)
        lightness, hints = torch.from_numpy(shown)[None, None], torch.zeros(1, 3, *shown.shape)
        features, carried, *_ = self.shipped.describe(lightness, hints)
        logits = self.shipped.classify(features, carried)
        truth = rgb_to_lab(rgb)[:, :, 1:]
        bins = encode_by_table(truth)[0][..., 0]
        chroma = np.linalg.norm(truth, axis=-1)
        self.gray.add(chroma, bins)
        floor, colorful = psnr(gray_of(rgb), rgb), max(colorfulness(rgb), 1e-6)
        for key, errors in self.errors.items():
            result = join(photo, self.decode(logits, *key), shown, "array")
            ours = rgb_to_lab(result)[:, :, 1:]
            errors.add(np.linalg.norm(ours - truth, axis=-1), bins)
            row = psnr(result, rgb) - floor, colorfulness(result) / colorful
            row += np.linalg.norm(ours, axis=-1).mean(), chroma.mean()
            self.rows.setdefault(key, []).append(row)

    def decode(self, logits, *key):
        self.shipped.shipping = replace(self.shipping, **dict(zip(DECODINGS, key, strict=True)))
        ab, _ = self.shipped.decode(logits, torch.zeros(1, 1, 1, 1))
        return ab[0].permute(1, 2, 0).numpy()

    def table(self):
        """Return a Markdown table, one row a decoding."""
        lines = [
            f"| {' | '.join(DECODINGS)} | AuC | rebalanced | PSNR | colourfulness | plain chroma |",
            f"|{'---|' * (len(DECODINGS) + 5)}",
        ]
        for key, errors in self.errors.items():
            gain, colorful, chroma, truth = np.array(self.rows[key]).T
            plain = chroma[truth < NEUTRAL_CHROMA].mean() if (truth < NEUTRAL_CHROMA).any() else np.nan
            auc = errors.auc() - self.gray.auc()
            rebalanced = errors.rebalanced_auc() - self.gray.rebalanced_auc()
            figures = f"{auc:+.2f} | {rebalanced:+.2f} | {gain.mean():+.2f}"
            figures += f" | {np.median(colorful):.2f} | {plain:.1f}"
            lines.append(f"| {' | '.join(map(str, key))} | {figures} |")
        return "\n".join(lines)


if __name__ == "__main__":
    main()
