"""Measure a strategy or a checkpoint: `python -m training.evaluate --photos DIR --strategy colornet`.

Everything is measured on what the viewer sees: the photo's lightness is shown to the network at the
strategy's size, the predicted ab is enlarged as the product does, limited to what sRGB can show, and
compared with the true photo. Gray, the photo without its colours, stands beside it.

References
----------
Zhang, Isola, Efros 2016: AuC, and AuC with each bin of colours counting the same ("rebalanced").
Hasler, Suesstrunk 2003, "Measuring colourfulness in natural images".
Sharma, Wu, Dalal 2005: CIEDE2000. Wang et al. 2004: SSIM.
"""

import argparse
import json
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from scipy.stats import spearmanr
from skimage.color import deltaE_ciede2000
from skimage.metrics import structural_similarity
from tqdm import tqdm

from colorizer.color import ab_bins
from colorizer.color.hints import Hint
from colorizer.color.lab import lab_to_rgb, lightness_of, rgb_to_lab
from colorizer.stages import join, open_photo, predict, show
from colorizer.strategies.base import Prediction, Strategy
from colorizer.strategies.colornet import shown_size
from colorizer.strategies.registry import create_strategy
from training.collection import (
    KNOWN,
    NO_SCENE,
    SCENES,
    Photo,
    colorfulness,
    list_measured_only,
    list_photos,
    split_folder,
)
from training.data import encode_by_table
from training.export import SHIPPED, Shipped, Shipping, load_shipped
from training.model import NETWORKS
from training.recognize import Recognition
from training.things import list_things, variation

LARGEST_ERROR = 150.0  # thresholds of AuC run from 0 to this, in ab units
NEUTRAL_CHROMA = 6.0  # a photo of less mean chroma counts as plain
HINT_COUNTS = (0, 1, 3, 10, 30)
HINT_PHOTOS = 200  # of the photos, as each needs five predictions
LEFT_OUT = ("scene_right", "source", "variation", "variation_truth")  # of the columns: not known of all
SHEET_PHOTOS, SHEET_COLUMNS, TILE = 48, 3, 176


torch.set_num_threads(1)  # more only wait for each other on a machine that is busy


class CheckpointStrategy(Strategy):
    """The averaged weights of a checkpoint as a strategy of the product, in PyTorch."""

    def __init__(self, network, shipping: Shipping = SHIPPED):
        super().__init__(Path("models"))
        self.network, self.shipping = network.eval(), shipping
        self.takes_hints = isinstance(network, Shipped)

    def network_size(self, width, height):
        return shown_size(width, height, self.shipping.shown_side)

    @torch.no_grad()
    def predict(self, lightness, hints=None):
        hints = np.zeros((*lightness.shape, 3), np.float32) if hints is None else hints
        output = self.network(
            torch.from_numpy(lightness)[None, None], torch.from_numpy(hints).permute(2, 0, 1)[None]
        )
        if not isinstance(output, tuple):  # a network without distribution
            return Prediction(output.ab[0].permute(1, 2, 0).numpy())
        ab, confidence, _, scene, _ = (value[0].numpy() for value in output)
        name = SCENES[scene.argmax()], float(scene.max())
        return Prediction(ab.transpose(1, 2, 0).copy(), float(confidence.mean()), confidence[0], name)


def load_checkpoint(path: Path, shipping: Shipping = SHIPPED) -> CheckpointStrategy:
    """Return any checkpoint of training/train.py as a strategy."""
    state = torch.load(path, map_location="cpu", weights_only=True)
    name = state["settings"]["network"]
    if name == "colornet":
        return CheckpointStrategy(load_shipped(path, shipping), shipping)
    network = NETWORKS[name](pretrained=False)
    network.load_state_dict(state["average"])
    return CheckpointStrategy(network, shipping)


def colorize(strategy, rgb, hints=()):
    """Return the coloured photo (uint8 RGB), the prediction and its milliseconds."""
    photo = open_photo(rgb)
    shown = show(photo, strategy)
    began = time.perf_counter()
    prediction = predict(photo, shown, strategy, hints)
    milliseconds = 1000 * (time.perf_counter() - began)
    return join(photo, prediction.ab, shown, "array"), prediction, milliseconds


class Errors:
    """Sums of ab errors over all pixels, in all and for each bin of the true colours."""

    def __init__(self):
        self.sums, self.counts = np.zeros(len(ab_bins.CENTRES)), np.zeros(len(ab_bins.CENTRES))

    def add(self, errors, bins):
        self.sums += np.bincount(bins.ravel(), np.minimum(errors, LARGEST_ERROR).ravel(), len(self.sums))
        self.counts += np.bincount(bins.ravel(), minlength=len(self.counts))

    def auc(self):
        """Percent: the mean over thresholds of the share of pixels within the threshold."""
        return 100 * (1 - self.sums.sum() / self.counts.sum() / LARGEST_ERROR)

    def rebalanced_auc(self):
        """The same, each pixel weighted by the inverse prior of its bin, so that each bin counts once."""
        seen = self.counts > 0
        return 100 * (1 - (self.sums[seen] / self.counts[seen]).mean() / LARGEST_ERROR)


def measure(strategy: Strategy, photos: list[Photo], progress=tqdm) -> tuple[dict, list[dict]]:
    """Return the figures over all photos, and those of each photo."""
    ours, gray, rows, recognition = Errors(), Errors(), [], Recognition()
    for photo in progress(photos):
        rgb = np.ascontiguousarray(photo.read())
        result, prediction, milliseconds = colorize(strategy, rgb)
        rows.append(measure_photo(rgb, result, ours, gray) | {"milliseconds": milliseconds})
        rows[-1] |= {"confidence": prediction.confidence, "source": photo.source}
        recognition.add(rgb, gray_of(rgb), result)
        if prediction.scene and photo.scene != NO_SCENE:
            rows[-1]["scene_right"] = float(prediction.scene[0] == SCENES[photo.scene])
    return summarise(rows, ours, gray) | recognition.figures(), rows


def measure_photo(rgb, result, ours, gray):
    """Return one photo's figures and add its pixels to the sums."""
    lab, own = rgb_to_lab(rgb), rgb_to_lab(result)
    plain = gray_of(rgb)
    bins = encode_by_table(lab[:, :, 1:])[0][..., 0]
    error = np.linalg.norm(own[:, :, 1:] - lab[:, :, 1:], axis=-1)
    chroma = np.linalg.norm(lab[:, :, 1:], axis=-1)
    ours.add(error, bins)
    gray.add(chroma, bins)
    own_chroma = np.linalg.norm(own[:, :, 1:], axis=-1).mean()
    things = list_things(rgb, lab[:, :, 0])
    return {
        "ab_error": float(error.mean()),
        "psnr": psnr(result, rgb),
        "psnr_gray": psnr(plain, rgb),
        "ssim": similarity(result, rgb),
        "ssim_gray": similarity(plain, rgb),
        "ciede2000": float(deltaE_ciede2000(lab, own).mean()),
        "ciede2000_gray": float(deltaE_ciede2000(lab, lab * (1, 0, 0)).mean()),
        "colorfulness_share": colorfulness(result) / max(colorfulness(rgb), 1e-6),
        "chroma": float(own_chroma),
        "chroma_truth": float(chroma.mean()),
        "variation": variation(own[:, :, 1:], things),
        "variation_truth": variation(lab[:, :, 1:], things),
    }


def gray_of(rgb):
    """Return the photo without its colours, at the same L*: uint8 (h, w, 3)."""
    lightness = lightness_of(rgb)
    return lab_to_rgb(lightness, np.zeros((*lightness.shape, 2), np.float32))


def psnr(one, other):
    return float(-10 * np.log10(max(np.square((one.astype(np.float32) - other) / 255).mean(), 1e-10)))


def similarity(one, other):
    return float(structural_similarity(one, other, channel_axis=2))


def summarise(rows, ours, gray):
    column = {
        name: np.array([row[name] for row in rows])
        for name in rows[0]
        if name not in LEFT_OUT and (name != "confidence" or rows[0][name] is not None)
    }
    plain = column["chroma_truth"] < NEUTRAL_CHROMA
    right = [row["scene_right"] for row in rows if "scene_right" in row]
    figures = {
        "photos": len(rows),
        "auc": ours.auc(),
        "auc_gray": gray.auc(),
        "rebalanced_auc": ours.rebalanced_auc(),
        "rebalanced_auc_gray": gray.rebalanced_auc(),
        "auc_gain": ours.auc() - gray.auc(),
        "rebalanced_auc_gain": ours.rebalanced_auc() - gray.rebalanced_auc(),
        "psnr_gain": float((column["psnr"] - column["psnr_gray"]).mean()),
    }
    for name in ("psnr", "psnr_gray", "ssim", "ssim_gray", "ciede2000", "ciede2000_gray", "ab_error"):
        figures[name] = float(column[name].mean())
    figures["colorfulness_share"] = float(np.median(column["colorfulness_share"]))
    figures["chroma_share"] = float(np.median(column["chroma"] / column["chroma_truth"]))
    figures["plain_photos"] = int(plain.sum())
    figures["plain_chroma"] = float(column["chroma"][plain].mean()) if plain.any() else None
    for name in ("variation", "variation_truth"):
        values = [row[name] for row in rows if row[name] is not None]
        figures[f"within_thing_{name}"] = float(np.mean(values)) if values else None
    figures["confidence_spearman"] = rank_correlation(column) if "confidence" in column else None
    figures["scene_accuracy"] = float(np.mean(right)) if right else None
    figures["milliseconds"] = float(np.median(column["milliseconds"]))
    return figures


def rank_correlation(column):
    """Return Spearman's, or None where all photos are alike in either."""
    pair = column["confidence"], column["ab_error"]
    return float(spearmanr(*pair).statistic) if all(map(np.ptp, pair)) else None


def measure_hints(strategy: Strategy, photos: Iterable[Photo], seed: int = 1) -> dict[str, float]:
    """Return the mean PSNR after 0, 1, 3, 10 and 30 random hints, each the true colour of its spot."""
    figures = {count: [] for count in HINT_COUNTS}
    for number, photo in enumerate(photos):
        rgb = np.ascontiguousarray(photo.read())
        hints = random_hints(rgb, np.random.default_rng([seed, number]))
        for count, values in figures.items():
            values.append(psnr(colorize(strategy, rgb, hints[:count])[0], rgb))
    return {f"psnr_{count}_hints": float(np.mean(values)) for count, values in figures.items()}


def random_hints(rgb, random):
    """Return 30 hints at random pixels, each the mean colour of the 3x3 pixels there (Zhang et al. 2017)."""
    ab = cv2.blur(rgb_to_lab(rgb)[:, :, 1:], (3, 3))
    spots = random.integers(0, rgb.shape[:2], (max(HINT_COUNTS), 2))
    return [Hint(float(x), float(y), *ab[y, x].tolist()) for y, x in spots]


def write_sheet(strategy: Strategy, photos: list[Photo], path: Path) -> None:
    """Write a picture of many photos: gray, ours, truth."""
    tiles = []
    for photo in photos:
        rgb = np.ascontiguousarray(photo.read())
        gray = gray_of(rgb)
        tiles.append(np.concatenate([fit(one) for one in (gray, colorize(strategy, rgb)[0], rgb)], 1))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % SHEET_COLUMNS)
    rows = [
        np.concatenate(tiles[first : first + SHEET_COLUMNS], 1)
        for first in range(0, len(tiles), SHEET_COLUMNS)
    ]
    cv2.imwrite(str(path), np.concatenate(rows)[:, :, ::-1])


def fit(rgb):
    """Return the picture within a black square tile."""
    height, width = rgb.shape[:2]
    scale = TILE / max(height, width)
    small = cv2.resize(rgb, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
    tile = np.zeros((TILE, TILE, 3), np.uint8)
    tile[: small.shape[0], : small.shape[1]] = small
    return tile


def table(figures: dict) -> str:
    """Return the figures as a Markdown table."""
    lines = [f"| {name.replace('_', ' ')} | {format_figure(value)} |" for name, value in figures.items()]
    return "\n".join(["| measure | value |", "|---|---|", *lines]) + "\n"


def table_of_sources(rows: list[dict]) -> str:
    """Return a Markdown table of each source's photos, the worst against gray first, so that a bad one is
    seen."""
    sources = {row["source"]: [] for row in rows}
    for row in rows:
        sources[row["source"]].append(row)
    lines = [source_line(name, of_source) for name, of_source in sources.items()]
    heads = ["| PSNR over gray | mean ab error | colourfulness | photos | source |", "|---|---|---|---|---|"]
    return "\n".join(heads + [line for _, line in sorted(lines)]) + "\n"


def source_line(name, rows):
    gain = np.mean([row["psnr"] - row["psnr_gray"] for row in rows])
    error = np.mean([row["ab_error"] for row in rows])
    share = np.median([row["colorfulness_share"] for row in rows])
    return gain, f"| {gain:+.2f} | {error:.1f} | {share:.2f} | {len(rows)} | {name or '-'} |"


def format_figure(value):
    return "-" if value is None else str(value) if isinstance(value, int) else f"{value:.3f}"


def main():
    options = parse()
    strategy, photos = choose_strategy(options), choose_photos(options)
    figures, rows = measure(strategy, photos)
    if strategy.takes_hints:
        figures |= measure_hints(strategy, photos[:HINT_PHOTOS])
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "figures.json").write_text(json.dumps({"figures": figures, "photos": rows}, indent=1))
    (options.out / "figures.md").write_text(table(figures) + "\n" + table_of_sources(rows))
    write_sheet(strategy, photos[:SHEET_PHOTOS], options.out / "sheet.png")
    print((options.out / "figures.md").read_text())


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--photos", type=Path, required=True, help="folder of images, or of zip shards with their index"
    )
    parser.add_argument("--split", choices=("test", "validation", "training", "wide", "all"), default="test")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--strategy", help="a strategy of the product, as it ships")
    what.add_argument("--checkpoint", type=Path)
    parser.add_argument(
        "--unbalancing",
        type=float,
        default=SHIPPED.unbalancing,
        help="of a colornet checkpoint's decoding: higher is safer and paler",
    )
    parser.add_argument("--most", type=int, default=1000, help="photos to measure")
    parser.add_argument(
        "--out", type=Path, required=True, help="folder for figures.json, figures.md and sheet.png"
    )
    return parser.parse_args()


def choose_strategy(options):
    if options.checkpoint:
        return load_checkpoint(options.checkpoint, replace(SHIPPED, unbalancing=options.unbalancing))
    strategy = create_strategy(options.strategy)
    strategy.load()
    return strategy


def choose_photos(options):
    if options.split == "all":
        photos = list_photos(options.photos)
    elif options.split == "wide":
        photos = list_measured_only(options.photos)
    else:
        photos = split_folder(options.photos, KNOWN)[options.split]
    return photos[: options.most]


if __name__ == "__main__":
    main()
