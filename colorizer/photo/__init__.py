"""Between a photo's bytes and its pixels: decoders, metadata, profiles, encoders.

May import `colorizer.color`, `colorizer.process` and `colorizer.errors`.
"""
