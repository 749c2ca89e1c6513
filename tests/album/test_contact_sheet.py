import io

import numpy as np
import pytest
from PIL import Image

from colorizer.album.contact_sheet import PANEL_SIDE, contact_sheet, side_by_side
from colorizer.album.result_format import is_result

RED, BLUE = (200, 30, 30), (30, 30, 200)


def picture(width: int, height: int, color: tuple[int, int, int]) -> Image.Image:
    return Image.new("RGB", (width, height), color)


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def columns_of(sheet: Image.Image, color: tuple[int, int, int], tolerance: int = 0) -> np.ndarray:
    """Return the x of the columns that hold many pixels of a colour."""
    close = (abs(np.asarray(sheet).astype(int) - color) <= tolerance).all(axis=2)
    return np.flatnonzero(close.sum(axis=0) > 20)


def test_pictures_stand_from_left_to_right_and_do_not_touch():
    sheet = side_by_side({"one": picture(60, 40, RED), "another": picture(60, 40, BLUE)})
    red, blue = columns_of(sheet, RED), columns_of(sheet, BLUE)
    assert len(red) == len(blue) == 60
    assert red.max() + 1 < blue.min()


def test_each_has_its_label_below():
    plain, labelled = (side_by_side({label: picture(60, 40, RED)}) for label in ("", "colornet"))
    below = np.asarray(labelled)[60:]
    assert (np.asarray(plain)[60:] == 255).all()
    assert (below < 128).any()


def test_a_label_wider_than_its_picture_is_whole():
    sheet = side_by_side({"richzhang-norebal": picture(4, 40, RED)})
    assert (np.asarray(sheet)[:, -8:] == 255).all()
    assert sheet.width > 120


def test_large_pictures_are_reduced_and_small_ones_are_not_enlarged():
    sheet = side_by_side({"large": picture(2000, 1000, RED), "small": picture(30, 60, BLUE)})
    assert len(columns_of(sheet, RED)) == PANEL_SIDE
    assert len(columns_of(sheet, BLUE)) == 30


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_a_sheet_is_a_jpeg_with_our_note(depth):
    gray = Image.fromarray(np.full((40, 60), np.iinfo(depth).max // 2, depth))
    sheet = contact_sheet(png(gray), {"red": png(picture(60, 40, RED)), "blue": png(picture(60, 40, BLUE))})
    assert is_result(sheet)
    shown = Image.open(io.BytesIO(sheet))
    assert shown.format == "JPEG"
    gray_x, red_x, blue_x = (columns_of(shown, color, 12) for color in ((127, 127, 127), RED, BLUE))
    assert gray_x.min() < red_x.min() < blue_x.min()
