"""Colour a black-and-white photo: the library's face.

from image_colorizer import ImageColorizer
ImageColorizer().colorize("grandma.jpg").save("grandma-colorized.jpg")
"""

from colorizer import __version__
from colorizer.album.many import Failure, colorize_many
from colorizer.album.outcome import Outcome
from colorizer.album.run import colorize_folder
from colorizer.color.hints import Hint
from colorizer.errors import ColorizerError
from colorizer.options import Look
from colorizer.photo.limits import Limits
from colorizer.pipeline import ImageColorizer
from colorizer.results import Colorized, ColorizedArray, ColorizedImage, ColorizedPhoto

__all__ = [
    "Colorized",
    "ColorizedArray",
    "ColorizedImage",
    "ColorizedPhoto",
    "ColorizerError",
    "Failure",
    "Hint",
    "ImageColorizer",
    "Limits",
    "Look",
    "Outcome",
    "__version__",
    "colorize_folder",
    "colorize_many",
]
