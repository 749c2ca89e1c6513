"""Fixtures that more than one test module uses."""

import signal

from generated_weights import generated_models

__all__ = ["generated_models"]

# Whoever runs the tests in the background may let them ignore Ctrl-C, and so would all that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)
