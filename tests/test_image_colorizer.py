import image_colorizer
from colorizer import pipeline


def test_the_face_has_the_public_names_and_nothing_else():
    names = {name for name in vars(image_colorizer) if not name.startswith("_")}
    assert sorted(image_colorizer.__all__) == image_colorizer.__all__
    assert names | {"__version__"} == set(image_colorizer.__all__)
    assert image_colorizer.ImageColorizer is pipeline.ImageColorizer
