"""Fixtures that more than one test module uses."""

from generated_weights import generated_models

__all__ = ["generated_models"]
