import io

import pytest
from PIL import Image

from colorizer.errors import BadField
from colorizer.photo.mask import SIDE, read_mask


def png(width, height, mode="RGBA", color=(10, 20, 30, 255)):
    file = io.BytesIO()
    Image.new(mode, (width, height), color).save(file, "PNG")
    return file.getvalue()


@pytest.mark.parametrize("size", [(640, 480), (64, 48), (213, 160), (1, 1), (3, 2)])
def test_a_mask_may_have_any_size_of_the_photo_s_proportions(size):
    assert read_mask(png(*size), 640, 480)[0, 0].tolist() == [10, 20, 30, 255]


def test_a_palette_and_gray_and_colours_without_alpha_are_read_too():
    assert read_mask(png(4, 4, "RGB", (1, 2, 3)), 8, 8)[0, 0].tolist() == [1, 2, 3, 255]
    assert read_mask(png(4, 4, "LA", (7, 0)), 8, 8)[0, 0].tolist() == [7, 7, 7, 0]


def test_a_large_mask_is_thinned():
    assert read_mask(png(4000, 2000), 400, 200).shape == (SIDE // 2, SIDE, 4)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\xff\xd8\xff\xe0 a jpg", "mask must be a png file"),
        (b"", "mask must be a png file"),
        (png(64, 48)[:60], "damaged"),
        (png(64, 48)[:-30], "damaged"),
        (png(48, 64), "64x48|48x64 pixels, which are not the proportions of the photo of 640x480"),
        (png(60, 48), "not the proportions"),
        (png(8000, 6000), "8000x6000 pixels; at most 16,000,000"),
    ],
)
def test_what_is_no_mask_for_the_photo_is_refused(data, sentence):
    with pytest.raises(BadField, match=sentence):
        read_mask(data, 640, 480)
