import numpy as np
import pytest

from colorizer.color.superpixels import cut_superpixels


def two_halves(height=64, width=96):
    lightness = np.full((height, width), 40, np.float32)
    lightness[:, width // 2 :] = 80
    return lightness


@pytest.mark.parametrize("shape", [(16, 16), (32, 128), (192, 192), (160, 224)])
def test_every_cell_is_in_one_piece_and_no_piece_is_empty(shape):
    pieces = cut_superpixels(np.random.default_rng(1).uniform(0, 100, shape).astype(np.float32))
    assert pieces.labels.shape == shape
    assert sorted(set(pieces.labels.ravel())) == list(range(len(pieces.sizes)))
    assert pieces.sizes.sum() == pieces.labels.size
    assert 30 <= pieces.sizes.mean() <= 90


def test_pieces_keep_to_edges():
    pieces = cut_superpixels(two_halves())
    means = pieces.means(two_halves())
    assert (np.minimum(abs(means - 40), abs(means - 80)) < 8).all()
