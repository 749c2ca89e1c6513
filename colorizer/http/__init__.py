"""The HTTP service: `application.create_app` puts the parts together.

May import everything below it, but neither commands nor the album.
"""
