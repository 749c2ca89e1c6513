"""Colour a black-and-white photo: the library's face.

from image_colorizer import ImageColorizer
result = ImageColorizer("colornet").colorize(open("grandma.jpg", "rb").read())
open("grandma-colorized.jpg", "wb").write(result.data)
"""

from colorizer import __version__
from colorizer.color.hints import Hint
from colorizer.errors import ColorizerError
from colorizer.photo.image_io import Limits
from colorizer.pipeline import ColorizedPhoto, ImageColorizer

__all__ = ["ColorizedPhoto", "ColorizerError", "Hint", "ImageColorizer", "Limits", "__version__"]
