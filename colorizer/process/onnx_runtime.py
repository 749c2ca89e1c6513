"""ONNX Runtime, imported so that it reports nothing to its maker: we send nothing to anyone.

It reads ORT_DISABLE_TELEMETRY once, while it is imported; its own `disable_telemetry_events` would come after
it has begun a database of events in the user's folder. The variable is put back, for it is the host's. Where
the host has imported ONNX Runtime before us, the host has decided.
"""

import os

VARIABLE = "ORT_DISABLE_TELEMETRY"

_before = os.environ.get(VARIABLE)
os.environ[VARIABLE] = "1"
try:
    import onnxruntime
finally:
    if _before is None:
        del os.environ[VARIABLE]
    else:
        os.environ[VARIABLE] = _before

__all__ = ["onnxruntime"]
