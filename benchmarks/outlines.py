"""Outlines of things on photos with clear terms, drawn by hand, in pixels: what a correction should fill."""

from collections.abc import Iterator

import cv2
import numpy as np
from skimage import data
from sklearn.datasets import load_sample_image

PHOTOS = {
    "astronaut": data.astronaut,
    "coffee": data.coffee,
    "chelsea": data.chelsea,
    "rocket": data.rocket,
    "china": lambda: load_sample_image("china.jpg"),
    "flower": lambda: load_sample_image("flower.jpg"),
}
# (photo, thing): x and y of its corners, one after the other
OUTLINES = {
    ("astronaut", "hair"): "152 90 155 50 180 22 225 15 265 25 295 55 298 90 285 118 270 122 265 90"
    " 240 75"
    " 200 80 180 95 178 122 165 118",
    ("astronaut", "face"): "180 95 200 82 240 78 265 92 268 125 262 155 240 185 215 182 190 160 180 130",
    ("astronaut", "suit"): "125 210 95 225 60 265 30 330 20 400 30 440 60 470 100 495 140 470 170 470"
    " 220 480 245 480 270 430 290 390 330 360 357 345 345 310 320 265 310 240 290 275 250 290 200 285 160 270"
    " 130 240",
    ("astronaut", "visor"): "280 500 285 440 305 400 345 375 400 370 440 385 470 410 485 450 480"
    " 490 470 511"
    " 285 511",
    ("coffee", "coffee"): "205 155 215 125 250 105 290 97 335 105 365 130 368 150 345 175 310 185"
    " 260 185"
    " 220 175",
    ("coffee", "saucer"): "80 215 85 170 110 115 150 80 172 75 175 105 190 160 215 200 260 225 200"
    " 260 195 290"
    " 225 305 250 270 262 240 310 240 340 235 325 270 335 305 365 322 400 300 405 265 390 220 405 160 410 100"
    " 440 120 470 170 478 225 465 285 430 335 370 370 300 382 220 370 150 335 105 285",
    ("chelsea", "left eye"): "138 110 150 92 175 88 198 100 203 120 195 140 172 148 150 138",
    ("chelsea", "right eye"): "298 135 308 115 330 110 345 125 343 150 325 165 305 160",
    ("chelsea", "nose"): "232 240 245 228 275 228 290 238 278 258 262 268 245 258",
    ("rocket", "sky"): "90 0 560 0 570 200 590 360 440 360 335 370 333 180 320 130 310 180 308 370"
    " 215 370"
    " 100 350 20 360 60 150",
    ("rocket", "rocket"): "312 175 316 140 322 130 330 140 334 175 332 405 312 405",
    ("china", "pagoda"): "205 30 215 50 230 75 280 110 318 125 300 140 310 165 332 178 300 200 310"
    " 235 352 250"
    " 320 270 330 300 370 330 340 360 300 395 230 400 160 365 75 340 85 310 60 265 100 240 105 200 85 175"
    " 105 150 100 125 150 90 190 60 196 40",
    ("china", "sky"): "0 0 640 0 640 130 590 135 560 180 545 205 320 200 330 178 320 130 230 75 205"
    " 30 190 60"
    " 100 125 90 175 75 205 0 140",
    ("china", "water"): "330 210 430 220 560 215 550 270 470 285 400 300 335 290 350 250 320 250",
    ("china", "trees"): "380 310 440 290 520 300 560 275 640 300 640 427 330 427 370 360",
    ("flower", "flower"): "307 85 360 95 405 128 435 175 444 222 435 270 405 317 360 348 307 359"
    " 254 348 209 317"
    " 180 270 170 222 180 175 209 128 254 95",
    ("flower", "second flower"): "285 427 300 390 340 378 400 378 450 420 470 427",
}


def things() -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield each thing's name, its photo (uint8 RGB), and where it is on it (bool (h, w))."""
    for (photo, thing), corners in OUTLINES.items():
        rgb = PHOTOS[photo]()
        inside = np.zeros(rgb.shape[:2], np.uint8)
        cv2.fillPoly(inside, [np.array(corners.split(), np.int32).reshape(-1, 2)], 1)
        yield f"{photo}, {thing}", rgb, inside.astype(bool)
