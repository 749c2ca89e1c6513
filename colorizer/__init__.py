"""The parts that the library, the HTTP service and the command line are made of."""

import os

__version__ = "0.1.0"

# Set before ONNX Runtime is imported, or it reports its use to its maker. We send nothing to anyone.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
