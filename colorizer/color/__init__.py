"""The colour maths on arrays: L*, ab, the 313 bins, enlargement along edges, JPEG planes, hints, tint.

May import numpy, OpenCV, `colorizer.errors` and `colorizer.process`.
"""
