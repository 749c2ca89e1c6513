"""Text answers, packed by gzip for clients that take it; the page and its files are packed already."""

import gzip

from flask import Flask, Response, request

from colorizer.http.problems import MEDIA_TYPE
from colorizer.http.static_files import GZIP

TEXTS = ("application/json", MEDIA_TYPE, "text/plain")
SHORTEST = 500  # bytes; a shorter answer goes into one packet as it is
LONGEST = (
    128 * 1024
)  # a longer one is a photo in base64, of which gzip saves a quarter and costs more than it does
LEVEL = 6


def add_compression(app: Flask) -> None:
    """Pack text; what is packed already, and what is sent piece by piece, stays as it is."""

    @app.after_request
    def compress(response: Response) -> Response:
        if response.mimetype not in TEXTS or response.is_streamed or response.content_encoding:
            return response
        response.vary.add("Accept-Encoding")
        length = response.content_length or 0
        if request.accept_encodings[GZIP] > 0 and SHORTEST <= length <= LONGEST:
            response.set_data(gzip.compress(response.get_data(), LEVEL, mtime=0))
            response.content_encoding = GZIP
        return response
