"""Make the model card's picture, docs/pictures/colornet.jpg: `python docs/make_model_card_picture.py`.

All the photos with clear terms that we have (sources: NOTICE), good and bad alike: the lightness alone, what
colornet makes of it, and the true colours. Wants matplotlib and scikit-learn, which carry three of them.
"""

import numpy as np
import skimage.data
from make_pictures import FILE, QUALITY, row, stack
from matplotlib import cbook, image
from sklearn.datasets import load_sample_image

from image_colorizer import ImageColorizer

FROM_SKIMAGE = ("astronaut", "chelsea", "coffee", "rocket")
FROM_SKLEARN = ("china.jpg", "flower.jpg")


def main() -> None:
    """Write the picture."""
    photos = [getattr(skimage.data, name)() for name in FROM_SKIMAGE]
    photos += [load_sample_image(name) for name in FROM_SKLEARN]
    photos.append(image.imread(cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)))
    colorizer = ImageColorizer("colornet")
    rows = [row(np.ascontiguousarray(photo), colorizer) for photo in photos]
    stack(rows).save(FILE.with_name("colornet.jpg"), quality=QUALITY, optimize=True)


if __name__ == "__main__":
    main()
