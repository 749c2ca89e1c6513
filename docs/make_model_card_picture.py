"""Make the model card's picture, docs/pictures/colornet.jpg: `python docs/make_model_card_picture.py`.

All the photos with clear terms that we have (sources: NOTICE), good and bad alike: the lightness alone, what
colornet makes of it, and the true colours; first those that it never saw in training, then those that it did.
Wants matplotlib, which carries one of them, on top of requirements-dev.txt.
"""

import skimage.data
from make_pictures import FILE, QUALITY, row, stack, unseen_photos

from image_colorizer import ImageColorizer

SEEN = ("astronaut", "chelsea", "coffee", "rocket")


def main() -> None:
    """Write the picture."""
    photos = [*unseen_photos(), *(getattr(skimage.data, name)() for name in SEEN)]
    colorizer = ImageColorizer("colornet")
    rows = [row(photo, colorizer) for photo in photos]
    stack(rows).save(FILE.with_name("colornet.jpg"), quality=QUALITY, optimize=True)


if __name__ == "__main__":
    main()
