"""Fit the confidence: `python -m training.calibrate training/runs/colornet/best.pt --photos DIR`.

The expected ab error of a place is a linear function of what the network's heads see there and of its own
prediction. It is fitted by ridge regression on training photos, with and without hints; its level is then set
on validation photos, which the network has not seen. The checkpoint keeps it, for training/export.py.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from scipy.stats import spearmanr

from training.data import HASHES, Crops, list_photos, split_photos
from training.export import load_shipped
from training.train import save

RIDGE = 1.0  # of standardised inputs; a third as much changes little
PLACES = 60  # of each photo, as neighbours say nearly the same
HINTED = 4  # every fourth photo has hints
SEED = 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument(
        "--most", type=int, default=800, help="training photos to fit to; half as many validate"
    )
    options = parser.parse_args()
    torch.set_num_threads(1)
    split = split_photos(list_photos(options.photos), HASHES)
    shipped = load_shipped(options.checkpoint)
    inputs, errors = gather_places(shipped, split["training"][: options.most])
    weights, offset = fit_ridge(inputs.reshape(-1, inputs.shape[-1]), errors.ravel())
    unseen, true = gather_places(shipped, split["validation"][: options.most // 2])
    slope, level = np.polyfit((unseen @ weights + offset).mean(1), true.mean(1), 1)
    weights, offset = slope * weights, float(slope * offset + level)
    predicted = (unseen @ weights + offset).mean(1)
    rank = spearmanr(predicted, true.mean(1)).statistic
    print(
        f"expected error {predicted.mean():.1f}, true {true.mean():.1f} ab units, rank correlation {rank:.2f}"
    )
    state = torch.load(options.checkpoint, map_location="cpu", weights_only=True)
    state["error_head"] = {"weights": torch.from_numpy(weights).float(), "offset": offset}
    save(state, options.checkpoint)


@torch.no_grad()
def gather_places(shipped, photos):
    """Return the head's inputs (photos, places, 354) and the true ab errors (photos, places)."""
    side = shipped.shipping.shown_short_side
    crops, random = Crops(photos, SEED, clean=True), np.random.default_rng(SEED)
    inputs, errors = [], []
    for number in range(len(photos)):
        one = crops[number, side]
        hints = one["hints"] * (number % HINTED == 0)
        features, vector = shipped.network.describe(one["lightness"][None], hints[None])
        ab, spread = shipped.decode(shipped.network.logits(features))
        chroma = ab.square().sum(1, keepdim=True).sqrt()
        repeated = vector[:, :, None, None].expand(-1, -1, *spread.shape[2:])
        seen = torch.cat([features, repeated, spread, chroma], 1)[0].flatten(1)  # [354, places]
        error = (ab[0] - one["ab"]).square().sum(0).sqrt().flatten()
        places = random.choice(len(error), PLACES, replace=False)
        inputs.append(seen[:, places].T.numpy())
        errors.append(error[places].numpy())
    return np.stack(inputs), np.stack(errors)


def fit_ridge(inputs, targets):
    """Return weights and offset of the ridge regression of targets (n,) on standardised inputs (n, m)."""
    mean, scale = inputs.mean(0), inputs.std(0) + 1e-6
    standard = (inputs - mean) / scale
    gram = standard.T @ standard + RIDGE * len(standard) * np.eye(standard.shape[1])
    weights = np.linalg.solve(gram, standard.T @ (targets - targets.mean())) / scale
    return weights, float(targets.mean() - mean @ weights)


if __name__ == "__main__":
    main()
