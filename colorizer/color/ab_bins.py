"""The 313 ab bins of Zhang, Isola, Efros 2016, "Colorful Image Colorization": the ab plane in tens."""

import numpy as np

STEP = 10  # Lab units between neighbouring bins
NEIGHBOURS = 5  # a colour is shared among its five nearest bins ...
SIGMA = 5.0  # ... by a Gaussian of this many Lab units (section 2.2 of the paper)
ANNEALING = 0.38  # the paper's temperature: between the mean (1) and the most likely bin (0)

# The first and last b of each row of bins, a ascending. 51 of the 313 lie outside what 8-bit sRGB can
# show, so the table cannot be derived from the gamut.
ROWS = {
    -90: (50, 90),
    -80: (20, 90),
    -70: (0, 90),
    -60: (-20, 90),
    -50: (-30, 100),
    -40: (-40, 100),
    -30: (-50, 100),
    -20: (-50, 100),
    -10: (-60, 100),
    0: (-70, 100),
    10: (-80, 90),
    20: (-80, 90),
    30: (-90, 90),
    40: (-100, 90),
    50: (-100, 80),
    60: (-110, 80),
    70: (-110, 80),
    80: (-110, 70),
    90: (-110, 70),
    100: (-90, 0),
}

CENTRES = np.array(
    [(a, b) for a, (first, last) in ROWS.items() for b in range(first, last + STEP, STEP)], np.float32
)  # (313, 2), ascending by a, then b


def encode(ab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Share colours among their nearest bins.

    ab: (..., 2), Lab units.
    Returns (indices, weights): int64 and float32, both (..., 5), nearest first; the weights sum to 1.
    """
    ab = np.asarray(ab, np.float32)
    squared = ((ab[..., None, :] - CENTRES) ** 2).sum(-1)  # (..., 313)
    indices = np.argsort(squared, axis=-1, kind="stable")[..., :NEIGHBOURS]
    squared = np.take_along_axis(squared, indices, -1)
    weights = np.exp(
        (squared[..., :1] - squared) / (2 * SIGMA**2)
    )  # relative to the nearest: no underflow far off
    return indices, (weights / weights.sum(-1, keepdims=True)).astype(np.float32)


def softmax(logits: np.ndarray) -> np.ndarray:
    """Turn logits (..., 313) into probabilities (..., 313), float32."""
    exponentials = np.exp(logits - logits.max(-1, keepdims=True))
    probabilities: np.ndarray = exponentials / exponentials.sum(-1, keepdims=True)
    return probabilities.astype(np.float32)


def annealed_mean(probabilities: np.ndarray, temperature: float = ANNEALING) -> np.ndarray:
    """Return the mean colour (..., 2) in Lab units of distributions (..., 313), sharpened by `temperature`.

    Temperature 1 is the plain mean; towards 0 it becomes the most likely bin (equation 5 of the paper).
    """
    logarithms = np.log(np.maximum(np.asarray(probabilities, np.float32), np.finfo(np.float32).tiny))
    return softmax(logarithms / temperature) @ CENTRES


def entropy_confidence(probabilities: np.ndarray) -> np.ndarray:
    """Return 1 - entropy / log 313 of distributions (..., 313): 1 if certain, 0 if uniform."""
    probabilities = np.asarray(probabilities, np.float32)
    logarithms = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny))
    confidence: np.ndarray = 1 + (probabilities * logarithms).sum(-1) / np.log(len(CENTRES))
    return confidence
