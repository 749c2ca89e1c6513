"""The parts that the library, the HTTP service and the command line are made of."""

__version__ = "0.1.0"
