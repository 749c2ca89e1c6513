"""The headers that guard every answer."""

# Scripts and styles come from files of ours only; pictures also from what the page has made or received.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' blob: data:; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

# Where films are taken the page plays them, and may record one by the camera if the visitor lets it.
FILM_HEADERS = {
    **SECURITY_HEADERS,
    "Content-Security-Policy": f"{POLICY}; media-src 'self' blob:",
    "Permissions-Policy": "camera=(self), geolocation=(), microphone=(self)",
}

# Of our own scripts, styles and pictures, which are no documents; forty of them come with the first load.
FILE_HEADERS = {
    name: SECURITY_HEADERS[name] for name in ("Cross-Origin-Resource-Policy", "X-Content-Type-Options")
}

# What scripts of the origins in COLORIZER_CORS_ORIGINS may read beside the body.
CORS_HEADERS = [
    *("Content-Disposition", "Retry-After", "Server-Timing", "X-Confidence", "X-Request-Id", "X-Strategy")
]

COOKIE = "colorizer-owner"  # by which a browser is known whose images are kept
