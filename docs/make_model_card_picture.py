"""Make the model card's picture, docs/pictures/colornet.jpg: `python docs/make_model_card_picture.py`.

Photos that colornet never saw in training (sources and terms: NOTICE), good and bad alike: the lightness
alone, what colornet makes of it, and the true colours.
"""

from make_pictures import FILE, SHOWN, write

ALSO = ("raccoon", "photographer", "couple")


def main() -> None:
    """Write the picture."""
    write(FILE.with_name("colornet.jpg"), [*SHOWN, *ALSO])


if __name__ == "__main__":
    main()
