"""The parts that the library, the HTTP service and the command line are made of."""

import os

__version__ = "0.1.0"

# Unless this is set before it is imported, ONNX Runtime tells its maker about its use. We send nothing to anyone.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
