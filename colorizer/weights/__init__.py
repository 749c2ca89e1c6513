"""The networks' files: what the manifest says of them, how they are fetched, whether they are intact.

May import `colorizer.errors` and `colorizer.process`.
"""
