"""The ways to colour a photo: one interface, the registry of all, and one file a family of networks.

May import `colorizer.color`, `colorizer.weights` and what these may.
"""
