"""Fit confidence and scene head: `python -m training.calibrate training/runs/colornet/best.pt --photos DIR`.

The expected ab error of a place is a linear function of what the network's heads see there and of its own
prediction. It is fitted by ridge regression on validation photos, which the network has not seen, with and
without hints; its level is then set on others of them and, where the collection has such, on photos of
sources that occur nowhere else. The scene head, trained along on aged crops, is fitted again on whole, clean
photos by logistic regression. The checkpoint keeps both, for training/export.py.
"""

import argparse
from pathlib import Path

import cv2
import numpy as np
import torch
from scipy.stats import spearmanr
from torch.nn import functional as F

from colorizer.color.lab import lightness_of
from training.collection import KNOWN, NO_SCENE, list_measured_only, split_folder
from training.data import Crops
from training.export import judge, load_shipped
from training.model import SCENES, summarise
from training.train import save

RIDGE = 0.1  # of standardised inputs; a third or three times as much changes little
PLACES = 60  # of each photo, as neighbours say nearly the same
PENALTY = 0.01  # on squared weights of the scene head, of standardised inputs
HINTED = 4  # every fourth photo has hints
SEED = 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("checkpoint", type=Path)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument(
        "--most",
        type=int,
        default=400,
        help="validation photos to fit the confidence to, and to set its level",
    )
    parser.add_argument("--scenes", type=int, default=30_000, help="training photos for the scene head")
    options = parser.parse_args()
    torch.set_num_threads(1)
    split = split_folder(options.photos, KNOWN)
    shipped = load_shipped(options.checkpoint)
    inputs, errors = gather_places(shipped, split["validation"][: options.most])
    weights, offset = fit_ridge(inputs.reshape(-1, inputs.shape[-1]), errors.ravel())
    others = split["validation"][options.most : 2 * options.most] or split["validation"]
    elsewhere = list_measured_only(options.photos)[: options.most // 2]
    unseen, true = gather_places(shipped, others + elsewhere)
    slope, level = np.polyfit((unseen @ weights + offset).mean(1), true.mean(1), 1)
    weights, offset = slope * weights, float(slope * offset + level)
    predicted = (unseen @ weights + offset).mean(1)
    rank = spearmanr(predicted, true.mean(1)).statistic
    print(
        f"expected error {predicted.mean():.1f}, true {true.mean():.1f} ab units, rank correlation {rank:.2f}"
    )
    state = torch.load(options.checkpoint, map_location="cpu", weights_only=True)
    state["error_head"] = {"weights": torch.from_numpy(weights).float(), "offset": offset}
    state["average"] |= calibrate_scenes(shipped, split, options.scenes)
    save(state, options.checkpoint)


def calibrate_scenes(shipped, split, most):
    """Return the scene head fitted to training photos, and print how it does on the others; {} where no
    photo has a scene."""
    summaries, scenes = gather_scenes(shipped, split["training"][:most])
    unseen, true = gather_scenes(shipped, split["validation"])
    if not len(scenes) or not len(true):
        return {}
    head = fit_scenes(summaries, scenes)
    right = (unseen @ head["scene.weight"].T + head["scene.bias"]).argmax(1) == true
    print(f"scene right on {100 * right.float().mean():.1f} % of the validation photos")
    return head


@torch.no_grad()
def gather_places(shipped, photos):
    """Return the head's inputs (photos, places, 355) and the true ab errors (photos, places)."""
    side = shipped.shipping.shown_side
    crops, random = Crops(photos, SEED, clean=True), np.random.default_rng(SEED)
    inputs, errors = [], []
    for number in range(len(photos)):
        one = crops[number, side]
        hints = one["hints"] * (number % HINTED == 0)
        features, carried, vector, *_ = shipped.describe(one["lightness"][None], hints[None])
        ab, spread = shipped.decode(shipped.classify(features, carried), carried[:, 2:])
        repeated = vector[:, :, None, None].expand(-1, -1, *spread.shape[2:])
        seen = torch.cat([features.permute(0, 3, 1, 2), repeated, judge(spread, ab, carried)], 1)
        seen = seen[0].flatten(1)  # [355, places]
        error = (ab[0] - one["ab"]).square().sum(0).sqrt().flatten()
        places = random.choice(len(error), PLACES, replace=False)
        inputs.append(seen[:, places].T.numpy())
        errors.append(error[places].numpy())
    return np.stack(inputs), np.stack(errors)


@torch.no_grad()
def gather_scenes(shipped, photos):
    """Return the scene head's inputs [n, 752] and the scenes [n] of the photos that have one."""
    known = [photo for photo in photos if photo.scene != NO_SCENE]
    summaries = torch.empty(len(known), shipped.network.scene.in_features)
    for row, photo in zip(summaries, known, strict=True):
        row[:] = summarise_photo(shipped, np.ascontiguousarray(photo.read()))
    return summaries, torch.tensor([photo.scene for photo in known])


def summarise_photo(shipped, rgb):
    """Return the scene head's input [752] for a photo, uint8 RGB, squeezed to the square that ships."""
    side = shipped.shipping.shown_side
    small = cv2.resize(rgb, (side, side), interpolation=cv2.INTER_AREA)
    lightness = torch.from_numpy(lightness_of(small))[None, None]
    features, _ = shipped.network.encode(lightness, torch.zeros(1, 3, side, side))
    return summarise(features)[0]


def fit_scenes(summaries, scenes):
    """Return the weights of the scene head, as in a state dict, by logistic regression."""
    mean, scale = summaries.mean(0), summaries.std(0) + 1e-5
    standard = (summaries - mean) / scale
    head = torch.nn.Linear(summaries.shape[1], SCENES)
    torch.nn.init.zeros_(head.weight)
    optimizer = torch.optim.LBFGS(head.parameters(), max_iter=80)

    def loss():
        optimizer.zero_grad()
        value = F.cross_entropy(head(standard), scenes) + PENALTY * head.weight.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    weight = head.weight.detach() / scale
    return {"scene.weight": weight, "scene.bias": head.bias.detach() - weight @ mean}


def fit_ridge(inputs, targets):
    """Return weights and offset of the ridge regression of targets (n,) on standardised inputs (n, m)."""
    mean, scale = inputs.mean(0), inputs.std(0) + 1e-6
    standard = (inputs - mean) / scale
    gram = standard.T @ standard + RIDGE * len(standard) * np.eye(standard.shape[1])
    weights = np.linalg.solve(gram, standard.T @ (targets - targets.mean())) / scale
    return weights, float(targets.mean() - mean @ weights)


if __name__ == "__main__":
    main()
