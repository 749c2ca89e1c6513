"""Kept files as answers: whole, in part, or only that they have not changed."""

from flask import Response, request

from colorizer.http.answers import content_disposition
from colorizer.store.images import ImageStore, StoredFile


def send_kept(images: ImageStore, file: StoredFile, media_type: str, name: str) -> Response:
    """Answer the request with a file under a name, or with the range of it that was asked for.

    It is opened here and read while it is sent. Raises NoSuchImage where it was deleted a moment ago.
    """
    response = Response(mimetype=media_type)
    response.headers["Content-Disposition"] = content_disposition(name)
    response.set_etag(file.digest)
    response.cache_control.private = True
    response.cache_control.no_cache = True  # it may be deleted at any moment
    response.content_length = file.size
    response.make_conditional(request, accept_ranges=True, complete_length=file.size)
    part = response.content_range
    if part:
        response.response = images.stream(file, part.start or 0, part.stop)
    elif response.status_code == 200 and request.method != "HEAD":
        response.response = images.stream(file)
    return response
